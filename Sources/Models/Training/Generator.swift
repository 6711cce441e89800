import LatentDatasets
import LatentDiagnostics
import LatentDistributions
import LatentExecution
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Everything a trained model can make: samples, codes, reconstructions, and ways through the latent space.
///
/// Rows of latents and of examples are arrays of float32 in row-major order.
public struct Generator {
  let trained: TrainedModel
  /// The model, with the settings of draws.
  let model: Model
  private let encoder: BatchRunner
  private let decoder: BatchRunner
  private let prior: BatchRunner
  private let batchSize: Int
  /// The seed of what is decoded by drawing it.
  private let drawSeed: UInt64
  /// Is told which share is done of what is drawn value by value.
  public var report: (Double) -> Void = { _ in }

  /// Creates a generator for a model.
  public init(_ trained: TrainedModel) { self.init(trained, model: trained.model, seed: 0) }

  /// Creates a generator for a model, parts of which are drawn value by value.
  ///
  /// - Parameters:
  ///   - drawing: how less variedly than the model is.
  ///   - seed: of the noise with which examples are decoded that are drawn: those of an autoregressive likelihood.
  /// - Throws: `LatentError` for settings that make no draws, and for a model without such parts.
  public init(_ trained: TrainedModel, drawing: DrawSettings, seed: UInt64) throws {
    self.init(trained, model: try trained.model.drawing(drawing), seed: seed)
  }

  private init(_ trained: TrainedModel, model: Model, seed: UInt64) {
    self.trained = trained
    // What goes value by value keeps much of each row.
    let isSlow = model.specification.isDrawn || model.specification.prior is AutoregressiveCodesPrior
    batchSize = isSlow ? 64 : 1000
    drawSeed = derivedSeed(seed, "decode")
    self.model = model
    encoder = BatchRunner(trained, shape: model.exampleShape) { [model.posteriorMean($0, condition: $1)] }
    decoder = BatchRunner(trained, shape: [model.latents]) {
      [model.likelihood($0, condition: $1, mode: .inference).mean]
    }
    prior = BatchRunner(trained, shape: [1]) { batch, condition in
      [model.generate(batch.shape[0], condition: condition, in: batch.graph)]
    }
  }

  /// The number of latents of an example.
  public var latents: Int { trained.model.latents }
  /// The shape of one example.
  public var exampleShape: [Int] { trained.model.exampleShape }
  /// What the model is given beside latents and examples.
  public var condition: Condition { trained.model.specification.condition }

  /// What a model is conditioned on for examples of given classes: one row for each.
  ///
  /// - Throws: `LatentError` for a model that is not conditioned on labels, or a class that it does not know.
  public func conditions(labels: [Int]) throws -> [Float] {
    guard condition.kind == .label else {
      throw LatentError.usage(
        "The model is not conditioned on labels",
        remedy: "Leave out --label, or train with --set model.condition.kind=label")
    }
    return try labels.flatMap { label in
      guard (0..<condition.size).contains(label) else {
        throw LatentError.usage(
          "The model knows no class \(label)", remedy: "Give --label from 0 to \(condition.size - 1)")
      }
      return (0..<condition.size).map { $0 == label ? Float(1) : 0 }
    }
  }

  /// What the examples are conditioned on; empty for a model that is not.
  public func conditions(of examples: Examples) throws -> [Float] {
    try condition.completed(for: examples).isOn ? examples.conditions(condition, 0..<examples.count) : []
  }

  /// Latents drawn from the prior: `count` rows.
  ///
  /// - Parameter conditions: a row for each, for a model that is conditioned.
  /// - Throws: `LatentError` for a model that was trained without a prior, or too few conditions.
  public func priorSamples(_ count: Int, conditions: [Float] = [], seed: UInt64) throws -> [Float] {
    guard count >= 0 else {
      throw LatentError.usage("\(count) samples cannot be drawn", remedy: "Ask for 0 or more")
    }
    try check(conditions, count)
    guard trained.objective.hasPrior else {
      throw LatentError.usage(
        "A model that was trained for reconstruction alone has no prior to draw from",
        remedy: "Use `latent reconstruct` or `latent interpolate`, or train a model with a posterior")
    }
    let seed = derivedSeed(seed, "sample")
    return try gathered(count, width: latents) { body in
      for range in batches(count) {
        let random = RandomState(seed: seed, step: UInt64(range.lowerBound))
        try prior.run(range.count, condition: rows(conditions, range), random, fill: { _ in }, read: body)
        report(Double(range.upperBound) / Double(count))
      }
    }
  }

  /// The posterior means of examples: one row of latents each.
  ///
  /// - Throws: `LatentError` for examples of another shape than the model's.
  public func encode(_ examples: Examples) throws -> [Float] {
    try gathered(examples.count, width: latents) { try encode(examples, $0) }
  }

  /// The likelihoods' means, draws of an autoregressive one, given latents: one example for each row.
  ///
  /// - Parameter conditions: a row for each, for a model that is conditioned.
  /// - Throws: `LatentError` for numbers that are not whole rows, or too few conditions.
  public func decode(_ z: [Float], conditions: [Float] = []) throws -> [Float] {
    try gathered(rows(of: z), width: trained.model.dimensions) { try decode(z, conditions: conditions, $0) }
  }

  /// The likelihoods' means, draws of an autoregressive one, given the posterior means of examples; of an example with missing values, the example itself
  /// with these in the place of the missing ones.
  public func reconstruct(_ examples: Examples) throws -> [Float] {
    var result = try decode(encode(examples), conditions: conditions(of: examples))
    guard examples.hasMissing else { return result }
    var known = [Float](repeating: 0, count: result.count)
    try known.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    for (place, value) in known.enumerated() where !value.isNaN { result[place] = value }
    return result
  }

  /// The posterior means of examples, batch by batch: what is passed on is overwritten by the next batch.
  public func encode(_ examples: Examples, _ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    try trained.requireLatents()
    for range in batches(examples.count) {
      try encoder.run(examples, range, read: body)
    }
  }

  /// The likelihoods' means, draws of an autoregressive one, given latents, batch by batch: what is passed on is overwritten by the next batch.
  public func decode(
    _ z: [Float], conditions: [Float] = [], _ body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let (width, count) = (latents, try rows(of: z))
    try check(conditions, count)
    for range in batches(count) {
      try decoder.run(
        range.count, condition: rows(conditions, range),
        RandomState(seed: drawSeed, step: UInt64(range.lowerBound)),
        fill: { _ = $0.update(fromContentsOf: z[(range.lowerBound * width)..<(range.upperBound * width)]) },
        read: body)
      report(Double(range.upperBound) / Double(count))
    }
  }

  /// The plane of two latents as a grid whose rows and columns are equally spaced in probability (Kingma & Welling 2013,
  /// figure 4): side * side rows.
  ///
  /// - Throws: `LatentError` for a model with another number of latents, or fewer than one row.
  public func plane(side: Int) throws -> [Float] {
    guard latents == 2 else {
      throw LatentError.usage(
        "A manifold is drawn of two latents, but this model has \(latents)",
        remedy: "Train the preset vae-2d, or use `latent interpolate`")
    }
    guard side >= 1 else {
      throw LatentError.usage("A plane cannot have \(side) rows", remedy: "Give it 1 row or more")
    }
    let ticks = (0..<side).map { Float(standardNormalQuantile((Double($0) + 0.5) / Double(side))) }
    return ticks.reversed().flatMap { y in ticks.flatMap { x in [x, y] } }
  }

  /// Refuses to go on without a condition for each of some rows.
  func check(_ conditions: [Float], _ count: Int) throws {
    guard conditions.count != (condition.isOn ? count * condition.size : 0) else { return }
    guard condition.isOn else {
      throw LatentError.usage("The model is not conditioned on anything", remedy: "Give it no conditions")
    }
    throw LatentError.usage(
      "The model is conditioned on a \(condition.kind.rawValue), which was not given for every row",
      remedy: condition.kind == .label ? "Give --label" : "Give --attributes with \(condition.size) numbers in a row")
  }

  /// How many rows of latents these are.
  func rows(of z: [Float]) throws -> Int {
    guard z.count % latents == 0 else {
      throw LatentError.usage(
        "\(z.count) numbers are not whole rows of \(latents) latents",
        remedy: "Give \(latents) numbers for each example")
    }
    return z.count / latents
  }

  private func rows(_ conditions: [Float], _ range: Range<Int>) -> [Float] {
    let width = condition.isOn ? condition.size : 0
    return Array(conditions[(range.lowerBound * width)..<(range.upperBound * width)])
  }

  /// Rows that come batch by batch as one array, which is allocated once.
  private func gathered(
    _ count: Int, width: Int, _ batches: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void
  ) rethrows -> [Float] {
    try [Float](unsafeUninitializedCapacity: count * width) { result, filled in
      try batches { batch in
        filled = UnsafeMutableBufferPointer(rebasing: result[filled...]).update(fromContentsOf: batch) + filled
      }
    }
  }

  private func batches(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: batchSize).map { $0..<min(count, $0 + batchSize) }
  }
}
