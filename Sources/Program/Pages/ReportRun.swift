import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentFileFormats
import LatentTraining
import LatentVariationalAutoencoders

/// What a report shows of one run.
package struct ReportRun {
  /// What the run is called.
  package let name: String
  /// How it was made.
  let configuration: RunConfiguration
  /// The figures of each epoch.
  let metrics: [EpochMetrics]
  /// What was measured when the report was made; nothing of a run that is still in its first epoch.
  let groups: [FigureGroup]
  /// What seems to be wrong.
  let diagnosis: Diagnosis?
  /// Pictures by what they show, as they are named in the order of the report.
  let pictures: [Picture]
  /// The latents, the one that matters most first.
  let order: LatentOrder?
  /// The codes of some examples along the two first of them.
  let map: CodeMap?

  /// A picture of a report.
  struct Picture {
    let title: String
    let caption: String
    let image: Image
  }

  /// Points of codes, and the class of each where there are labels.
  struct CodeMap {
    let points: [(x: Double, y: Double)]
    let labels: [Int]
    let axes: (Int, Int)
  }

  /// A run that has no weights yet: its configuration and its figures alone.
  package init(name: String, configuration: RunConfiguration, metrics: [EpochMetrics]) {
    self.name = name
    self.configuration = configuration
    self.metrics = metrics
    (groups, diagnosis, pictures, order, map) = ([], nil, [], nil, nil)
  }

  /// Draws and orders what a finished run, or one that has an epoch behind it, can show.
  ///
  /// - Parameters:
  ///   - findings: what was measured.
  ///   - examples: examples of the model's shape, of which pictures and points are made.
  ///   - seed: of the draws.
  package init(
    name: String, configuration: RunConfiguration, metrics: [EpochMetrics], trained: TrainedModel,
    groups: [FigureGroup], diagnosis: Diagnosis?, examples: Examples, seed: UInt64
  ) throws {
    self.name = name
    self.configuration = configuration
    self.metrics = metrics
    self.groups = groups
    self.diagnosis = diagnosis
    let hasLatents = trained.model.specification.hasLatents
    let some = examples.prefix(1000)
    let order = hasLatents ? try Evaluator(trained, seed: seed).latentOrder(some) : nil
    self.order = order
    map = try order.flatMap { try Self.map(trained, some, $0) }
    pictures = try Self.pictures(trained, some, order, seed: seed)
  }

  private static func map(_ trained: TrainedModel, _ examples: Examples, _ order: LatentOrder) throws -> CodeMap? {
    guard order.latents.count >= 2 else { return nil }
    let codes = try Generator(trained).encode(examples)
    let (x, y, width) = (order.latents[0], order.latents[1], order.measure.count)
    return CodeMap(
      points: (0..<examples.count).map { (Double(codes[$0 * width + x]), Double(codes[$0 * width + y])) },
      labels: (examples.labels ?? []).map(Int.init), axes: (x, y))
  }

  private static func pictures(
    _ trained: TrainedModel, _ examples: Examples, _ order: LatentOrder?, seed: UInt64
  ) throws -> [Picture] {
    let shape = trained.model.exampleShape
    guard shape.count == 3, [1, 3].contains(shape[2]) else { return [] }
    let generator = try Generator(trained, drawing: DrawSettings(), seed: seed)
    var pictures: [Picture] = []
    func add(_ title: String, _ caption: String, _ values: [Float], columns: Int) throws {
      pictures.append(
        Picture(title: title, caption: caption, image: try RunPictures.grid(values, shape: shape, columns: columns)))
    }
    if trained.objective.hasPrior, generator.condition.kind != .vector {
      let (values, columns) = try RunPictures.samples(generator, 64) {
        try generator.priorSamples($0, conditions: $1, seed: seed)
      }
      try add(
        "Samples",
        "Decoded draws from the prior"
          + (generator.condition.isOn ? ": a class in each column, a draw in each row" : ""),
        values, columns: columns)
    }
    guard let order, !trained.model.specification.isDrawn else { return pictures }
    try add(
      "Reconstructions", "Examples, and below each what its posterior's mean decodes to",
      RunPictures.reconstructions(generator, examples.prefix(30), columns: 10), columns: 10)
    guard examples.count >= 12 else { return pictures }
    let codes = try generator.encode(examples.prefix(12))
    let (width, conditions) = (generator.latents, try generator.conditions(of: examples.prefix(12)))
    let size = conditions.count / 12
    func rows(_ values: [Float], _ width: Int, _ places: [Int]) -> [Float] {
      places.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
    }
    let (starts, ends, steps) = ([0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11], 10)
    let ways = try generator.ways(
      .linear, from: rows(codes, width, starts), to: rows(codes, width, ends), steps: steps)
    let alongWays = rows(conditions, size, starts.flatMap { [Int](repeating: $0, count: steps) })
    try add(
      "Interpolations", "From one example's code to another's, in a straight line",
      generator.decode(ways, conditions: alongWays), columns: steps)
    let varied = Array(order.latents.prefix(10))
    let traversal = generator.traversal(of: rows(codes, width, [0]), latents: varied, range: 3, steps: 11)
    try add(
      "Traversals",
      "One latent in each row, from -3 to 3, around the first example: "
        + varied.map { "z\($0)" }.joined(separator: ", ") + (order.isRate ? " (largest rates first)" : ""),
      generator.decode(traversal, conditions: rows(conditions, size, [Int](repeating: 0, count: varied.count * 11))),
      columns: 11)
    if width == 2, !generator.condition.isOn {
      try add(
        "Manifold", "The plane of the two latents, rows and columns equally spaced in probability",
        generator.decode(generator.plane(side: 15)), columns: 15)
    }
    return pictures
  }
}
