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

  /// The extremes of the values that are not missing, and whether all of them are 0 or 1, or whole numbers.
  func survey() -> (range: ClosedRange<Float>, isBinary: Bool, isWhole: Bool) {
    switch self {
    case .bytes(let bytes, let divisor):
      let (low, high) = Self.extremes(bytes, 0)
      let isBinary = bytes.allSatisfy { $0 == 0 || Float($0) == divisor }
      return (Float(low) / divisor...Float(high) / divisor, isBinary, isBinary || divisor == 1)
    case .floats(let floats):
      let known = floats.contains { $0.isNaN } ? floats.filter { !$0.isNaN } : floats
      let (low, high) = Self.extremes(known, 0)
      return (
        low...high, known.allSatisfy { $0 == 0 || $0 == 1 }, known.allSatisfy { $0 == $0.rounded(.towardZero) }
      )
    }
  }

  private static func extremes<Value: Comparable>(_ values: [Value], _ none: Value) -> (Value, Value) {
    var low = values.first ?? none
    var high = low
    values.withUnsafeBufferPointer { values in
      for value in values {
        low = min(low, value)
        high = max(high, value)
      }
    }
    return (low, high)
  }
}
