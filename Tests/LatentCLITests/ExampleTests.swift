import TestSupport
import Testing

@Suite struct ExampleTests {
  @Test func theLibraryExampleLearnsItsCrescents() throws {
    let example = try LatentProgramRun([], program: "TwoMoons")
    #expect(example.status == 0, "\(example.errors)")
    let lines = example.output.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("sample: ") }.count == 5)
    let likelihood = lines.last?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
    // One Normal fitted to both crescents reaches about -2.0.
    #expect((likelihood ?? -10) > -1.75)
  }

  @Test func theExampleOfATableFillsItsGaps() throws {
    let folder = try TemporaryFolder()
    for _ in 0..<2 {
      let example = try LatentProgramRun([folder.file("run")], program: "Table")
      #expect(example.status == 0, "\(example.errors)")
      let numbers = example.output.split(whereSeparator: { " ,\n".contains($0) }).compactMap { Double($0) }
      // The bound; the count of the gaps, the squared error in them, and that of the mean.
      #expect(numbers.count == 4 && numbers[2] < 0.5 * numbers[3], "\(example.output)")
    }
  }
}
