import Foundation
import Testing

/// The code of the articles (docs/docc) is taken from sources that are compiled and run.
@Suite struct ArticleTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func files(in folder: String, ending: String) throws -> [URL] {
    let folder = Self.root.appendingPathComponent(folder)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(ending) }.sorted()
      .map { folder.appendingPathComponent($0) }
  }

  @Test func allCodeStandsInASourceThatIsRun() throws {
    let places = ["Examples", "Tests/Client/Sources", "Tests/TrainingTests"]
    let sources = try places.flatMap { try files(in: $0, ending: ".swift") }.map {
      try String(contentsOf: $0, encoding: .utf8)
    }
    var count = 0
    for article in try files(in: "docs/docc", ending: ".md") {
      let blocks = try String(contentsOf: article, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
      for block in blocks {
        let code = try #require(block.components(separatedBy: "```").first)
        count += 1
        #expect(sources.contains { $0.contains(code) }, "\(article.lastPathComponent) has code of its own:\n\(code)")
      }
    }
    #expect(count >= 14)
  }

  @Test func everyArticleIsReachedFromItsProduct() throws {
    for article in try files(in: "docs/docc/Latent.docc", ending: ".md") where article.lastPathComponent != "Latent.md"
    {
      let product = article.deletingLastPathComponent().appendingPathComponent("Latent.md")
      let name = article.deletingPathExtension().lastPathComponent
      #expect(try String(contentsOf: product, encoding: .utf8).contains("<doc:\(name)>"))
    }
  }
}
