extension Examples.Storage {
  /// The number of values.
  var count: Int {
    switch self {
    case .bytes(let bytes, _): bytes.count
    case .floats(let floats): floats.count
    }
  }

  /// What tells equal bytes with different meanings apart.
  var kind: String {
    switch self {
    case .bytes(_, let divisor): "uint8 over \(divisor)"
    case .floats: "float32"
    }
  }

  func withUnsafeBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    switch self {
    case .bytes(let bytes, _): bytes.withUnsafeBytes(body)
    case .floats(let floats): floats.withUnsafeBytes(body)
    }
  }

  /// The values at positions; the positions must be within bounds.
  func slice(_ range: Range<Int>) -> Self {
    switch self {
    case .bytes(let bytes, let divisor): .bytes(Array(bytes[range]), divisor: divisor)
    case .floats(let floats): .floats(Array(floats[range]))
    }
  }

  /// The examples at indices, which must be within bounds.
  func gather(_ indices: [Int], dimensions: Int) -> Self {
    switch self {
    case .bytes(let bytes, let divisor):
      .bytes(Self.gather(bytes, indices, dimensions), divisor: divisor)
    case .floats(let floats): .floats(Self.gather(floats, indices, dimensions))
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
    case .bytes: nil
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
    }
  }
}

/// What the values of a data set are like, those apart that are missing.
struct ValueStatistics {
  /// The smallest and the largest value; zeros where there is none.
  private(set) var range: ClosedRange<Float> = 0...0
  private(set) var isBinary = true
  private(set) var isWhole = true
  private(set) var hasMissing = false

  init(_ values: [Float]) {
    var (low, high) = (Float.infinity, -Float.infinity)
    values.withUnsafeBufferPointer { values in
      for value in values {
        if value.isNaN {
          hasMissing = true
          continue
        }
        (low, high) = (Swift.min(low, value), Swift.max(high, value))
        if value != 0, value != 1 { isBinary = false }
        if value != value.rounded(.towardZero) { isWhole = false }
      }
    }
    if low <= high { range = low...high }
  }
}
