import Foundation
import LatentDiagnostics
import TestSupport
import Testing

@testable import LatentDatasets

@Suite struct TableTests {
  private let table = """
    height,smoker,colour,age
    150.5,yes,red,30
    160.5,no,"dark, blue",40
    ,no,green,?
    170.5,NA,red,50

    """

  private func values(_ examples: Examples) throws -> [Float] {
    var result = [Float](repeating: 0, count: examples.count * examples.dimensions)
    try result.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    return result
  }

  @Test func columnsAreTypedAndStandardised() throws {
    let folder = try TemporaryFolder()
    let dataset = try Dataset.load(folder.write(Array(table.utf8), as: "a.csv"))
    let schema = try #require(dataset.table)
    #expect(schema.hasHeader && schema.columns.map(\.name) == ["height", "smoker", "colour", "age"])
    #expect(schema.numbers == 2 && schema.booleans == 1 && schema.categories == [3] && schema.width == 6)
    let spread = (200.0 / 3).squareRoot()
    #expect(schema.columns[0].kind == .number(mean: 160.5, standardDeviation: spread, isWhole: false))
    #expect(schema.columns[1].kind == .boolean(no: "no", yes: "yes"))
    #expect(schema.columns[2].kind == .category(["dark, blue", "green", "red"]))
    #expect(schema.columns[3].kind == .number(mean: 40, standardDeviation: spread, isWhole: true))
    #expect(dataset.train.shape == [6] && dataset.train.count == 4 && dataset.train.hasMissing)
    // height, age, smoker, colour.
    let rows = try values(dataset.train)
    let one = Float(10 / spread)
    #expect(Array(rows[0..<6]) == [-one, -one, 1, 0, 0, 1])
    #expect(Array(rows[6..<12]) == [0, 0, 0, 1, 0, 0])
    #expect(rows[12].isNaN && rows[13].isNaN && Array(rows[14..<18]) == [0, 0, 1, 0])
    #expect(Array(rows[18..<20]) == [one, one] && rows[20].isNaN && Array(rows[21..<24]) == [0, 0, 1])
  }

  @Test func examplesGiveTheirCellsBack() throws {
    let folder = try TemporaryFolder()
    let dataset = try Dataset.load(folder.write(Array(table.utf8), as: "a.csv"))
    let schema = try #require(dataset.table)
    let rows = try values(dataset.train)
    let cells = (0..<4).map { schema.cells(rows[($0 * 6)..<(($0 + 1) * 6)]) }
    #expect(
      cells == [
        ["150.5", "yes", "red", "30"], ["160.5", "no", "dark, blue", "40"], ["", "no", "green", ""],
        ["170.5", "", "red", "50"],
      ])
    // What a model gives are means and probabilities.
    #expect(schema.cells([0.5, 0.06, 0.7, 0.2, 0.5, 0.3])[1...] == ["yes", "green", "40"])
  }

  @Test func cellsOfAnySizeAreWritten() throws {
    let folder = try TemporaryFolder()
    let schema = try #require(
      try Dataset.load(folder.write(Array("a,b\n1e29,1\n3e29,2\n".utf8), as: "a.csv")).table)
    #expect(schema.cells([1e9, .infinity])[0].count > 30 && schema.cells([1e9, .infinity])[1] == "inf")
    #expect(schema.cells([0, -1])[1] == "1")
  }

  @Test func anotherTableIsReadByTheSameSchema() throws {
    let folder = try TemporaryFolder()
    let first = try Dataset.load(folder.write(Array(table.utf8), as: "a.csv"))
    let other = try folder.write(Array("180.5,No,green,45\n".utf8), as: "b.csv")
    let rows = try values(Dataset.load(other, table: first.table).train)
    let spread = (200.0 / 3).squareRoot()
    #expect(rows == [Float(20 / spread), Float(5 / spread), 0, 0, 1, 0])
  }

  @Test(
    "What does not fit the columns is named",
    arguments: [
      (
        "180,yes,mauve,3\n", "has \"mauve\" in row 1 of the column colour, which is of the words dark, blue, green, red"
      ),
      ("tall,yes,red,3\n", "has \"tall\" in row 1 of the column height, which is of numbers"),
      ("180,maybe,red,3\n", "has \"maybe\" in row 1 of the column smoker, which is of no and yes"),
      ("180,yes,red\n", "has 3 columns instead of 4"),
    ])
  func refusals(_ text: String, _ problem: String) throws {
    let folder = try TemporaryFolder()
    let first = try Dataset.load(folder.write(Array(table.utf8), as: "a.csv"))
    let other = try folder.write(Array(text.utf8), as: "b.csv")
    let error = #expect(throws: LatentError.self) { try Dataset.load(other, table: first.table) }
    #expect(error?.problem == "\(other) \(problem)")
  }

  @Test(
    "Headers are told from rows",
    arguments: [
      ("a,b\n1,2\n", true), ("1,2\n3,4\n", false), ("x,y\nx,z\ny,x\n", false), ("name,kind\nx,y\nz,y\n", true),
      ("a,1\nb,2\n", false),
    ])
  func headers(_ text: String, _ isHeader: Bool) throws {
    let folder = try TemporaryFolder()
    let dataset = try Dataset.load(folder.write(Array(text.utf8), as: "a.csv"))
    #expect(dataset.table?.hasHeader == isHeader)
  }

  @Test func columnsOfNothingAndOfFreeTextAreRefused() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write(Array("a,b\n1,\n2,NA\n".utf8), as: "a.csv")
    let error = #expect(throws: LatentError.self) { try Dataset.load(empty) }
    #expect(error?.problem == "The column b of \(empty) has no cell that is not missing")
    let text = "id,x\n" + (0..<1100).map { "word\($0),\($0)\n" }.joined()
    let free = try folder.write(Array(text.utf8), as: "b.csv")
    let many = #expect(throws: LatentError.self) { try Dataset.load(free) }
    #expect(many?.problem.contains("has 1100 different words") == true)
  }

  @Test func aFolderOfTablesHasSplits() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("a,b\n1,2\n3,5\n".utf8), as: "train.csv")
    try folder.write(Array("a,b\n3,5\n".utf8), as: "test.csv")
    let dataset = try Dataset.load(folder.path)
    #expect(dataset.train.count == 2 && dataset.test?.count == 1)
    // Measured as the training rows are.
    #expect(try values(#require(dataset.test)) == [1, 1])
  }
}
