import Testing

@testable import LatentReproduction

@Suite struct ExampleFiguresTests {
  /// Examples that differ by far more than the two models do.
  private let easyAndHard = [60.0, 70, 80, 90, 100, 110]

  @Test func aDifferenceHasTheErrorOfTheExamplesOwnDifferences() throws {
    let gains = [1.0, 2, 3, 1, 2, 3]
    let first = ExampleFigures("A", published: 86.76, seeds: [easyAndHard])
    let second = ExampleFigures("B", published: 85.54, seeds: [zip(easyAndHard, gains).map { $0 - $1 }])
    let row = second.difference("nll", from: first)
    #expect(row.row == "nll, B minus A")
    #expect(row.published == -1.22)
    #expect(abs(row.ours + 2) < 1e-12)
    #expect(row.standardError == nil)
    // Six differences with the variance 4 / 5.
    #expect(abs(try #require(row.pairedError) - (4.0 / 5 / 6).squareRoot()) < 1e-12)
    #expect(SampleStatistics(easyAndHard).error > 7)
  }

  @Test func seedsHaveAnErrorOfTheirOwn() throws {
    // Every example gains 1 by the first seed and 3 by the second: examples agree, seeds do not.
    let first = ExampleFigures("A", seeds: [easyAndHard, easyAndHard])
    let second = ExampleFigures("B", seeds: [easyAndHard.map { $0 - 1 }, easyAndHard.map { $0 - 3 }])
    let row = second.difference("nll", from: first)
    #expect(row.published == nil)
    #expect(row.ours == -2)
    #expect(row.standardError == 1)
    #expect(try #require(row.pairedError) < 1e-9)
  }

  @Test func modelsAreComparedWithOneThatWasMeasured() {
    let models = ["A", "B", "C"].map { ExampleFigures($0, seeds: [easyAndHard]) }
    #expect(models.differences("nll", from: "A").map(\.row) == ["nll, B minus A", "nll, C minus A"])
    #expect(models.differences("nll", from: "D").isEmpty)
    #expect(models[0].row("nll", seconds: 3).row == "nll, A")
    #expect(models[0].row("nll").pairedError == nil)
  }
}
