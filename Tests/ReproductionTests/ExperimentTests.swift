import Foundation
import Latent
import Testing

/// Experiments as values; what they give is in docs/reproduction.md.
@Suite struct ExperimentTests {
  @Test func rowsAverageOverSeeds() throws {
    let row = ReproductionRow("nll", published: 86.76, values: [87, 88, 89], seconds: 3)
    #expect(row.ours == 88)
    #expect(abs((row.standardError ?? 0) - (1.0 / 3).squareRoot()) < 1e-12)
    #expect(ReproductionRow("nll", values: [87], seconds: 3).standardError == nil)
    let json = String(decoding: try JSONEncoder().encode(row), as: UTF8.self)
    #expect(json.contains("\"standard_error\""))
  }

  @Test func unknownExperimentsAreNamed() {
    let error = #expect(throws: LatentError.self) { try Experiment.named("colapse") }
    #expect(error?.description.contains("Did you mean collapse?") == true)
  }

  @Test func namesAreUnique() {
    #expect(Set(Experiment.all.map { $0.name }).count == Experiment.all.count)
  }
}
