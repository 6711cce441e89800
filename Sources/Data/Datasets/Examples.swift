import LatentDiagnostics
import Foundation

/// Examples of one shape: held compactly in memory, bytes as bytes, anything else as float32; or read when they are asked for, which
/// can fail where a file is no longer what it was.
public struct Examples: Sendable {
  /// The number of examples, at least 1.
  public let count: Int
  /// The shape of one example: [height, width, channels] for pictures, [dimensions] for vectors.
  public let shape: [Int]
  /// The class of each example, when the data has classes.
  public let labels: [Int32]?
  /// Numbers that come with each example, when the data has them.
  public let attributes: Attributes?
  /// The smallest and the largest value.
  public let range: ClosedRange<Float>
  /// Whether every value is 0 or 1.
  public let isBinary: Bool
  /// Whether every value is a whole number.
  public let isWhole: Bool
  /// Whether some values are missing.
  public let hasMissing: Bool

  let storage: Storage
  private let cachedFingerprint = OnceValue<String>()

  /// The values of all examples, one example after another in row-major order.
  enum Storage: Sendable {
    /// Each value is a byte over the divisor.
    case bytes([UInt8], divisor: Float)
    case floats([Float])
    /// Values that are read when they are asked for.
    case rows(any RowSource)
  }

  /// Numbers that come with examples, the same count with each.
  public struct Attributes: Sendable {
    /// One example after another.
    public let values: [Float]
    /// How many belong to an example.
    public let width: Int

    func selecting(_ indices: some Sequence<Int>) -> Attributes {
      Attributes(values: indices.flatMap { values[($0 * width)..<(($0 + 1) * width)] }, width: width)
    }
  }

  /// What grey levels are divided by.
  public static let greyDivisor: Float = 255

  /// Creates examples from bytes, each divided by `divisor`, a positive number; errors call them `source`.
  ///
  /// - Throws: A `LatentError` when there is no example, the bytes are not whole examples, or the labels do not match.
  public init(
    bytes: [UInt8], shape: [Int], labels: [Int32]? = nil, divisor: Float = greyDivisor, source: String = "The data"
  ) throws {
    try self.init(storage: .bytes(bytes, divisor: divisor), shape: shape, labels: labels, source: source)
  }

  /// Creates examples from numbers; errors call them `source`.
  ///
  /// - Parameter missingValues: whether values may be missing, which NaN stands for.
  /// - Throws: A `LatentError` when there is no example, the values are not whole examples, one is NaN or infinite, or
  ///   the labels do not match.
  public init(
    floats: [Float], shape: [Int], labels: [Int32]? = nil, missingValues: Bool = false, source: String = "The data"
  ) throws {
    try self.init(
      storage: .floats(floats), shape: shape, labels: labels, missingValues: missingValues, source: source)
  }

  /// Creates examples after checking everything about them.
  init(storage: Storage, shape: [Int], labels: [Int32]?, missingValues: Bool = false, source: String) throws {
    let dimensions = try Self.dimensions(of: shape, source: source)
    let total = storage.count
    guard total > 0 else {
      throw LatentError.failure("\(source) holds no examples", remedy: "Give at least one example")
    }
    guard total % dimensions == 0 else {
      throw LatentError.failure(
        "\(source) holds \(total) values, which are not whole examples of shape \(shape)",
        remedy: "Give a multiple of \(dimensions) values")
    }
    if let labels {
      guard labels.count == total / dimensions else {
        throw LatentError.failure(
          "\(source) holds \(total / dimensions) examples but \(labels.count) labels",
          remedy: "Give one label for each example")
      }
      guard labels.allSatisfy({ $0 >= 0 }) else {
        throw LatentError.failure("\(source) has negative labels", remedy: "Number the classes from 0")
      }
    }
    if let position = storage.firstNonFinite(allowingNaN: missingValues) {
      throw LatentError.failure(
        "\(source) holds a value that is not a finite number in example \(position / dimensions)",
        remedy: missingValues
          ? "Remove or replace infinite values"
          : "Remove or replace values that are NaN or infinite, or give --missing if NaN stands for missing values")
    }
    self.init(sound: storage, shape: shape, labels: labels)
  }

  /// Creates examples that are known to be whole, finite, and rightly labelled.
  init(sound storage: Storage, shape: [Int], labels: [Int32]?, attributes: Attributes? = nil) {
    count = storage.count / shape.reduce(1, *)
    self.shape = shape
    self.labels = labels
    self.storage = storage
    self.attributes = attributes
    let survey = storage.survey()
    (range, isBinary) = (survey.range, survey.isBinary)
    (isWhole, hasMissing) = (survey.isWhole, survey.hasMissing)
  }

  /// The same examples with numbers that come with each, [N, width]; errors call them `source`.
  ///
  /// - Throws: A `LatentError` when they do not match the examples, or are not finite.
  public func withAttributes(_ values: [Float], width: Int, source: String = "The attributes") throws -> Examples {
    guard width > 0, values.count == count * width, values.allSatisfy({ $0.isFinite }) else {
      throw LatentError.failure(
        "\(source) does not hold finite numbers for each of \(count) examples", remedy: "Give an array of shape [N, K]")
    }
    return Examples(
      sound: storage, shape: shape, labels: labels, attributes: Attributes(values: values, width: width))
  }

  /// The number of values of one example.
  public var dimensions: Int { shape.reduce(1, *) }

  /// How much memory the values take; `nil` for those that are read when they are asked for.
  public var bytesInMemory: Int? {
    switch storage {
    case .bytes(let bytes, _): bytes.count
    case .floats(let floats): floats.count * MemoryLayout<Float>.size
    case .rows: nil
    }
  }

  /// One more than the largest label, when the data has classes.
  public var classCount: Int? { labels?.max().map { Int($0) + 1 } }

  /// A SHA-256 digest of the shapes and all values as 64 hexadecimal digits, computed when first asked for.
  public var fingerprint: String {
    cachedFingerprint.value {
      var digest = SHA256()
      let header = "\(count) \(shape) \(storage.kind)"
      Array(header.utf8).withUnsafeBytes { digest.update($0) }
      storage.withUnsafeBytes { digest.update($0) }
      return digest.hexDigest()
    }
  }

  private static func dimensions(of shape: [Int], source: String) throws -> Int {
    var product = 1
    for size in shape where product > 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      product = overflow || size < 0 ? 0 : next
    }
    guard product > 0, !shape.isEmpty else {
      throw LatentError.failure(
        "\(source) has examples of shape \(shape), which hold no values", remedy: "Give axes of at least 1 element")
    }
    return product
  }
}
