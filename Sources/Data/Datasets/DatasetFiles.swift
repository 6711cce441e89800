import LatentDiagnostics
import LatentFileFormats
import Foundation

/// The files that make up a data set, and how they become examples.
struct DatasetFiles {
  var trainImages: String
  var trainLabels: String?
  var testImages: String?
  var testLabels: String?
  var trainAttributes: String?
  var testAttributes: String?
  /// Whether values may be missing, which NaN stands for.
  var missingValues = false

  /// A single file of training examples.
  init(trainImages: String) { self.trainImages = trainImages }

  /// Whether a folder has files by their customary names.
  static func isIn(_ folder: String) -> Bool {
    ["train-images-idx3-ubyte.gz", "train.npy"].contains { DataDirectory.path(of: $0, in: folder) != nil }
  }

  /// The files of a folder by their customary names.
  init(folder: String) throws {
    func path(_ name: String) -> String? { DataDirectory.path(of: name, in: folder) }
    if let images = path("train-images-idx3-ubyte.gz") {
      trainImages = images
      trainLabels = path("train-labels-idx1-ubyte.gz")
      testImages = path("t10k-images-idx3-ubyte.gz")
      testLabels = path("t10k-labels-idx1-ubyte.gz")
    } else if let images = path("train.npy") {
      trainImages = images
      trainLabels = path("train-labels.npy")
      testImages = path("test.npy")
      testLabels = path("test-labels.npy")
      trainAttributes = path("train-attributes.npy")
      testAttributes = path("test-attributes.npy")
    } else {
      throw LatentError.failure(
        "The folder \(folder) holds neither train-images-idx3-ubyte (plain or .gz) nor train.npy, and no .png or .jpg pictures",
        remedy: "Give its files one of these names, or name a single file")
    }
  }

  /// Reads all files and fits them together.
  func load(name: String) throws -> Dataset {
    let train = try array(trainImages)
    let test = try testImages.map(array)
    // Both splits are measured by one rule: a test set may happen to be black.
    let divisor = Self.isAlreadyBinary(train) && test.map(Self.isAlreadyBinary) ?? true ? 1 : Examples.greyDivisor
    let trainExamples = try attributed(
      examples(train, labels: trainLabels, divisor: divisor, path: trainImages), trainAttributes)
    guard let test, let testImages else { return Dataset(name: name, train: trainExamples) }
    let testExamples = try attributed(
      examples(test, labels: testLabels, divisor: divisor, path: testImages), testAttributes)
    guard trainExamples.shape == testExamples.shape else {
      throw LatentError.failure(
        "\(trainImages) has examples of shape \(trainExamples.shape) but \(testImages) of \(testExamples.shape)",
        remedy: "Give training and test examples one shape")
    }
    return Dataset(name: name, train: trainExamples, test: testExamples)
  }

  private func attributed(_ examples: Examples, _ path: String?) throws -> Examples {
    guard let path else { return examples }
    let array = try array(path)
    guard array.shape.count == 2, array.shape[0] == examples.count else {
      throw LatentError.failure(
        "\(path) has the shape \(array.shape), but there are \(examples.count) examples",
        remedy: "Save the attributes as numbers of shape [\(examples.count), K]")
    }
    return try examples.withAttributes(array.floats(), width: array.shape[1], source: path)
  }

  private func array(_ path: String) throws -> NumericArray {
    path.hasSuffix(".npy") ? try NPY.read(contentsOf: path) : try IDX.read(contentsOf: path)
  }

  /// Truth values, and bytes that are all 0 or 1: binary data rather than very dark pictures.
  private static func isAlreadyBinary(_ array: NumericArray) -> Bool {
    array.type == .bool || (array.type == .uint8 && array.bytes.allSatisfy { $0 <= 1 })
  }

  private func examples(_ array: NumericArray, labels: String?, divisor: Float, path: String) throws -> Examples {
    guard let count = array.shape.first, array.shape.count > 1 else {
      throw LatentError.failure(
        "\(path) has the shape \(array.shape), which is not that of several examples",
        remedy: "Give [N, D], [N, height, width], or [N, height, width, channels]")
    }
    guard count > 0 else { throw LatentError.failure("\(path) holds no examples", remedy: "Give at least one example") }
    let shape = try exampleShape(Array(array.shape.dropFirst()), path: path)
    let classes = try labels.map { try self.labels($0, count: count, of: path) }
    switch array.type {
    case .uint8:
      return try Examples(bytes: [UInt8](array.bytes), shape: shape, labels: classes, divisor: divisor, source: path)
    case .bool:
      let bytes = array.bytes.map { $0 == 0 ? UInt8(0) : 1 }
      return try Examples(bytes: bytes, shape: shape, labels: classes, divisor: 1, source: path)
    case .int32, .int64, .float32, .float64, .bfloat16:
      return try Examples(
        floats: array.floats(), shape: shape, labels: classes, missingValues: missingValues, source: path)
    }
  }

  /// Pictures always have channels, so that a model need not tell two kinds apart.
  private func exampleShape(_ shape: [Int], path: String) throws -> [Int] {
    switch shape.count {
    case 1: return shape
    case 2: return shape + [1]
    case 3 where shape[2] == 1 || shape[2] == 3: return shape
    default:
      throw LatentError.failure(
        "\(path) has examples of shape \(shape), which are neither vectors nor pictures of 1 or 3 channels",
        remedy: "Give [N, D], [N, height, width], or [N, height, width, channels] with the channels last")
    }
  }

  private func labels(_ path: String, count: Int, of images: String) throws -> [Int32] {
    let array = try array(path)
    guard array.shape.count == 1, [.uint8, .int32, .int64, .bool].contains(array.type) else {
      throw LatentError.failure(
        "\(path) holds \(array.type.rawValue) of shape \(array.shape) instead of one whole number for each example",
        remedy: "Save the labels as integers of shape [N]")
    }
    guard array.shape == [count] else {
      throw LatentError.failure(
        "\(path) holds \(array.count) labels but \(images) holds \(count) examples",
        remedy: "Give one label for each example")
    }
    // Whole numbers this small are exact as float32; larger ones are not classes.
    let values = array.floats()
    guard values.allSatisfy({ (0..<Float(1 << 24)).contains($0) }) else {
      throw LatentError.failure("\(path) holds a label below 0 or far too large", remedy: "Number the classes from 0")
    }
    return values.map { Int32($0) }
  }
}
