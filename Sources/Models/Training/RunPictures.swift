import LatentDatasets
import LatentDiagnostics
import LatentFileFormats
import Foundation
import LatentVariationalAutoencoders

/// The pictures that a run keeps of what its model can do.
public enum RunPictures {
  private static func reconstructionsPath(_ folder: RunFolder) -> String { folder.samplesPath + "/reconstructions.png" }
  private static func samplesPath(_ folder: RunFolder) -> String { folder.samplesPath + "/samples.png" }

  /// The picture that is written last: a model without latents reconstructs nothing.
  private static func lastPath(_ trained: TrainedModel, _ folder: RunFolder) -> String {
    trained.model.specification.hasLatents ? reconstructionsPath(folder) : samplesPath(folder)
  }

  /// Whether a run has its pictures, or needs none because its examples are no images.
  package static func exist(_ trained: TrainedModel, in folder: RunFolder) -> Bool {
    trained.model.exampleShape.count != 3 || FileManager.default.fileExists(atPath: lastPath(trained, folder))
  }

  /// Lets the pictures be made again: training goes on, and those that are there will be of other weights.
  static func forget(_ folder: RunFolder) {
    unlink(reconstructionsPath(folder))
    unlink(samplesPath(folder))
  }

  /// Writes samples from the prior and reconstructions of examples, for models of images, as files and for TensorBoard, with
  /// histograms of the codes and of the weights beside.
  public static func write(_ trained: TrainedModel, examples: Examples, to folder: RunFolder) throws {
    let board = try TensorBoardWriter(goingOnIn: folder.path)
    let step = try folder.metrics().last?.epoch ?? 0
    try writeHistograms(trained, examples, board, step)
    let generator = try Generator(trained, drawing: DrawSettings(), seed: trained.store.seed)
    guard generator.exampleShape.count == 3 else { return }
    if trained.objective.hasPrior, generator.condition.kind != .vector {
      let (values, columns) = try samples(generator, 64) {
        try generator.priorSamples($0, conditions: $1, seed: trained.store.seed)
      }
      let samples = try grid(values, shape: generator.exampleShape, columns: columns)
      try PNG.write(samples, to: samplesPath(folder), overwrite: true)
      try board?.image("samples", samples, step: step)
    }
    guard trained.model.specification.hasLatents else { return }
    let pairs = try reconstructions(generator, examples.prefix(30), columns: 10)
    let reconstructions = try grid(pairs, shape: generator.exampleShape, columns: 10)
    try board?.image("reconstructions", reconstructions, step: step)
    try PNG.write(reconstructions, to: reconstructionsPath(folder), overwrite: true)
  }

  /// The posterior means of each of the first 32 latents, and every variable.
  private static func writeHistograms(
    _ trained: TrainedModel, _ examples: Examples, _ board: TensorBoardWriter?, _ step: Int
  ) throws {
    guard let board else { return }
    if trained.model.specification.hasLatents {
      let generator = Generator(trained)
      let codes = try generator.encode(examples.prefix(500))
      for latent in 0..<min(32, generator.latents) {
        let values = stride(from: latent, to: codes.count, by: generator.latents).map { codes[$0] }
        try board.histogram("codes/z\(latent)", values, step: step)
      }
    }
    for variable in trained.model.variables where variable.type == .float32 {
      try board.histogram("weights/\(variable.name)", trained.store.value(of: variable).floats, step: step)
    }
  }

  /// Examples decoded from draws of latents, and how many make a row of a picture. Of a model that is conditioned on labels
  /// every row shows one draw under each label, so that style is the same across it, unless the prior depends on the label.
  ///
  /// - Parameter draw: gives so many rows of latents under such conditions.
  package static func samples(
    _ generator: Generator, _ count: Int, drawing draw: (_ count: Int, _ conditions: [Float]) throws -> [Float]
  ) throws -> (values: [Float], columns: Int) {
    guard generator.condition.kind == .label else {
      return (try generator.decode(draw(count, [])), Int(Double(count).squareRoot().rounded(.up)))
    }
    let classes = generator.condition.size
    let rows = max(1, count / classes)
    let conditions = try generator.conditions(labels: (0..<(rows * classes)).map { $0 % classes })
    // Where the prior depends on the label, a draw is one of its label.
    guard !generator.condition.prior else {
      return (try generator.decode(draw(rows * classes, conditions), conditions: conditions), classes)
    }
    let styles = try draw(rows, generator.conditions(labels: [Int](repeating: 0, count: rows)))
    let z = (0..<(rows * classes)).flatMap { cell in
      styles[(cell / classes * generator.latents)..<((cell / classes + 1) * generator.latents)]
    }
    return (try generator.decode(z, conditions: conditions), classes)
  }

  /// Rows of examples, each followed by the row of their reconstructions; the last row is filled up with zeros.
  package static func reconstructions(_ generator: Generator, _ examples: Examples, columns: Int) throws -> [Float] {
    let size = examples.dimensions
    var originals = [Float](repeating: 0, count: examples.count * size)
    try originals.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    let copies = try generator.reconstruct(examples)
    var result: [Float] = []
    for first in stride(from: 0, to: examples.count, by: columns) {
      let range = (first * size)..<(min(examples.count, first + columns) * size)
      let gap = [Float](repeating: 0, count: columns * size - range.count)
      result += originals[range] + gap + copies[range] + gap
    }
    return result
  }

  /// Examples in a grid, magnified so that small images can be seen.
  ///
  /// - Throws: `LatentError` for examples that are no images.
  package static func grid(_ values: [Float], shape: [Int], columns: Int) throws -> Image {
    guard shape.count == 3, shape[2] == 1 || shape[2] == 3 else {
      throw LatentError.usage(
        "Examples of shape \(shape) cannot be drawn", remedy: "Give --out a name that ends in .npy")
    }
    let count = values.count / max(1, shape.reduce(1, *))
    let used = max(1, min(columns, count))
    let scale = max(1, 96 / max(1, shape[0]))
    return try ImageGrid.draw(values, shape: shape, rows: (count + used - 1) / used, columns: used, scale: scale)
  }
}
