import LatentDiagnostics
import LatentFileFormats

/// The rows of an array that is larger than what is kept in memory, read where they lie.
struct FileRows: RowSource {
  private let array: StoredArray
  /// What bytes are divided by; 1 for other numbers.
  private let divisor: Float
  let statistics: ValueStatistics
  let identity: String

  /// Goes through the whole array once.
  ///
  /// - Throws: `LatentError` for values that are infinite, or missing where they may not be.
  init(_ array: StoredArray, missingValues: Bool, source: String) throws {
    self.array = array
    identity = try array.identity()
    let isBytes = array.type == .uint8
    var all = ValueStatistics()
    let rows = array.shape[0]
    let chunk = max(1, (1 << 22) / max(1, array.width))
    var values = [Float](repeating: 0, count: min(rows, chunk) * array.width)
    for start in stride(from: 0, to: rows, by: chunk) {
      let some = Array(start..<min(rows, start + chunk))
      try values.withUnsafeMutableBufferPointer { buffer in
        try array.read(some, into: buffer)
        all.note(.init(rebasing: buffer[..<(some.count * array.width)]))
      }
      guard !all.hasInfinite, missingValues || !all.hasMissing else {
        throw LatentError.failure(
          "\(source) holds a value that is not a finite number in one of the examples \(start) to \(start + some.count - 1)",
          remedy: missingValues
            ? "Remove or replace infinite values"
            : "Remove or replace values that are NaN or infinite, or give --missing if NaN stands for missing values")
      }
    }
    // Bytes that are all 0 or 1 are binary data rather than very dark pictures.
    divisor = isBytes && !all.isBinary ? Examples.greyDivisor : 1
    statistics = divisor == 1 ? all : ValueStatistics([all.range.lowerBound / divisor, all.range.upperBound / divisor])
  }

  var count: Int { array.shape[0] }
  var width: Int { array.width }
  var isGreyLevels: Bool { divisor != 1 }

  func read(_ rows: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws {
    try array.read(rows, into: destination)
    guard divisor != 1 else { return }
    for place in 0..<(rows.count * width) { destination[place] /= divisor }
  }

  func prepare(_ rows: [Int]) { array.prepare(rows) }
}
