import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

extension Generator {
  /// Examples whose first values are those given, the rest drawn one after another given all before them.
  ///
  /// - Parameters:
  ///   - examples: what is known; of values that are drawn, what they are does not matter.
  ///   - z: a row of latents for each, as `priorSamples` gives them.
  ///   - known: how many values of each example, in their order, are known.
  ///   - conditions: a row for each, for a model that is conditioned.
  /// - Throws: `LatentError` for a model that does not go through values in order, and for examples of another shape.
  public func complete(
    _ examples: Examples, _ z: [Float], known: Int, conditions: [Float] = [], seed: UInt64
  ) throws -> [Float] {
    let (model, size, latents) = (self.model, trained.model.dimensions, trained.model.latents)
    guard model.specification.isDrawn else {
      throw LatentError.usage(
        "Only a model that draws values one after another can go on with an example",
        remedy: "Use a run of a model such as pixelcnn or made, or latent reconstruct for a model of missing values")
    }
    guard examples.shape == model.exampleShape else {
      throw LatentError.usage(
        "The examples have shape \(examples.shape), the model was trained on \(model.exampleShape)",
        remedy: "Give examples of the model's shape")
    }
    let survey = ValueSurvey(range: examples.range, isBinary: examples.isBinary, isWhole: examples.isWhole)
    _ = try model.specification.decoder.likelihood.check(survey, inBound: false)
    guard (0...size).contains(known), z.count == examples.count * latents else {
      throw LatentError.usage(
        "\(known) values of \(size) cannot be known, with \(z.count / max(1, latents)) rows of latents",
        remedy: "Give at most as many values as an example has, and a row of latents for each")
    }
    try check(conditions, examples.count)
    let runner = BatchRunner(trained, shape: [size + latents]) { batch, condition in
      let graph = batch.graph
      let mask = graph.iota(shape: [size], dimension: 0, type: .float32).compare(.less, graph.constant(Double(known)))
      let drawn = model.completion(
        of: batch.slice(1, 0..<size), mask: mask.converted(to: .float32), batch.slice(1, size..<(size + latents)),
        condition: condition)
      return [drawn ?? batch]
    }
    let width = model.specification.condition.isOn ? model.specification.condition.size : 0
    var result: [Float] = []
    for range in examples.chunks(of: 64) {
      var values = [Float](repeating: 0, count: range.count * size)
      try values.withUnsafeMutableBufferPointer { try examples.copyRange(range, into: $0) }
      let rows = Array(conditions.dropFirst(range.lowerBound * width).prefix(range.count * width))
      try runner.run(
        range.count, condition: rows, RandomState(seed: derivedSeed(seed, "decode"), step: UInt64(range.lowerBound)),
        fill: { batch in
          for row in 0..<range.count {
            for place in 0..<size { batch[row * (size + latents) + place] = values[row * size + place] }
            let start = (range.lowerBound + row) * latents
            for place in 0..<latents { batch[row * (size + latents) + size + place] = z[start + place] }
          }
        },
        read: { result += $0 })
      report(Double(range.upperBound) / Double(examples.count))
    }
    return result
  }
}
