import LatentDatasets
import LatentDiagnostics
import LatentVariationalAutoencoders

extension RunConfiguration {
  /// Which data, and how they are prepared.
  public struct DataSettings: Codable, Hashable, Sendable {
    /// A named data set, or the path of a file or folder.
    public var name: String
    /// Where named data sets were looked for first; empty for the usual places.
    public var directory: String
    /// What becomes of grey values before a Bernoulli likelihood sees them.
    public var binarization: Binarization
    /// What becomes of grey levels before a density sees them.
    public var dequantization: Dequantization
    /// How many training examples are held out for validation.
    public var validation: Int
    /// The seed that decides which ones, where that is not the run's: those that an autoencoder has not seen are not to be trained
    /// on by its prior's run either.
    public var validationSeed: UInt64? = nil
    /// How many training examples are used at most; 0 for all.
    public var limit: Int
    /// How the pictures of a folder become examples.
    public var pictures = PictureSettings()
    /// What the columns are of a table, filled in when training starts.
    public var table: TableSchema? = nil
    /// SHA-256 of the training examples, filled in when training starts.
    public var fingerprint: String
    /// The shape of one example, filled in when training starts.
    public var exampleShape: [Int]
  }
}

extension RunConfiguration.DataSettings {
  /// Examples as the model sees them, drawn once where training draws anew at each visit: for evaluation.
  public func prepared(_ examples: Examples) -> Examples {
    if binarization != .none { return examples.binarized(seed: Trainer.binarizationSeed) }
    return dequantization == .none ? examples : examples.dequantized(seed: Trainer.binarizationSeed)
  }

  /// The training examples, as far as they are drawn once and for all.
  func preparedForTraining(_ examples: Examples) -> Examples {
    binarization == .static ? prepared(examples) : examples
  }

  /// The data set itself.
  ///
  /// - Parameters:
  ///   - other: a name or path in place of the settings' own.
  ///   - folder: where named data sets are looked for first, in place of the settings' own.
  package func load(_ other: String? = nil, from folder: String? = nil, missingValues: Bool) throws -> Dataset {
    try Dataset.load(
      other ?? name, dataDirectory: folder ?? (directory.isEmpty ? nil : directory), missingValues: missingValues,
      pictures: pictures, table: table)
  }

  /// Refuses examples that cannot be prepared so.
  ///
  /// - Throws: `LatentError` that names the setting.
  package func check(_ examples: Examples) throws {
    if binarization != .none, examples.range.lowerBound < 0 || examples.range.upperBound > 1 {
      throw LatentError.usage(
        "Only values from 0 to 1 can be binarised, but the data go from \(examples.range.lowerBound) to "
          + "\(examples.range.upperBound)", remedy: "Scale the data to [0, 1], or train with --binarize none")
    }
    guard dequantization != .none else { return }
    guard binarization == .none else {
      throw LatentError.usage(
        "Grey values cannot be binarised and dequantised at once", remedy: "Give --binarize none, or no --dequantize")
    }
    guard examples.isGreyLevels else {
      throw LatentError.usage(
        "Only grey levels that are bytes can be dequantised", remedy: "Give data of bytes, or no --dequantize")
    }
  }

  private enum CodingKeys: CodingKey {
    case name, directory, binarization, dequantization, validation, validationSeed, limit, pictures, table, fingerprint
    case exampleShape
  }

  /// Reads the settings; those of runs that are older than dequantisation have none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try values.decode(String.self, forKey: .name),
      directory: try values.decode(String.self, forKey: .directory),
      binarization: try values.decode(Binarization.self, forKey: .binarization),
      dequantization: try values.decodeIfPresent(Dequantization.self, forKey: .dequantization) ?? .none,
      validation: try values.decode(Int.self, forKey: .validation),
      validationSeed: try values.decodeIfPresent(UInt64.self, forKey: .validationSeed),
      limit: try values.decode(Int.self, forKey: .limit),
      pictures: try values.decodeIfPresent(PictureSettings.self, forKey: .pictures) ?? PictureSettings(),
      table: try values.decodeIfPresent(TableSchema.self, forKey: .table),
      fingerprint: try values.decode(String.self, forKey: .fingerprint),
      exampleShape: try values.decode([Int].self, forKey: .exampleShape))
  }
}

extension RunConfiguration {
  /// What a table says of its columns, where that was left open.
  mutating func complete(with dataset: Dataset) {
    data.table = dataset.table
    guard let table = dataset.table, let likelihood = model.decoder.likelihood as? ColumnsLikelihood, likelihood.isOpen
    else { return }
    model.decoder.likelihood = .columns(
      numbers: table.numbers, booleans: table.booleans, categories: table.categories)
  }
}
