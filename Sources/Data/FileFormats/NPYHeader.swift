/// The header of an NPY file: a literal of a Python dictionary with the type, the order, and the shape.
///
/// Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
struct NPYHeader: Equatable {
  /// The element's type as NumPy writes it, such as `<f4`.
  var descriptor: String
  /// Whether the first axis, rather than the last, is the one whose elements are neighbours.
  var isFortranOrder: Bool
  /// The sizes of the axes.
  var shape: [Int]

  /// The element and its byte order, or `nil` when it is one that no `DataType` can hold.
  var element: (kind: StoredElement, bigEndian: Bool)? {
    guard let order = descriptor.first, "<>|=".contains(order) else { return nil }
    let kind: StoredElement? =
      switch descriptor.dropFirst() {
      case "u1": .uint8
      case "i1": .int8
      case "b1": .bool
      case "u2": .uint16
      case "i2": .int16
      case "u4": .uint32
      case "i4": .int32
      case "i8": .int64
      case "f2": .float16
      case "f4": .float32
      case "f8": .float64
      default: nil
      }
    return kind.map { ($0, order == ">") }
  }

  /// The header's text, without padding.
  var text: String {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let tuple = shape.count > 1 ? String(sizes.dropLast()) : sizes
    return "{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), 'shape': (\(tuple)), }"
  }
}

extension NPYHeader {
  /// Why a header cannot be understood, as the end of a sentence.
  struct Malformed: Error, Equatable {
    var reason: String
  }

  /// Parses the header's text.
  init(parsing bytes: some Sequence<UInt8>) throws {
    var parser = Parser(rest: Array(bytes)[...])
    var descriptor: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try parser.expect("{")
    while !parser.take("}") {
      let key = try parser.string()
      try parser.expect(":")
      switch key {
      case "descr" where descriptor == nil:
        if parser.next == UInt8(ascii: "[") { throw Malformed(reason: "its elements are records, not numbers") }
        descriptor = try parser.string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try parser.boolean()
      case "shape" where shape == nil: shape = try parser.tuple()
      default: throw Malformed(reason: "its header has an unknown or repeated entry")
      }
      if !parser.take(",") {
        try parser.expect("}")
        break
      }
    }
    guard parser.next == nil else { throw Malformed(reason: "its header goes on after the closing brace") }
    guard let descriptor, let isFortranOrder, let shape else {
      throw Malformed(reason: "its header lacks the type, the order, or the shape")
    }
    self.init(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
  }

  /// The few pieces of Python that the header is made of.
  private struct Parser {
    var rest: ArraySlice<UInt8>

    /// The next byte that is not white space.
    var next: UInt8? {
      mutating get {
        rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return rest.first
      }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard let byte = next, UInt32(byte) == character.value else { return false }
      rest = rest.dropFirst()
      return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws {
      guard take(character) else { throw Malformed(reason: "its header lacks a \"\(character)\" where one must be") }
    }

    mutating func string() throws -> String {
      guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
        throw Malformed(reason: "its header lacks a quoted text where one must be")
      }
      let body = rest.dropFirst().prefix { $0 != quote }
      rest = rest.dropFirst(body.count + 2)
      guard rest.startIndex == body.endIndex + 1 else { throw Malformed(reason: "a text in its header has no end") }
      return String(decoding: body, as: UTF8.self)
    }

    mutating func boolean() throws -> Bool {
      for (word, value) in [("True", true), ("False", false)] where next != nil && rest.starts(with: word.utf8) {
        rest = rest.dropFirst(word.utf8.count)
        return value
      }
      throw Malformed(reason: "its order is neither True nor False")
    }

    mutating func tuple() throws -> [Int] {
      var sizes: [Int] = []
      try expect("(")
      while !take(")") {
        _ = next
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard let size = Int(String(decoding: digits, as: UTF8.self)) else {
          throw Malformed(reason: "its shape is not made of numbers")
        }
        rest = rest.dropFirst(digits.count)
        _ = take("L")  // Python 2 wrote long integers so.
        sizes.append(size)
        if !take(",") {
          try expect(")")
          break
        }
      }
      return sizes
    }
  }
}
