import Foundation
import LatentDiagnostics

/// What the columns of a table are, and how their cells are numbers of examples.
///
/// Examples have the numbers first, each less its mean and over its standard deviation; then a zero or a one for each column of
/// truth values; then for each column of categories a one among zeros. A missing cell is missing in all of its numbers.
public struct TableSchema: Codable, Hashable, Sendable {
  /// A column.
  public struct Column: Codable, Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// What its cells are.
    public var kind: Kind
  }

  /// What the cells of a column are.
  public enum Kind: Codable, Hashable, Sendable {
    /// Numbers of a mean and a standard deviation.
    case number(mean: Double, standardDeviation: Double, isWhole: Bool)
    /// One of two words, or 0 and 1.
    case boolean(no: String, yes: String)
    /// One of some words.
    case category([String])
  }

  /// The columns as they stand in the table.
  public var columns: [Column]
  /// Whether the first row of the table names the columns.
  public var hasHeader: Bool

  /// Words that stand for a missing cell, besides none.
  static let missingWords: Set<String> = ["na", "n/a", "nan", "null", "none", "?"]
  /// More words than that in a column are free text.
  static let mostCategories = 1000
  /// Words for no and yes, in pairs.
  private static let truthWords = [("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"), ("0", "1")]

  /// The columns of which examples have numbers, truth values, and categories, each in the order of the table.
  var order: [Int] {
    func places(_ isMine: (Kind) -> Bool) -> [Int] { columns.indices.filter { isMine(columns[$0].kind) } }
    return places { if case .number = $0 { true } else { false } }
      + places { if case .boolean = $0 { true } else { false } }
      + places { if case .category = $0 { true } else { false } }
  }

  /// How many columns are numbers, and how many truth values.
  public var numbers: Int { columns.count { if case .number = $0.kind { true } else { false } } }
  /// How many columns are truth values.
  public var booleans: Int { columns.count { if case .boolean = $0.kind { true } else { false } } }
  /// How many words each column of categories has.
  public var categories: [Int] {
    columns.compactMap { if case .category(let words) = $0.kind { words.count } else { nil } }
  }
  /// How many numbers an example has.
  public var width: Int { numbers + booleans + categories.reduce(0, +) }

  /// Whether a cell is missing.
  static func isMissing(_ cell: String) -> Bool { cell.isEmpty || missingWords.contains(cell.lowercased()) }

  /// What the columns of some rows are.
  ///
  /// - Parameter header: whether the first row names the columns; `nil` to tell by what is in it.
  /// - Throws: `LatentError` naming a column of free text, or without a cell that is not missing.
  init(of rows: [[String]], header: Bool?, source: String) throws {
    hasHeader = header ?? Self.looksLikeHeader(rows)
    let names = hasHeader ? rows[0] : rows[0].indices.map { "column\($0 + 1)" }
    let body = rows.dropFirst(hasHeader ? 1 : 0)
    guard !body.isEmpty else {
      throw LatentError.failure("\(source) has a header and no rows", remedy: "Give a table with at least one row")
    }
    columns = try names.enumerated().map { index, name in
      let cells = body.lazy.map { $0[index] }.filter { !Self.isMissing($0) }
      return Column(name: name, kind: try Self.kind(Array(cells), name, source))
    }
  }

  /// A first row without numbers, above a column that has some, or of words that are nowhere below.
  private static func looksLikeHeader(_ rows: [[String]]) -> Bool {
    guard rows.count > 1, rows[0].allSatisfy({ Double($0) == nil && !$0.isEmpty }) else { return false }
    let hasNumbers = rows[0].indices.contains { column in
      rows.dropFirst().contains { Double($0[column]) != nil }
    }
    return hasNumbers
      || rows[0].indices.allSatisfy { column in !rows.dropFirst().contains { $0[column] == rows[0][column] } }
  }

  private static func kind(_ cells: [String], _ name: String, _ source: String) throws -> Kind {
    guard !cells.isEmpty else {
      throw LatentError.failure(
        "The column \(name) of \(source) has no cell that is not missing", remedy: "Take the column out")
    }
    let words = Set(cells)
    let lower = Set(words.map { $0.lowercased() })
    if let pair = truthWords.first(where: { lower.isSubset(of: [$0.0, $0.1]) && lower.count == 2 }) {
      return .boolean(
        no: words.first { $0.lowercased() == pair.0 } ?? pair.0,
        yes: words.first { $0.lowercased() == pair.1 } ?? pair.1)
    }
    let numbers = cells.compactMap(Double.init)
    if numbers.count == cells.count, numbers.allSatisfy({ $0.isFinite && abs($0) < 1e30 }) {
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
      return .number(
        mean: mean, standardDeviation: variance > 0 ? variance.squareRoot() : 1,
        isWhole: numbers.allSatisfy { $0 == $0.rounded() })
    }
    guard words.count <= mostCategories else {
      throw LatentError.failure(
        "The column \(name) of \(source) has \(words.count) different words, which are too many for categories",
        remedy: "Take the column out, or put its words into groups")
    }
    return .category(words.sorted())
  }

  /// The numbers of a row's cells as an example has them, and of missing cells NaN.
  ///
  /// - Throws: `LatentError` naming a cell that is not what its column is.
  func example(_ cells: [String], row: Int, source: String) throws -> [Float] {
    var result: [Float] = []
    for index in order {
      let (cell, column) = (cells[index], columns[index])
      let isMissing = Self.isMissing(cell)
      func wrong(_ expected: String) -> LatentError {
        .failure(
          "\(source) has \"\(cell)\" in row \(row) of the column \(column.name), which is of \(expected)",
          remedy: "Give tables with the columns, and the words, of the one that the model was trained on")
      }
      switch column.kind {
      case .number(let mean, let standardDeviation, _):
        guard isMissing || Double(cell)?.isFinite == true else { throw wrong("numbers") }
        result.append(Float(((isMissing ? .nan : Double(cell) ?? .nan) - mean) / standardDeviation))
      case .boolean(let no, let yes):
        guard isMissing || [no, yes].contains(where: { $0.lowercased() == cell.lowercased() }) else {
          throw wrong("\(no) and \(yes)")
        }
        result.append(isMissing ? .nan : cell.lowercased() == yes.lowercased() ? 1 : 0)
      case .category(let words):
        guard isMissing || words.contains(cell) else {
          throw wrong("the words \(words.prefix(5).joined(separator: ", "))")
        }
        result += words.map { isMissing ? .nan : $0 == cell ? 1 : 0 }
      }
    }
    return result
  }

  /// The cells of an example: numbers in their own unit, the more probable truth value, the most probable word.
  public func cells(_ example: some RandomAccessCollection<Float>) -> [String] {
    var result = [String](repeating: "", count: columns.count)
    var rest = example[...]
    for index in order {
      switch columns[index].kind {
      case .number(let mean, let standardDeviation, let isWhole):
        let value = Double(rest.popFirst() ?? .nan) * standardDeviation + mean
        // No whole number type holds all that a column may: cells go up to 1e30.
        let text = isWhole ? String(format: "%.0f", value.rounded() + 0) : String(format: "%.6g", value)
        result[index] = value.isNaN ? "" : text
      case .boolean(let no, let yes):
        let value = rest.popFirst() ?? .nan
        result[index] = value.isNaN ? "" : value >= 0.5 ? yes : no
      case .category(let words):
        let part = Array(rest.prefix(words.count))
        rest = rest.dropFirst(words.count)
        let best = part.indices.max { part[$0] < part[$1] }
        result[index] = best.flatMap { part[$0].isNaN ? nil : words[$0] } ?? ""
      }
    }
    return result
  }
}
