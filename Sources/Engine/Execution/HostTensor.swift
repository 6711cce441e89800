import LatentDiagnostics
import LatentTensorGraph

/// An array in the program's own memory: what goes into a run and comes out of it.
public struct HostTensor: Hashable, Sendable {
  /// The sizes of the dimensions.
  public let shape: Shape
  /// The type of the elements.
  public let type: ElementType
  /// The elements in row-major order, in the machine's byte order.
  public var bytes: [UInt8]

  /// Wraps bytes.
  ///
  /// - Precondition: there are as many bytes as shape and type need.
  public init(shape: Shape, type: ElementType, bytes: [UInt8]) {
    require(
      bytes.count == shape.elementCount * type.byteCount, "\(bytes.count) bytes do not fill \(type) \(shape)")
    self.shape = shape
    self.type = type
    self.bytes = bytes
  }

  /// Converts numbers to a type; bool is "is not zero", integers round towards zero.
  ///
  /// - Precondition: there are as many values as the shape has elements.
  public init(_ values: [Double], shape: Shape, type: ElementType = .float32) {
    require(values.count == shape.elementCount, "\(values.count) values do not fill \(shape)")
    var bytes = [UInt8](repeating: 0, count: values.count * type.byteCount)
    bytes.withUnsafeMutableBytes { encode(values, as: type, into: $0) }
    self.init(shape: shape, type: type, bytes: bytes)
  }

  /// Wraps float32 numbers.
  ///
  /// - Precondition: there are as many values as the shape has elements.
  public init(_ values: [Float], shape: Shape) {
    self.init(shape: shape, type: .float32, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// The elements as float64, whatever their type.
  public var doubles: [Double] { bytes.withUnsafeBytes { decode($0, as: type) } }

  /// The elements as float32, whatever their type.
  public var floats: [Float] {
    guard type == .float32 else { return doubles.map(Float.init) }
    return bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }
}

/// Writes numbers as elements of a type; extra room is left alone.
package func encode(_ values: [Double], as type: ElementType, into bytes: UnsafeMutableRawBufferPointer) {
  switch type {
  case .float32: store(values, in: bytes) { Float($0) }
  case .float64: store(values, in: bytes) { $0 }
  case .int32: store(values, in: bytes) { saturated($0) }
  case .bool: store(values, in: bytes) { $0 != 0 ? UInt8(1) : 0 }
  case .bfloat16: store(values, in: bytes) { bfloat16Bits(Float($0)) }
  }
}

/// Reads elements of a type as numbers.
package func decode(_ bytes: UnsafeRawBufferPointer, as type: ElementType) -> [Double] {
  switch type {
  case .float32: bytes.bindMemory(to: Float.self).map(Double.init)
  case .float64: Array(bytes.bindMemory(to: Double.self))
  case .int32: bytes.bindMemory(to: Int32.self).map(Double.init)
  case .bool: bytes.map { $0 != 0 ? 1 : 0 }
  case .bfloat16: bytes.bindMemory(to: UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) }
  }
}

/// The number rounded towards zero and confined to int32; not-a-number is 0.
package func saturated(_ value: Double) -> Int32 {
  if value.isNaN { return 0 }
  return Int32(max(Double(Int32.min), min(Double(Int32.max), value.rounded(.towardZero))))
}

/// The bits of the nearest bfloat16, halves to even.
package func bfloat16Bits(_ value: Float) -> UInt16 {
  if value.isNaN { return 0x7FC0 }
  let bits = value.bitPattern
  return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
}

private func store<Element>(
  _ values: [Double], in bytes: UnsafeMutableRawBufferPointer, _ convert: (Double) -> Element
) {
  for (index, value) in values.enumerated() {
    bytes.storeBytes(of: convert(value), toByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
  }
}
