import Datasets
import Diagnostics
import FileFormats

/// The pictures that a run keeps of what its model can do.
public enum RunPictures {
  /// Writes samples from the prior and reconstructions of examples, for models of images.
  public static func write(_ trained: TrainedModel, examples: Examples, to folder: RunFolder) throws {
    let generator = Generator(trained)
    guard generator.exampleShape.count == 3 else { return }
    if trained.objective.kind == .evidenceLowerBound {
      let z = try generator.priorSamples(64, seed: trained.store.seed)
      let samples = try grid(generator.decode(z), shape: generator.exampleShape, columns: 8)
      try PNG.write(samples, to: folder.samplesPath + "/samples.png", overwrite: true)
    }
    let pairs = try reconstructions(generator, examples.prefix(30), columns: 10)
    try PNG.write(
      grid(pairs, shape: generator.exampleShape, columns: 10), to: folder.samplesPath + "/reconstructions.png",
      overwrite: true)
  }

  /// Rows of examples, each followed by the row of their reconstructions; the last row is filled up with zeros.
  public static func reconstructions(_ generator: Generator, _ examples: Examples, columns: Int) throws -> [Float] {
    let size = examples.dimensions
    var originals = [Float](repeating: 0, count: examples.count * size)
    originals.withUnsafeMutableBufferPointer { examples.copyRange(0..<examples.count, into: $0) }
    let copies = try generator.decode(generator.encode(examples))
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
  public static func grid(_ values: [Float], shape: [Int], columns: Int) throws -> Image {
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
