import Foundation

/// The header of a safetensors file as its JSON has it, before anything in it is believed.
struct SafetensorsHeader: Decodable {
  /// What the header says of one tensor.
  struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]

    private enum CodingKeys: CodingKey { case dtype, shape, data_offsets }
  }

  var entries: [String: Entry] = [:]
  var metadata: [String: String] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  static func code(for type: DataType) -> String {
    switch type {
    case .uint8: "U8"
    case .int32: "I32"
    case .int64: "I64"
    case .float32: "F32"
    case .float64: "F64"
    case .bfloat16: "BF16"
    case .bool: "BOOL"
    }
  }

  static func type(for code: String) -> DataType? { DataType.allCases.first { Self.code(for: $0) == code } }

  /// The keys of the outermost object in the order of the text, repetitions included; the text is valid JSON.
  ///
  /// Foundation forgets the order and keeps one of several equal keys, and a file with two tensors of one name must be
  /// refused.
  static func keysInOrder(of json: Data) -> [String] {
    var keys: [String] = []
    var depth = 0
    var expectsKey = false
    var stringStart: Int?
    var isEscaped = false
    for position in json.indices {
      let byte = json[position]
      if let start = stringStart {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          stringStart = nil
          if depth == 1, expectsKey {
            expectsKey = false
            if let key = try? JSONDecoder().decode(String.self, from: json[start...position]) { keys.append(key) }
          }
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): stringStart = position
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        expectsKey = depth == 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ",") where depth == 1: expectsKey = true
      default: break
      }
    }
    return keys
  }
}
