import LatentDiagnostics
import LatentFileFormats
import Foundation

/// The arrays that make up a data set, and how they become examples.
struct DatasetFiles {
  var trainImages: ArrayReference
  var trainLabels: ArrayReference?
  var testImages: ArrayReference?
  var testLabels: ArrayReference?
  var trainAttributes: ArrayReference?
  var testAttributes: ArrayReference?
  /// Whether values may be missing, which NaN stands for.
  var missingValues = false
  /// Arrays of more bytes are read a batch at a time.
  var memoryLimit = 1 << 28

  /// A single file: of training examples, or of several arrays by the names that others give them.
  init(file path: String) throws {
    guard !path.hasSuffix(".npy"), let archive = try ArrayArchive(path: path) else {
      trainImages = .file(path)
      return
    }
    func find(_ names: [String]) -> ArrayReference? {
      names.first(where: archive.names.contains).map { .member($0, of: path) }
    }
    // A file of one array needs no name for it.
    let only: ArrayReference? = archive.names.count == 1 ? .member(archive.names[0], of: path) : nil
    guard let images = find(Self.trainNames) ?? only else {
      throw LatentError.failure(
        "\(path) holds \(archive.names.isEmpty ? "no arrays" : "the arrays " + archive.names.joined(separator: ", "))"
          + ", none of which is known as training examples",
        remedy: "Call the examples train, and labels train-labels; test examples test, and their labels test-labels")
    }
    trainImages = images
    trainLabels = find(Self.names("train", "labels") + ["labels", "y", "Y", "label", "target", "targets"])
    trainAttributes = find(["train-attributes", "train_attributes", "attributes", "latents_values"])
    testImages = find(["test", "x_test", "X_test", "test_x", "test_images", "test_data", "testData"])
    testLabels = find(Self.names("test", "labels"))
    testAttributes = find(["test-attributes", "test_attributes"])
  }

  private static let trainNames = [
    "train", "x_train", "X_train", "train_x", "train_images", "train_data", "images", "imgs", "data", "x", "X", "arr_0",
  ]

  private static func names(_ split: String, _ what: String) -> [String] {
    ["\(split)-\(what)", "\(split)_\(what)", "y_\(split)", "Y_\(split)", "\(split)_y"]
  }

  /// Whether a folder has files by their customary names.
  static func isIn(_ folder: String) -> Bool {
    ["train-images-idx3-ubyte.gz", "train.npy"].contains { DataDirectory.path(of: $0, in: folder) != nil }
      || shards(of: "train", in: folder) != nil
  }

  /// Files such as `train-0000.npy`, `train-0001.npy`, in the order of their names.
  private static func shards(of split: String, in folder: String) -> ArrayReference? {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { name in
      let middle = name.dropFirst(split.count + 1).dropLast(4)
      return name.hasPrefix(split + "-") && name.hasSuffix(".npy") && !middle.isEmpty && middle.allSatisfy(\.isNumber)
    }
    return names.isEmpty ? nil : .shards(names.sorted().map { folder + "/" + $0 })
  }

  /// The files of a folder by their customary names.
  init(folder: String) throws {
    func path(_ name: String) -> ArrayReference? { DataDirectory.path(of: name, in: folder).map { .file($0) } }
    if let images = path("train-images-idx3-ubyte.gz") {
      trainImages = images
      trainLabels = path("train-labels-idx1-ubyte.gz")
      testImages = path("t10k-images-idx3-ubyte.gz")
      testLabels = path("t10k-labels-idx1-ubyte.gz")
    } else if let images = path("train.npy") ?? Self.shards(of: "train", in: folder) {
      trainImages = images
      trainLabels = path("train-labels.npy")
      testImages = path("test.npy") ?? Self.shards(of: "test", in: folder)
      testLabels = path("test-labels.npy")
      trainAttributes = path("train-attributes.npy")
      testAttributes = path("test-attributes.npy")
    } else {
      throw LatentError.failure(
        "The folder \(folder) holds neither train-images-idx3-ubyte (plain or .gz) nor train.npy or train-0000.npy, and no .png or "
          + ".jpg pictures",
        remedy: "Give its files one of these names, or name a single file: .npy, .npz, .safetensors, .csv, .tsv, or IDX"
      )
    }
  }

  /// Reads all files and fits them together.
  func load(name: String) throws -> Dataset {
    if let stored = try trainImages.stored(above: memoryLimit) { return try load(stored, name: name) }
    let train = try trainImages.read()
    let test = try testImages.map { try $0.read() }
    // Both splits are measured by one rule: a test set may happen to be black.
    let divisor = Self.isAlreadyBinary(train) && test.map(Self.isAlreadyBinary) ?? true ? 1 : Examples.greyDivisor
    let trainExamples = try attributed(
      examples(train, labels: trainLabels, divisor: divisor, path: trainImages.description), trainAttributes)
    guard let test, let testImages else { return Dataset(name: name, train: trainExamples) }
    let testExamples = try attributed(
      examples(test, labels: testLabels, divisor: divisor, path: testImages.description), testAttributes)
    return try dataset(name, trainExamples, testExamples)
  }

  /// A data set of which the training examples, and the test examples if they are as many, are read a batch at a time.
  private func load(_ stored: StoredArray, name: String) throws -> Dataset {
    func rows(_ array: StoredArray, _ labels: ArrayReference?, _ source: String) throws -> Examples {
      let shape = try exampleShape(Array(array.shape.dropFirst()), path: source)
      let rows = try FileRows(array, missingValues: missingValues, source: source)
      let classes = try labels.map { try self.labels($0, count: array.shape[0], of: source) }
      return Examples(sound: .rows(rows), shape: shape, labels: classes)
    }
    let train = try attributed(rows(stored, trainLabels, trainImages.description), trainAttributes)
    guard let testImages else { return Dataset(name: name, train: train) }
    let test: Examples
    if let stored = try testImages.stored(above: memoryLimit) {
      test = try rows(stored, testLabels, testImages.description)
    } else {
      // Measured as the training examples are.
      let divisor: Float = train.isGreyLevels ? Examples.greyDivisor : 1
      test = try examples(testImages.read(), labels: testLabels, divisor: divisor, path: testImages.description)
    }
    return try dataset(name, train, attributed(test, testAttributes))
  }

  private func dataset(_ name: String, _ train: Examples, _ test: Examples) throws -> Dataset {
    guard train.shape == test.shape else {
      throw LatentError.failure(
        "\(trainImages.description) has examples of shape \(train.shape) but \(testImages?.description ?? "") of "
          + "\(test.shape)", remedy: "Give training and test examples one shape")
    }
    return Dataset(name: name, train: train, test: test)
  }

  private func attributed(_ examples: Examples, _ reference: ArrayReference?) throws -> Examples {
    guard let reference else { return examples }
    let array = try reference.read()
    guard array.shape.count == 2, array.shape[0] == examples.count else {
      throw LatentError.failure(
        "\(reference.description) has the shape \(array.shape), but there are \(examples.count) examples",
        remedy: "Save the attributes as numbers of shape [\(examples.count), K]")
    }
    return try examples.withAttributes(array.floats(), width: array.shape[1], source: reference.description)
  }

  /// Truth values, and bytes that are all 0 or 1: binary data rather than very dark pictures.
  private static func isAlreadyBinary(_ array: NumericArray) -> Bool {
    array.type == .bool || (array.type == .uint8 && array.bytes.allSatisfy { $0 <= 1 })
  }

  private func examples(_ array: NumericArray, labels: ArrayReference?, divisor: Float, path: String) throws -> Examples
  {
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

  private func labels(_ reference: ArrayReference, count: Int, of images: String) throws -> [Int32] {
    var array = try reference.read()
    let path = reference.description
    // Some write a column.
    if array.shape.count == 2, array.shape[1] == 1 { array.shape.removeLast() }
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
