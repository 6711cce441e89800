import CLatentKernels
import LatentDiagnostics

extension Examples {
  /// Copies the examples at some indices, one after another, as float32.
  ///
  /// Indices must be below `count`, and the destination must have room for `indices.count * dimensions` values.
  package func copy(_ indices: [Int], into destination: UnsafeMutableBufferPointer<Float>) {
    for index in indices { require(index >= 0 && index < count, "There is no example \(index) among \(count)") }
    indices.withUnsafeBufferPointer { indices in
      indices.withMemoryRebound(to: Int64.self) {
        copyRows(from: 0, $0.baseAddress, count: $0.count, into: destination)
      }
    }
  }

  /// Copies the examples of a range, one after another, as float32.
  ///
  /// The range must be within `0..<count`, and the destination must have room for `range.count * dimensions` values.
  package func copyRange(_ range: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
    require(range.lowerBound >= 0 && range.upperBound <= count, "There are no examples \(range) among \(count)")
    copyRows(from: range.lowerBound, nil, count: range.count, into: destination)
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

  /// Copies rows after the one `start`: those at the indices, or the first ones.
  private func copyRows(
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
    }
  }
}
