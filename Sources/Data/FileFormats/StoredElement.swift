import Foundation

/// A number as a file of any format may hold it, and the way from there to a `DataType` that holds its value.
enum StoredElement: Sendable {
  case uint8, int8, int16, uint16, int32, uint32, int64, float16, float32, float64, bool

  /// The size in the file in bytes.
  var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// The narrowest stored type that holds every value.
  var type: DataType {
    switch self {
    case .uint8: .uint8
    case .bool: .bool
    case .int8, .int16, .uint16, .int32: .int32
    case .uint32, .int64: .int64
    case .float16, .float32: .float32
    case .float64: .float64
    }
  }

  /// The elements as little-endian numbers of `type`; `raw` holds whole elements.
  func decoded(_ raw: Data, bigEndian: Bool) -> Data {
    switch self {
    case .uint8, .bool: raw
    case .int8: Self.map(raw, bigEndian) { (bits: UInt8) in Int32(Int8(bitPattern: bits)) }
    case .int16: Self.map(raw, bigEndian) { (bits: UInt16) in Int32(Int16(bitPattern: bits)) }
    case .uint16: Self.map(raw, bigEndian) { (bits: UInt16) in Int32(bits) }
    case .uint32: Self.map(raw, bigEndian) { (bits: UInt32) in Int64(bits) }
    case .float16: Self.map(raw, bigEndian) { (bits: UInt16) in Self.single(half: bits).bitPattern }
    case .int32, .float32: bigEndian ? Self.map(raw, true) { (bits: UInt32) in bits } : raw
    case .int64, .float64: bigEndian ? Self.map(raw, true) { (bits: UInt64) in bits } : raw
    }
  }

  private static func map<Bits: FixedWidthInteger, Result: FixedWidthInteger>(
    _ raw: Data, _ bigEndian: Bool, _ transform: (Bits) -> Result
  ) -> Data {
    let width = MemoryLayout<Bits>.size
    let resultWidth = MemoryLayout<Result>.size
    let count = raw.count / width
    var output = Data(count: count * resultWidth)
    output.withUnsafeMutableBytes { target in
      raw.withUnsafeBytes { source in
        for index in 0..<count {
          let bits = source.loadUnaligned(fromByteOffset: index * width, as: Bits.self)
          let value = transform(bigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
          target.storeBytes(of: value.littleEndian, toByteOffset: index * resultWidth, as: Result.self)
        }
      }
    }
    return output
  }

  /// Half precision widened exactly.
  private static func single(half: UInt16) -> Float {
    let sign: Float = half >> 15 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 0x1F)
    let fraction = Float(half & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 0x1F: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
    }
  }
}
