import LatentDiagnostics
import Foundation

/// A dense array of numbers as files hold it: a shape, a type, and the bytes.
public struct NumericArray: Sendable, Equatable {
  /// The number of elements along each axis, outermost first; empty for a single number.
  public var shape: [Int]
  /// The type of every element.
  public var type: DataType
  /// The elements in row-major order, little-endian.
  public var bytes: Data

  /// Creates an array from its bytes.
  ///
  /// - Throws: A `LatentError` when the shape is negative or too large, or the bytes are not exactly those it needs.
  public init(shape: [Int], type: DataType, bytes: Data) throws {
    guard let needed = Self.byteCount(shape: shape, width: type.byteCount) else {
      throw LatentError.failure(
        "An array of shape \(shape) cannot exist: a size is negative or their product is too large",
        remedy: "Give the sizes of the axes as non-negative numbers")
    }
    guard needed == bytes.count else {
      throw LatentError.failure(
        "An array of shape \(shape) of type \(type.rawValue) takes \(needed) bytes but \(bytes.count) were given",
        remedy: "Give as many elements as the product of the shape")
    }
    self.shape = shape
    self.type = type
    self.bytes = bytes
  }

  /// Creates a float32 array; the number of values must be the product of the shape.
  public init(floats: [Float], shape: [Int]) {
    require(
      Self.byteCount(shape: shape, width: 4) == floats.count * 4,
      "\(floats.count) values do not fill the shape \(shape)")
    self.shape = shape
    type = .float32
    bytes = floats.withUnsafeBytes { Data($0) }
  }

  /// How many elements there are: the product of the shape, 1 for no dimensions.
  public var count: Int { bytes.count / type.byteCount }

  /// The elements as float32, whatever their type: wide integers and doubles are rounded to the nearest.
  public func floats() -> [Float] {
    switch type {
    case .uint8: converted(UInt8.self) { Float($0) }
    case .bool: converted(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .int32: converted(UInt32.self) { Float(Int32(bitPattern: $0)) }
    case .int64: converted(UInt64.self) { Float(Int64(bitPattern: $0)) }
    case .float32: converted(UInt32.self) { Float(bitPattern: $0) }
    case .float64: converted(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .bfloat16: converted(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    }
  }

  private func converted<Bits: FixedWidthInteger>(_: Bits.Type, _ convert: (Bits) -> Float) -> [Float] {
    bytes.withUnsafeBytes { raw in
      let width = MemoryLayout<Bits>.size
      return [Float](unsafeUninitializedCapacity: raw.count / width) { buffer, count in
        count = raw.count / width
        for index in 0..<count {
          buffer[index] = convert(Bits(littleEndian: raw.loadUnaligned(fromByteOffset: index * width, as: Bits.self)))
        }
      }
    }
  }

  /// The same array with its axes in another order: axis i of the result is axis `permutation[i]`.
  package func transposed(_ permutation: [Int]) throws -> NumericArray {
    let (width, rank) = (type.byteCount, shape.count)
    require(permutation.sorted() == Array(0..<rank), "\(permutation) does not order \(rank) axes")
    let strides = shape.indices.map { shape[($0 + 1)...].reduce(width, *) }
    let sizes = permutation.map { shape[$0] }
    let steps = permutation.map { strides[$0] }
    var result = Data(count: bytes.count)
    result.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
        var index = [Int](repeating: 0, count: rank)
        var place = 0
        for element in stride(from: 0, to: target.count, by: width) {
          for byte in 0..<width { target[element + byte] = source[place + byte] }
          for axis in (0..<rank).reversed() {
            index[axis] += 1
            place += steps[axis]
            if index[axis] < sizes[axis] { break }
            place -= steps[axis] * sizes[axis]
            index[axis] = 0
          }
        }
      }
    }
    return try NumericArray(shape: sizes, type: type, bytes: result)
  }

  /// The number of elements of a shape, or `nil` when a size is negative or the product is beyond 64 bits.
  static func elementCount(shape: [Int]) -> Int? {
    // A zero makes the whole product zero, wherever it stands, so it must not hide behind an overflow.
    guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
    if shape.contains(0) { return 0 }
    var product = 1
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// The size in bytes of a shape of elements of a width, or `nil` when that is beyond 64 bits.
  static func byteCount(shape: [Int], width: Int) -> Int? {
    guard let count = elementCount(shape: shape) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
    return overflow ? nil : bytes
  }
}
