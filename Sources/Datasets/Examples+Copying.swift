extension Examples {
  /// Copies the examples at some indices, one after another, as float32.
  ///
  /// Indices must be below `count`, and the destination must have room for `indices.count * dimensions` values.
  public func copy(_ indices: [Int], into destination: UnsafeMutableBufferPointer<Float>) {
    let dimensions = self.dimensions
    precondition(destination.count >= indices.count * dimensions, "The destination is too small for the examples")
    guard let target = destination.baseAddress else { return }
    withSource { source in
      for (position, index) in indices.enumerated() {
        precondition(index >= 0 && index < count, "There is no example \(index) among \(count)")
        source.copy(from: index * dimensions, count: dimensions, to: target + position * dimensions)
      }
    }
  }

  /// Copies the examples of a range, one after another, as float32.
  ///
  /// The range must be within `0..<count`, and the destination must have room for `range.count * dimensions` values.
  public func copyRange(_ range: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
    let dimensions = self.dimensions
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "There are no examples \(range) among \(count)")
    precondition(destination.count >= range.count * dimensions, "The destination is too small for the examples")
    guard let target = destination.baseAddress else { return }
    withSource { $0.copy(from: range.lowerBound * dimensions, count: range.count * dimensions, to: target) }
  }

  /// Gives access to the examples of a range without a copy, if they are kept as float32; else returns `nil`.
  ///
  /// The range must be within `0..<count`.
  public func withFloats<Result>(
    _ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result? {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "There are no examples \(range) among \(count)")
    guard case .floats(let floats) = storage else { return nil }
    return try floats.withUnsafeBufferPointer {
      try body(.init(rebasing: $0[(range.lowerBound * dimensions)..<(range.upperBound * dimensions)]))
    }
  }

  private func withSource(_ body: (Source) -> Void) {
    switch storage {
    case .bytes(let bytes, let divisor):
      bytes.withUnsafeBufferPointer { if let base = $0.baseAddress { body(.bytes(base, divisor)) } }
    case .floats(let floats):
      floats.withUnsafeBufferPointer { if let base = $0.baseAddress { body(.floats(base)) } }
    }
  }

  /// The storage as pointers, so that the loops have no bounds to check.
  private enum Source {
    case bytes(UnsafePointer<UInt8>, Float)
    case floats(UnsafePointer<Float>)

    @inline(__always)
    func copy(from start: Int, count: Int, to target: UnsafeMutablePointer<Float>) {
      switch self {
      case .bytes(let base, let divisor):
        let source = base + start
        for offset in 0..<count { target[offset] = Float(source[offset]) / divisor }
      case .floats(let base): target.update(from: base + start, count: count)
      }
    }
  }
}
