import LatentDiagnostics
import LatentFileFormats
import Foundation

/// Training examples, and test examples when the data has a split of its own.
public struct Dataset: Sendable {
  /// The name or path it was loaded by.
  public var name: String
  /// The examples to learn from.
  public var train: Examples
  /// The examples to measure on; of the same shape.
  public var test: Examples?
  /// What the classes are called, if they have names.
  public var classNames: [String] = []
  /// Whether it is a folder of pictures.
  public internal(set) var isPictures = false
  /// What the columns are of a table.
  public internal(set) var table: TableSchema?

  /// Creates a data set; both splits have examples of one shape.
  public init(name: String, train: Examples, test: Examples? = nil) {
    require(test.map { $0.shape == train.shape } ?? true, "Training and test examples have different shapes")
    self.name = name
    self.train = train
    self.test = test
  }

  /// Loads a data set known by name (`mnist`, `fashion-mnist`, `sprites`, `emoji`, `emoji:64:black`), a file, or a folder.
  ///
  /// A file is `.npy` or IDX (plain or gzip) with the shape [N, D], [N, H, W], or [N, H, W, C] where C is 1 or 3, or `.npz` or
  /// safetensors with such arrays by names like `train`, `x_train`, `train_images`, and `test` and `labels` alike. A
  /// folder holds `train-images-idx3-ubyte`, `t10k-images-idx3-ubyte` and labels alike (each with or without `.gz`),
  /// or `train.npy`, `test.npy`, `train-labels.npy`, `test-labels.npy`, `train-attributes.npy`, `test-attributes.npy`, of
  /// which only the first is needed, and which may be in parts (`train-0000.npy`, ...); or pictures, PNG or JPEG, with a class for each sub-folder, and with sub-folders `train` and
  /// `test` for splits; or a table, `.csv` or `.tsv`, or a folder with `train.csv` and perhaps `test.csv`. Bytes are grey levels and are divided by 255, unless none is above 1; other numbers are kept.
  ///
  /// - Parameters:
  ///   - nameOrPath: what to load.
  ///   - dataDirectory: where named data sets are looked for first.
  ///   - missingValues: whether values may be missing, which NaN stands for.
  ///   - pictures: how the pictures of a folder become examples.
  ///   - table: what the columns of a table are; `nil` to tell by its rows.
  /// - Throws: A `LatentError`: a usage error when there is no such name or path, a failure when the data is missing,
  ///   damaged, empty, not finite, or its parts do not fit together.
  public static func load(
    _ nameOrPath: String, dataDirectory: String? = nil, missingValues: Bool = false,
    pictures: PictureSettings = PictureSettings(), table: TableSchema? = nil
  ) throws -> Dataset {
    if let emoji = try Emoji(name: nameOrPath) {
      let folder = try DataDirectory(explicit: dataDirectory).folder(of: .emoji)
      return try emoji.dataset(name: nameOrPath, font: folder + "/" + NamedDataset.emoji.files[0].name)
    }
    if let dataset = NamedDataset.named(nameOrPath) {
      if dataset.files.isEmpty { return Sprites.dataset() }
      let folder = try DataDirectory(explicit: dataDirectory).folder(of: dataset)
      return try DatasetFiles(folder: folder).load(name: nameOrPath)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: nameOrPath, isDirectory: &isFolder) else {
      throw unknown(nameOrPath)
    }
    if let dataset = try Self.table(at: nameOrPath, schema: table) { return dataset }
    if isFolder.boolValue, !DatasetFiles.isIn(nameOrPath),
      let dataset = try Self.pictures(in: nameOrPath, name: nameOrPath, pictures)
    {
      return dataset
    }
    var files = isFolder.boolValue ? try DatasetFiles(folder: nameOrPath) : try DatasetFiles(file: nameOrPath)
    files.missingValues = missingValues
    return try files.load(name: nameOrPath)
  }

  private static func unknown(_ name: String) -> LatentError {
    let names = NamedDataset.all.map(\.name)
    let known = "Known names are \(names.joined(separator: ", ")); a file or folder is named by its path"
    return .usage(
      "There is no data set, file, or folder called \(name.isEmpty ? "\"\"" : name)",
      remedy: nearestName(to: name, among: names).map { "Did you mean \($0)? \(known)" } ?? known)
  }
}
