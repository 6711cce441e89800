import CLatentKernels
import LatentDiagnostics

extension Examples {
  /// Copies the examples at some indices, one after another, as float32.
  ///
  /// Indices must be below `count`, and the destination must have room for `indices.count * dimensions` values.
  ///
  /// - Throws: `LatentError` naming a file that cannot be read.
  package func copy(_ indices: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws {
    for index in indices { require(index >= 0 && index < count, "There is no example \(index) among \(count)") }
    if case .rows(let rows) = storage { return try read(indices, of: rows, into: destination) }
    indices.withUnsafeBufferPointer { indices in
      indices.withMemoryRebound(to: Int64.self) {
        copyStored(from: 0, $0.baseAddress, count: $0.count, into: destination)
      }
    }
  }

  /// Copies the examples of a range, one after another, as float32.
  ///
  /// The range must be within `0..<count`, and the destination must have room for `range.count * dimensions` values.
  ///
  /// - Throws: `LatentError` naming a file that cannot be read.
  package func copyRange(_ range: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
    require(range.lowerBound >= 0 && range.upperBound <= count, "There are no examples \(range) among \(count)")
    if case .rows(let rows) = storage { return try read(Array(range), of: rows, into: destination) }
    copyStored(from: range.lowerBound, nil, count: range.count, into: destination)
  }

  /// Gives access to the examples of a range without a copy, if they are kept as float32; else returns `nil`.
  ///
  /// The range must be within `0..<count`.
  package func withFloats<Result>(
    _ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result? {
    require(range.lowerBound >= 0 && range.upperBound <= count, "There are no examples \(range) among \(count)")
    guard case .floats(let floats) = storage else { return nil }
    return try floats.withUnsafeBufferPointer {
      try body(.init(rebasing: $0[(range.lowerBound * dimensions)..<(range.upperBound * dimensions)]))
    }
  }

  /// Consecutive ranges of at most a size.
  package func chunks(of size: Int) -> [Range<Int>] {
    require(size >= 1, "a batch has at least one example, not \(size)")
    return stride(from: 0, to: count, by: size).map { $0..<Swift.min(count, $0 + size) }
  }

  /// Says which examples are likely to be copied next, so that those in files can be read meanwhile.
  package func willCopy(_ indices: [Int]) { if case .rows(let rows) = storage { rows.prepare(indices) } }

  /// How long copies have waited for examples that had been announced so; 0 for examples in memory.
  package var secondsWaited: Double { if case .rows(let rows) = storage { rows.secondsWaited } else { 0 } }

  private func read(
    _ indices: [Int], of rows: any RowSource, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    require(destination.count >= indices.count * dimensions, "The destination is too small for the examples")
    try rows.read(indices, into: destination)
  }

  /// Copies rows in memory after the one `start`: those at the indices, or the first ones.
  func copyStored(
    from start: Int, _ indices: UnsafePointer<Int64>?, count rows: Int,
    into destination: UnsafeMutableBufferPointer<Float>
  ) {
    let width = dimensions
    require(destination.count >= rows * width, "The destination is too small for the examples")
    guard rows > 0, let target = destination.baseAddress else { return }
    switch storage {
    case .bytes(let bytes, let divisor):
      bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        latent_copy_rows_u8(base + start * width, width, indices, rows, divisor, target)
      }
    case .floats(let floats):
      floats.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        latent_copy_rows_f32(base + start * width, width, indices, rows, target)
      }
    case .rows: stop("examples in files are read, not copied")
    }
  }
}
