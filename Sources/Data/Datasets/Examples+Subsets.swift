import LatentDiagnostics
import LatentRandomness

extension Examples {
  /// The first examples: `number` of them, at least 1 and at most all.
  public func prefix(_ number: Int) -> Examples { part(0..<min(max(number, 1), count)) }

  /// The last examples: `number` of them, at least 1 and at most all.
  public func suffix(_ number: Int) -> Examples { part(count - min(max(number, 1), count)..<count) }

  /// Holds out some examples, chosen by the seed; both parts keep the order of the data.
  ///
  /// - Throws: A usage error when `validation` is not between 1 and `count - 1`.
  public func split(validation: Int, seed: UInt64) throws -> (train: Examples, validation: Examples) {
    guard validation >= 1, validation < count else {
      throw LatentError.usage(
        "\(validation) of \(count) examples cannot be held out for validation",
        remedy: "Give a number between 1 and \(count - 1)")
    }
    let order = Shuffler.permutation(count: count, stream: RandomStream(seed: seed, name: "validation split"))
    return (selecting(order.dropFirst(validation).sorted()), selecting(order.prefix(validation).sorted()))
  }

  /// The examples at some indices, of which there must be at least one and all below `count`.
  public func selecting(_ indices: [Int]) -> Examples {
    require(!indices.isEmpty, "A selection has at least one example")
    require(indices.allSatisfy { $0 >= 0 && $0 < count }, "An index is beyond the \(count) examples")
    return Examples(
      sound: storage.gather(indices, dimensions: dimensions), shape: shape,
      labels: labels.map { labels in indices.map { labels[$0] } }, attributes: attributes?.selecting(indices))
  }

  /// Every value becomes 1 with a probability equal to itself, and 0 otherwise; values outside 0…1 are clamped.
  ///
  /// What becomes of an example depends on the seed and its index alone.
  public func binarized(seed: UInt64) -> Examples {
    let dimensions = self.dimensions
    let draws = UniformDraws(seed: seed, "static binarization")
    if case .rows(let rows) = storage {
      let binarized = DrawnRows(rows, "binarized by \(seed)", .zerosAndOnes) { example, values in
        draws(example, dimensions) { values[$0] = $1 < values[$0] ? 1 : 0 }
      }
      return Examples(sound: .rows(binarized), shape: shape, labels: labels, attributes: attributes)
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: count * dimensions) { buffer, filled in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: dimensions) { values in
        for example in 0..<count {
          copyStored(from: example, nil, count: 1, into: values)
          draws(example, dimensions) { buffer[example * dimensions + $0] = $1 < values[$0] ? 1 : 0 }
        }
      }
      filled = count * dimensions
    }
    return Examples(sound: .bytes(bytes, divisor: 1), shape: shape, labels: labels, attributes: attributes)
  }

  /// Every grey level k, of bytes over 255, becomes (k + u) / 256 with u drawn from 0 to 1.
  ///
  /// What becomes of an example depends on the seed and its index alone.
  public func dequantized(seed: UInt64) -> Examples {
    let dimensions = self.dimensions
    let draws = UniformDraws(seed: seed, "dequantization")
    func dequantize(_ example: Int, _ values: UnsafeMutableBufferPointer<Float>) {
      draws(example, dimensions) { values[$0] = (values[$0] * Self.greyDivisor + $1) / 256 }
    }
    if case .rows(let rows) = storage {
      let dequantized = DrawnRows(rows, "dequantized by \(seed)", ValueStatistics([0, 0.5, 1])) { example, values in
        draws(example, dimensions) { values[$0] = (values[$0] * Self.greyDivisor + $1) / 256 }
      }
      return Examples(sound: .rows(dequantized), shape: shape, labels: labels, attributes: attributes)
    }
    var values = [Float](repeating: 0, count: count * dimensions)
    values.withUnsafeMutableBufferPointer { buffer in
      copyStored(from: 0, nil, count: count, into: buffer)
      for example in 0..<count {
        dequantize(example, .init(rebasing: buffer[(example * dimensions)..<((example + 1) * dimensions)]))
      }
    }
    return Examples(sound: .floats(values), shape: shape, labels: labels, attributes: attributes)
  }

  /// Whether every value is a byte over 255.
  package var isGreyLevels: Bool {
    switch storage {
    case .bytes(_, let divisor): divisor == Self.greyDivisor
    case .floats: false
    case .rows(let rows): rows.isGreyLevels
    }
  }

  /// The mean of every dimension over the values that are not missing; as many as `dimensions`.
  ///
  /// - Throws: `LatentError` naming a file that cannot be read.
  public func mean() throws -> [Float] {
    var sums = [Double](repeating: 0, count: dimensions)
    var counts = [Int](repeating: 0, count: dimensions)
    try forEach { values in
      for (index, value) in values.enumerated() where !value.isNaN {
        sums[index] += Double(value)
        counts[index] += 1
      }
    }
    return zip(sums, counts).map { Float($0 / Double(max(1, $1))) }
  }

  /// Goes through the values of all examples; of those that are read when asked for, some ahead.
  private func forEach(_ body: (UnsafeBufferPointer<Float>) -> Void) throws {
    let chunks = chunks(of: 256)
    var values = [Float](repeating: 0, count: min(256, count) * dimensions)
    for (index, range) in chunks.enumerated() {
      try values.withUnsafeMutableBufferPointer { buffer in
        try copyRange(range, into: buffer)
        if index + 1 < chunks.count { willCopy(Array(chunks[index + 1])) }
        for place in 0..<range.count {
          body(.init(rebasing: buffer[(place * dimensions)..<((place + 1) * dimensions)]))
        }
      }
    }
  }

  /// How many values of an example are not missing, averaged over the examples: what a figure for each dimension is divided
  /// by.
  package func meanObservedCount() throws -> Double {
    guard hasMissing, count > 0 else { return Double(dimensions) }
    var observed = 0
    try forEach { observed += $0.count { !$0.isNaN } }
    return Double(observed) / Double(count)
  }

  private func part(_ range: Range<Int>) -> Examples {
    Examples(
      sound: storage.slice(range, dimensions: dimensions), shape: shape,
      labels: labels.map { Array($0[range]) }, attributes: attributes?.selecting(range))
  }
}

/// Numbers from 0 to below 1, the same for an example whenever and in whatever order they are drawn.
private struct UniformDraws: Sendable {
  private let generator: Philox4x32
  private let stream: UInt32

  init(seed: UInt64, _ name: String) {
    generator = Philox4x32(seed: seed)
    stream = streamIdentifier(name)
  }

  /// A number for each dimension of an example.
  func callAsFunction(_ example: Int, _ dimensions: Int, _ body: (_ dimension: Int, _ draw: Float) -> Void) {
    for start in stride(from: 0, to: dimensions, by: 4) {
      let words = generator.block(UInt32(truncatingIfNeeded: start / 4), stream: stream, step: UInt64(example))
      for lane in 0..<min(4, dimensions - start) { body(start + lane, Float(words[lane] >> 8) * 0x1p-24) }
    }
  }
}
