import LatentDiagnostics
import TestSupport
import Testing

@testable import LatentFileFormats

@Suite struct DelimitedTextTests {
  @Test(
    "Cells are read as spreadsheets write them",
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a;b\r\n1;2,5", [["a", "b"], ["1", "2,5"]]),
      ("a\tb\n\n1\t\n", [["a", "b"], ["1", ""]]), ("\u{FEFF}a | b\n1 |2", [["a", "b"], ["1", "2"]]),
      ("\"a, b\",c\n\"say \"\"no\"\"\" , \"two\nlines\"\n", [["a, b", "c"], ["say \"no\"", "two\nlines"]]),
      ("\"\",x\n1,\" y \"\n", [["", "x"], ["1", " y "]]), ("alone\n1\n\n2\n", [["alone"], ["1"], ["2"]]),
    ])
  func cells(_ text: String, _ rows: [[String]]) throws {
    #expect(try DelimitedText(text, source: "t").rows == rows)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let rows = [["a", "b,c"], ["d\"e", "f\ng"], ["", "1.5"]]
    #expect(try DelimitedText(DelimitedText.text(rows), separator: ",", source: "t").rows == rows)
  }

  @Test(
    "What is no table is refused",
    arguments: [
      ("", "t is empty"), ("\n\n", "t is empty"), ("a,b\n1,2,3\n", "t has 3 cells in row 2, but 2 in the first"),
      ("a,b\n\"1,2\n", "t has a quoted cell without an end, in row 2"),
    ])
  func refusals(_ text: String, _ problem: String) {
    let error = #expect(throws: LatentError.self) { try DelimitedText(text, source: "t") }
    #expect(error?.problem == problem)
  }

  @Test func bytesAreNoText() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([0x61, 0xFF, 0x2C], as: "a.csv")
    let error = #expect(throws: LatentError.self) { try DelimitedText(contentsOf: path) }
    #expect(error?.problem == "\(path) is no text in UTF-8")
  }
}
