import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

extension Generator {
  /// How many codes an example has, and how many indices each; `nil` for a model without codes.
  public var codeShape: [Int]? {
    let model = trained.model
    return model.codebooks.isEmpty ? nil : [model.codesPerExample, model.codebooks.count]
  }

  /// The codes of examples: one example after another, of each its codes, of each its indices.
  ///
  /// - Throws: `LatentError` for a model without codes.
  public func codes(of examples: Examples) throws -> [Int32] {
    _ = try requireCodes()
    let model = trained.model
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      [model.codes(batch, condition: condition)?.converted(to: .float32) ?? batch]
    }
    var codes: [Int32] = []
    for range in examples.chunks(of: 500) {
      try runner.run(examples, range) { codes += $0.map(Int32.init) }
    }
    return codes
  }

  /// The latents of codes, as `decode` takes them.
  ///
  /// - Parameters:
  ///   - codes: rows of [codes, indices].
  ///   - indices: how many indices each code has here: all, or of a residual quantiser the first of them.
  /// - Throws: `LatentError` for a model without codes, rows that are not whole, and codes that are not in the books.
  public func latents(ofCodes codes: [Int32], indices: Int) throws -> [Float] {
    let shape = try requireCodes()
    let model = trained.model
    let isStaged = (model.specification.encoder.posterior as? QuantizedPosterior)?.quantizer is ResidualQuantizer
    guard indices == shape[1] || (isStaged && (1..<shape[1]).contains(indices)), codes.count % (shape[0] * indices) == 0
    else {
      throw LatentError.usage(
        "Codes of \(indices) indices are not those of the model, which has \(shape[0]) of \(shape[1]) for an example",
        remedy: "Give codes that `latent encode` wrote for this run")
    }
    for (place, code) in codes.enumerated() where !(0..<Int32(model.codebooks[place % indices])).contains(code) {
      throw LatentError.usage(
        "There is no code \(code) among \(model.codebooks[place % indices])",
        remedy: "Give codes that `latent encode` wrote for this run")
    }
    let width = shape[0] * indices
    // What a model is conditioned on is the decoder's affair.
    let unused = model.specification.condition.isOn ? model.specification.condition.size : 0
    let runner = BatchRunner(trained, shape: [shape[0], indices]) { batch, _ in
      [model.latents(ofCodes: batch.converted(to: .int32)) ?? batch]
    }
    var latents: [Float] = []
    for first in stride(from: 0, to: codes.count / width, by: 500) {
      let rows = first..<min(first + 500, codes.count / width)
      try runner.run(
        rows.count, condition: [Float](repeating: 0, count: rows.count * unused), RandomState(seed: 0),
        fill: {
          _ = $0.update(fromContentsOf: codes[(rows.lowerBound * width)..<(rows.upperBound * width)].map(Float.init))
        },
        read: { latents += $0 })
    }
    return latents
  }

  private func requireCodes() throws -> [Int] {
    guard let codeShape else {
      throw LatentError.usage(
        "The model has no codes", remedy: "Use a run of a preset with codes, such as vq-vae")
    }
    return codeShape
  }
}
