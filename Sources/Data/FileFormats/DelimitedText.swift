import Foundation
import LatentDiagnostics

/// Rows of cells in a text: CSV, TSV, and their like (RFC 4180).
package struct DelimitedText: Sendable {
  /// All rows, the first of which may be a header; each with as many cells as the first.
  package let rows: [[String]]
  /// What stands between cells.
  package let separator: Character

  /// What may stand between cells.
  static let separators: [Character] = [",", "\t", ";", "|"]

  /// Reads a file.
  ///
  /// - Parameter separator: what stands between cells; `nil` for the one that is most often in the first line.
  /// - Throws: A `LatentError` naming the file and the line when it cannot be read, is no text, or has rows of several lengths.
  package init(contentsOf path: String, separator: Character? = nil) throws {
    let data = try FileReading.data(at: path)
    guard let text = String(bytes: data, encoding: .utf8), !text.unicodeScalars.contains("\0") else {
      throw LatentError.failure(
        "\(path) is no text in UTF-8", remedy: "Save the table as CSV in UTF-8, or give another file")
    }
    try self.init(text, separator: separator, source: path)
  }

  /// Reads a text; errors call it `source`.
  package init(_ text: String, separator: Character? = nil, source: String) throws {
    let body = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    let firstLine = body.prefix { !$0.isNewline }
    let counts = Self.separators.map { mark in firstLine.count { $0 == mark } }
    let likely = zip(Self.separators, counts).max { $0.1 < $1.1 }?.0 ?? ","
    self.separator = separator ?? likely
    rows = try Self.parse(body, self.separator, source)
    guard let width = rows.first?.count else {
      throw LatentError.failure("\(source) is empty", remedy: "Give a table with at least one row")
    }
    if let wrong = rows.firstIndex(where: { $0.count != width }) {
      throw LatentError.failure(
        "\(source) has \(rows[wrong].count) cells in row \(wrong + 1), but \(width) in the first",
        remedy: "Give every row the same number of cells, and put cells that hold a separator in quotes")
    }
  }

  private static func parse(_ text: String, _ separator: Character, _ source: String) throws -> [[String]] {
    var rows: [[String]] = []
    var (row, cell) = ([String](), "")
    var (isQuoted, wasQuoted) = (false, false)
    func isEmptyLine() -> Bool { row.isEmpty && cell.isEmpty && !wasQuoted }
    func endCell() {
      row.append(wasQuoted ? cell : cell.trimmingCharacters(in: .whitespaces))
      (cell, wasQuoted) = ("", false)
    }
    var rest = text[...]
    while let character = rest.popFirst() {
      if isQuoted {
        if character != "\"" {
          cell.append(character)
        } else if rest.first == "\"" {
          cell.append("\"")
          rest.removeFirst()
        } else {
          isQuoted = false
        }
      } else if character == "\"", cell.allSatisfy(\.isWhitespace) {
        (cell, isQuoted, wasQuoted) = ("", true, true)
      } else if character == separator {
        endCell()
      } else if character.isNewline {
        if isEmptyLine() { continue }
        endCell()
        rows.append(row)
        row = []
      } else if !wasQuoted || !character.isWhitespace {
        cell.append(character)
      }
    }
    guard !isQuoted else {
      throw LatentError.failure(
        "\(source) has a quoted cell without an end, in row \(rows.count + 1)", remedy: "Close the quotes")
    }
    if !isEmptyLine() {
      endCell()
      rows.append(row)
    }
    return rows
  }

  /// The text of rows, with quotes where a cell needs them.
  package static func text(_ rows: [[String]], separator: Character = ",") -> String {
    rows.map { row in
      row.map { cell in
        let isPlain = !cell.contains { $0 == separator || $0 == "\"" || $0.isNewline } && !cell.isEmpty
        return isPlain || cell.isEmpty ? cell : "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
      }.joined(separator: String(separator)) + "\n"
    }.joined()
  }
}
