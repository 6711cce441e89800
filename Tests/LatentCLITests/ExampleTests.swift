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
}
