import Foundation
import Latent

/// A run that a command works on, with its model loaded and, when asked for, its data.
struct RunAccess {
  let folder: RunFolder
  let configuration: RunConfiguration
  let trained: TrainedModel

  init(_ arguments: Arguments) throws { try self.init(arguments, path: arguments.operand(0) ?? "") }

  /// One of several runs that a command works on.
  init(_ arguments: Arguments, path: String) throws {
    folder = RunFolder(path: path)
    configuration = try folder.configuration()
    var trained = try TrainedModel(run: folder, backend: try arguments.backend())
    trained.precision = try arguments.precision() ?? .f32
    self.trained = trained
  }

  /// What the run is called: its folder's name.
  var name: String { Self.name(of: folder) }

  static func name(of folder: RunFolder) -> String {
    URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
  }

  /// The examples of the whole split asked for, binarised if the model was trained on binarised data.
  ///
  /// - Throws: `LatentError` when the data are missing, or of another shape than the model's.
  func examples(_ arguments: Arguments) throws -> (examples: Examples, split: String) {
    let (whole, split) = try wholeSplit(arguments)
    let limited = try arguments.integer("--limit", in: 1...Int.max).map(whole.prefix) ?? whole
    return (configuration.data.prepared(limited), split)
  }

  /// The examples that the run learned from, prepared as for its training, but for those held out.
  func training(_ arguments: Arguments) throws -> Examples {
    configuration.data.prepared(try plainTraining(arguments))
  }

  /// The same as the data have them.
  func plainTraining(_ arguments: Arguments) throws -> Examples {
    let dataset = try configuration.data.load(
      from: arguments.text("--data-dir"), missingValues: configuration.model.missingValues)
    let limit = configuration.data.limit
    return try parts(of: dataset)?.train ?? (limit > 0 ? dataset.train.prefix(limit) : dataset.train)
  }

  /// What training made of a data set's training split, if it held examples out.
  private func parts(of dataset: Dataset) throws -> (train: Examples, validation: Examples)? {
    let data = configuration.data
    guard data.validation > 0 else { return nil }
    let used = data.limit > 0 ? dataset.train.prefix(data.limit) : dataset.train
    return try used.split(validation: data.validation, seed: data.validationSeed ?? configuration.seed)
  }

  /// The same without a limit, as the data have them.
  func wholeSplit(_ arguments: Arguments) throws -> (examples: Examples, split: String) {
    let named = arguments.text("--data")
    var data = configuration.data
    // Other pictures than those that the model was trained on are brought to its shape.
    if data.exampleShape.count == 3 {
      (data.pictures.height, data.pictures.width) = (data.exampleShape[0], data.exampleShape[1])
      data.pictures.channels = data.exampleShape[2]
    }
    let dataset = try data.load(
      named, from: arguments.text("--data-dir"), missingValues: configuration.model.missingValues)
    let splits = ["train", "validation", "test"]
    let split = try arguments.choice("--split", splits) ?? (dataset.test == nil ? "train" : "test")
    let held = split == "validation" && named == nil ? try parts(of: dataset) : nil
    guard split != "validation" || held != nil else {
      throw LatentError.usage(
        named == nil ? "The run held out no examples for validation" : "Other data have no validation split",
        remedy: named == nil
          ? "Give --split train or test; a run holds examples out when it is trained with --validation N"
          : "Give --split train or test, or leave out --data")
    }
    // The training split is the data's own, in its order, those held out among them.
    guard let chosen = split == "validation" ? held?.validation : split == "train" ? dataset.train : dataset.test else {
      throw LatentError.usage("\(dataset.name) has no test split", remedy: "Give --split train")
    }
    guard chosen.shape == configuration.data.exampleShape else {
      throw LatentError.usage(
        "The examples of \(dataset.name) have shape \(chosen.shape), the model was trained on "
          + "\(configuration.data.exampleShape)", remedy: "Give --data of the model's shape")
    }
    if dataset.train.fingerprint != configuration.data.fingerprint {
      guard named != nil else {
        throw LatentError.failure(
          "What \(dataset.name) is now are not the data that the run was trained on",
          remedy: "Give --data-dir the place of the original data, or --data to use others")
      }
      Terminal.writeError("latent: note: the run was trained on other data (\(configuration.data.name))")
    }
    try configuration.data.check(chosen)
    return (chosen, split)
  }

  /// Examples that the run was not trained on: those held out for validation, else the test split, else, for want of others, those that
  /// it was trained on.
  func heldOut(_ arguments: Arguments) throws -> (examples: Examples, split: String) {
    let data = configuration.data
    let dataset = try data.load(
      from: arguments.text("--data-dir"), missingValues: configuration.model.missingValues)
    if let parts = try parts(of: dataset) { return (data.prepared(parts.validation), "validation") }
    return (data.prepared(dataset.test ?? dataset.train), dataset.test == nil ? "train" : "test")
  }

  /// Where a result goes: the path asked for, or one in the run's folder.
  func output(_ arguments: Arguments, default name: String) -> String {
    arguments.text("--out") ?? folder.samplesPath + "/" + name
  }
}

extension Generator {
  /// The conditions of some rows, under the class or the attributes asked for; empty for a model that is not conditioned.
  func conditions(_ arguments: Arguments, count: Int) throws -> [Float] {
    if let path = arguments.text("--attributes") { return try attributes(path, count: count) }
    guard let label = try arguments.integer("--label", in: 0...Int(Int32.max)) else { return [] }
    return try conditions(labels: [Int](repeating: label, count: count))
  }
}

extension Generator {
  /// The rows of a file, from the first again when they are used up.
  private func attributes(_ path: String, count: Int) throws -> [Float] {
    guard condition.kind == .vector else {
      throw LatentError.usage(
        "The model is not conditioned on vectors", remedy: "Leave out --attributes, or use a model that is")
    }
    let array = try NPY.read(contentsOf: path)
    let (width, values) = (condition.size, array.floats())
    guard array.shape.count == 2, array.shape[0] > 0, array.shape[1] == width, values.allSatisfy(\.isFinite) else {
      throw LatentError.usage(
        "\(path) has shape \(array.shape), the model needs rows of \(width) finite numbers",
        remedy: "Give an array of shape [N, \(width)]")
    }
    return (0..<count).flatMap { row -> [Float] in
      let start = row % array.shape[0] * width
      return Array(values[start..<(start + width)])
    }
  }
}

/// Writes examples as a picture or as numbers, by the ending of the file's name.
struct ExampleWriter {
  let path: String
  let overwrite: Bool
  private let table: TableSchema?

  /// - Parameter table: what the columns are, of examples that are rows of a table.
  /// - Throws: `LatentError` when the name has another ending, or the file is there and may not be replaced.
  init(path: String, overwrite: Bool, table: TableSchema? = nil) throws {
    let endings = [".npy"] + (table == nil ? [".png"] : [".csv", ".png"])
    guard endings.contains(where: path.hasSuffix) else {
      throw LatentError.usage(
        "\(path) is neither a picture nor an array by its name",
        remedy: "End the name in \(table == nil ? ".png or .npy" : ".csv, .png, or .npy")")
    }
    self.table = table
    // Asked first, so that nothing is computed in vain.
    if !overwrite, FileManager.default.fileExists(atPath: path) {
      throw LatentError.usage("\(path) exists already", remedy: "Give --force to replace it, or another name")
    }
    self.path = path
    self.overwrite = overwrite
  }

  /// Writes rows of whole numbers.
  func write(whole values: [Int32], shape: [Int]) throws {
    let bytes = values.withUnsafeBytes { Data($0) }
    let count = values.count / max(1, shape.reduce(1, *))
    try NPY.write(
      NumericArray(shape: [count] + shape, type: .int32, bytes: bytes), to: path, overwrite: overwrite)
    Terminal.writeError("wrote \(path)")
  }

  /// Writes a moving picture, each frame of some examples in a grid.
  func write(frames: [[Float]], shape: [Int]) throws {
    guard path.hasSuffix(".png") else {
      throw LatentError.usage(
        "\(path) is no picture by its name", remedy: "End the name in .png, or leave out --animate")
    }
    let count = (frames.first?.count ?? 0) / max(1, shape.reduce(1, *))
    let columns = Int(Double(count).squareRoot().rounded(.up))
    let images = try frames.map { try RunPictures.grid($0, shape: shape, columns: columns) }
    try AnimatedPNG.write(images, to: path, overwrite: overwrite)
    Terminal.writeError("wrote \(path)")
  }

  /// Writes rows of examples; a picture shows them in a grid of that many columns.
  func write(_ values: [Float], shape: [Int], columns: Int) throws {
    let size = shape.reduce(1, *)
    let count = values.count / max(1, size)
    if let table, path.hasSuffix(".csv"), size == table.width {
      let rows = (0..<count).map { table.cells(values[($0 * size)..<(($0 + 1) * size)]) }
      let text = DelimitedText.text([table.columns.map(\.name)] + rows)
      try AtomicFile.write(Data(text.utf8), to: path, overwrite: overwrite)
    } else if path.hasSuffix(".npy") {
      try NPY.write(NumericArray(floats: values, shape: [count] + shape), to: path, overwrite: overwrite)
    } else {
      try PNG.write(RunPictures.grid(values, shape: shape, columns: columns), to: path, overwrite: overwrite)
    }
    Terminal.writeError("wrote \(path)")
  }
}
