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

  @Test(.enabled(if: (try? Dataset.load("mnist")) != nil, "MNIST is not on this machine"))
  func theTableOfImportanceWeightsHasARowForEachModel() throws {
    let table = try Experiment.named("iwae-table1")
    var context = ExperimentContext(effort: 0.001, limit: 100, samples: 3)
    let rows = try table.run(context)
    #expect(rows.map(\.published) == [86.76, 19, 85.54, 22, 84.78, 25, 85.33, 21])
    #expect(rows.allSatisfy { $0.ours.isFinite })
    // A model that begins with another is the same whether that one has a row or not.
    context.only = "k = 50"
    let alone = try table.run(context)
    #expect(alone.map(\.row) == ["nll, IWAE k = 50, one layer", "active latents, IWAE k = 50, one layer"])
    #expect(alone.map(\.ours) == rows[4...5].map(\.ours))
    context.only = "k = 7"
    #expect(throws: LatentError.self) { try table.run(context) }
  }
}
