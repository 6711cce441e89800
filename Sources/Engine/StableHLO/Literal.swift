/// A number as it is written in a constant: it reads back as exactly the nearest number of the type.
///
/// Decimal where that is exact and hexadecimal bits elsewhere: MLIR reads decimals as float64 and rounds once more, and has
/// no words for infinity and not-a-number.
func literal(_ value: Double, _ element: StoredType) -> String {
  switch element {
  case .f64:
    return value.isFinite ? decimal(value.description) : hexadecimal(value.bitPattern, digits: 16)
  case .f32:
    return decimal(Float(value)) ?? hexadecimal(UInt64(Float(value).bitPattern), digits: 8)
  case .bf16:
    let bits = bfloat16Bits(value)
    let rounded = Float(bitPattern: UInt32(bits) << 16)
    return decimal(rounded) ?? hexadecimal(UInt64(bits), digits: 4)
  case .i32:
    return String(saturated(value))
  case .i1:
    return value != 0 ? "true" : "false"
  case .ui32, .ui64:
    return String(UInt64(max(0, value)))
  }
}

/// The shortest decimal that reads back as the number, if reading by way of float64 does.
private func decimal(_ value: Float) -> String? {
  let text = decimal(value.description)
  guard value.isFinite, let read = Double(text), Float(read) == value else { return nil }
  return text
}

/// A decimal with the point that MLIR's grammar demands.
private func decimal(_ description: String) -> String {
  guard !description.contains("."), let exponent = description.firstIndex(of: "e") else { return description }
  return description[..<exponent] + ".0" + description[exponent...]
}

private func hexadecimal(_ bits: UInt64, digits: Int) -> String {
  let text = String(bits, radix: 16, uppercase: true)
  return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// The bits of the nearest bfloat16, halves to even, by way of float32 as everywhere else.
private func bfloat16Bits(_ value: Double) -> UInt16 {
  if value.isNaN { return 0x7FC0 }
  let bits = Float(value).bitPattern
  return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
}

/// The number rounded towards zero and confined to int32; not-a-number is 0.
private func saturated(_ value: Double) -> Int32 {
  if value.isNaN { return 0 }
  return Int32(max(Double(Int32.min), min(Double(Int32.max), value.rounded(.towardZero))))
}
