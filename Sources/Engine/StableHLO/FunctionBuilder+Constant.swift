import LatentTensorGraph

extension FunctionBuilder {
  /// One number at every element.
  mutating func constant(_ value: Double, _ type: TensorType) -> Value {
    constant(type, elements: type.shape.elementCount == 0 ? "" : literal(value, type.element))
  }

  /// One whole number at every element, of any size up to 64 bits.
  mutating func constant(integer value: UInt64, _ type: TensorType) -> Value {
    constant(type, elements: String(value))
  }

  /// Elements by their bytes, row-major and little-endian.
  mutating func constant(_ type: TensorType, bytes: [UInt8]) -> Value {
    let digits = Array("0123456789ABCDEF".utf8)
    let text = String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
      for (place, byte) in bytes.enumerated() {
        buffer[2 * place] = digits[Int(byte >> 4)]
        buffer[2 * place + 1] = digits[Int(byte & 15)]
      }
      return 2 * bytes.count
    }
    return constant(type, elements: bytes.isEmpty ? "" : "\"0x\(text)\"")
  }

  /// The given elements in row-major order, or one for all.
  mutating func constant(_ values: [Double], _ type: TensorType) -> Value {
    guard let first = values.first, values.count > 1 else { return constant(values.first ?? 0, type) }
    // Compared by bits, because 0 and -0 are equal and not-a-number is equal to nothing.
    if values.allSatisfy({ $0.bitPattern == first.bitPattern }) { return constant(first, type) }
    return constant(type, elements: nested(values[...], type.shape.dimensions[...], type.element))
  }

  private func nested(_ values: ArraySlice<Double>, _ sizes: ArraySlice<Int>, _ element: StoredType) -> String {
    guard let size = sizes.first, size > 0 else { return values.map { literal($0, element) }.joined() }
    let width = values.count / size
    let parts = (0..<size).map { part in
      let start = values.startIndex + part * width
      return nested(values[start..<(start + width)], sizes.dropFirst(), element)
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }
}
