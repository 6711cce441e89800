extension Examples.Storage {
  /// The number of values.
  var count: Int {
    switch self {
    case .bytes(let bytes, _): bytes.count
    case .floats(let floats): floats.count
    case .rows(let rows): rows.count * rows.width
    }
  }

  /// What tells equal bytes with different meanings apart.
  var kind: String {
    switch self {
    case .bytes(_, let divisor): "uint8 over \(divisor)"
    case .floats: "float32"
    case .rows: "read when asked for"
    }
  }

  /// What tells the values from others: the values themselves, or of those that are elsewhere what is known of them.
  func withUnsafeBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    switch self {
    case .bytes(let bytes, _): bytes.withUnsafeBytes(body)
    case .floats(let floats): floats.withUnsafeBytes(body)
    case .rows(let rows): Array(rows.identity.utf8).withUnsafeBytes(body)
    }
  }

  /// The examples of a range, which must be within bounds.
  func slice(_ range: Range<Int>, dimensions: Int) -> Self {
    let values = range.lowerBound * dimensions..<range.upperBound * dimensions
    switch self {
    case .bytes(let bytes, let divisor): return .bytes(Array(bytes[values]), divisor: divisor)
    case .floats(let floats): return .floats(Array(floats[values]))
    case .rows(let rows): return .rows(SelectedRows(rows, Array(range)))
    }
  }

  /// The examples at indices, which must be within bounds.
  func gather(_ indices: [Int], dimensions: Int) -> Self {
    switch self {
    case .bytes(let bytes, let divisor):
      .bytes(Self.gather(bytes, indices, dimensions), divisor: divisor)
    case .floats(let floats): .floats(Self.gather(floats, indices, dimensions))
    case .rows(let rows): .rows(SelectedRows(rows, indices))
    }
  }

  private static func gather<Value>(_ values: [Value], _ indices: [Int], _ dimensions: Int) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(indices.count * dimensions)
    for index in indices { result.append(contentsOf: values[index * dimensions..<(index + 1) * dimensions]) }
    return result
  }

  /// The position of the first value that is infinite, or NaN unless that is allowed, if there is one.
  func firstNonFinite(allowingNaN: Bool) -> Int? {
    switch self {
    case .bytes, .rows: nil
    case .floats(let floats): floats.firstIndex { allowingNaN ? $0.isInfinite : !$0.isFinite }
    }
  }

  /// What the values are like; of bytes as of numbers in one pass.
  func survey() -> ValueStatistics {
    switch self {
    case .bytes(let bytes, let divisor):
      var isPresent = [Bool](repeating: false, count: 256)
      bytes.withUnsafeBufferPointer { for byte in $0 { isPresent[Int(byte)] = true } }
      return ValueStatistics((0..<256).filter { isPresent[$0] }.map { Float($0) / divisor })
    case .floats(let floats): return ValueStatistics(floats)
    case .rows(let rows): return rows.statistics
    }
  }
}

/// What the values of a data set are like, those apart that are missing.
package struct ValueStatistics: Sendable {
  /// The smallest and the largest value; zeros where there is none.
  package var range: ClosedRange<Float> { low <= high ? low...high : 0...0 }
  /// Whether all values are zeros and ones.
  package private(set) var isBinary = true
  /// Whether all values are whole numbers.
  package private(set) var isWhole = true
  /// Whether some values are missing.
  package private(set) var hasMissing = false
  /// Whether some are infinite.
  private(set) var hasInfinite = false
  private var low = Float.infinity, high = -Float.infinity

  /// Those of no values.
  init() {}

  init(_ values: [Float]) { values.withUnsafeBufferPointer { note($0) } }

  /// Those of bytes over 255 of which nothing is known.
  static let greyLevels = ValueStatistics([0, 0.5, 1])
  /// Those of zeros and ones.
  static let zerosAndOnes = ValueStatistics([0, 1])

  /// Takes further values in.
  mutating func note(_ values: UnsafeBufferPointer<Float>) {
    for value in values {
      if value.isNaN {
        hasMissing = true
        continue
      }
      if value.isInfinite { hasInfinite = true }
      (low, high) = (Swift.min(low, value), Swift.max(high, value))
      if value != 0, value != 1 { isBinary = false }
      if value != value.rounded(.towardZero) { isWhole = false }
    }
  }
}
