import Foundation

/// One JSON object on one line, its keys in the order in which they are given.
struct JSONLine: CustomStringConvertible {
  enum Value {
    case text(String)
    case integer(Int)
    case number(Double)
    /// A number, or null.
    case optional(Double?)
    /// Objects, one after another.
    indirect case list([[(String, Value)]])
  }

  private let fields: [(String, Value)]

  init(_ fields: [(String, Value)]) { self.fields = fields }

  var description: String {
    "{" + fields.map { "\(Self.quoted($0.0)): \(Self.text($0.1))" }.joined(separator: ", ") + "}"
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .text(let text): quoted(text)
    case .integer(let number): String(number)
    case .number(let number): number.isFinite ? String(number) : "null"
    case .list(let objects): "[" + objects.map { JSONLine($0).description }.joined(separator: ", ") + "]"
    case .optional(let number): text(.number(number ?? .nan))
    }
  }

  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}
