import Foundation
import Latent
import Synchronization
import TestSupport
import Testing

@testable import LatentReproduction

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

  @Test func severalModelsCanBeAskedFor() throws {
    let names = ["plain", "annealing", "free bits", "aggressive"]
    let experiment = Experiment("names", "", paper: "", protocol: "") { context in
      names.filter { context.wants($0) }.map { ReproductionRow($0, values: [1], seconds: 0) }
    }
    #expect(try experiment.run(ExperimentContext(only: "plain|free")).map(\.row) == ["plain", "free bits"])
    #expect(try experiment.run(ExperimentContext(only: "ing")).map(\.row) == ["annealing"])
    #expect(throws: LatentError.self) { try experiment.run(ExperimentContext(only: "x|y")) }
  }
}

/// Experiments on MNIST, cut down to seconds.
@Suite(.serialized, .enabled(if: (try? Dataset.load("mnist")) != nil, "MNIST is not on this machine"))
struct MNISTExperimentTests {
  @Test func theTableOfImportanceWeightsHasARowForEachModel() throws {
    let table = try Experiment.named("iwae-table1")
    var context = ExperimentContext(effort: 0.001, limit: 100, samples: 3)
    let rows = try table.run(context)
    let published: [Double?] = [86.76, 19, nil, nil, 85.54, 22, 84.78, 25, 85.33, 21, nil, -1.22, -1.98, -1.43]
    #expect(rows.map(\.published) == published)
    #expect(rows.allSatisfy { $0.ours.isFinite })
    // Adam's row is another model than Muon's, and all rows are compared with the first, image by image.
    #expect(rows[2].row == "nll, VAE k = 1, one layer, Adam" && rows[2].ours != rows[0].ours)
    #expect(rows[10].row == "nll, VAE k = 1, one layer, Adam minus VAE k = 1, one layer")
    #expect(abs(rows[10].ours - (rows[2].ours - rows[0].ours)) < 1e-9)
    #expect(rows.map { $0.pairedError != nil } == [Bool](repeating: false, count: 10) + [true, true, true, true])
    // A model that begins with another is the same whether that one has a row or not.
    context.only = "k = 50"
    let alone = try table.run(context)
    #expect(alone.map(\.row) == ["nll, IWAE k = 50, one layer", "active latents, IWAE k = 50, one layer"])
    #expect(alone.map(\.ours) == rows[6...7].map(\.ours))
    context.only = "k = 7"
    #expect(throws: LatentError.self) { try table.run(context) }
  }

  @Test func publishedLikelihoodsStandBesideLikelihoods() throws {
    let rows = try Experiment.named("ladder").run(ExperimentContext(effort: 0.01, limit: 100, samples: 3))
    let figures = Dictionary(uniqueKeysWithValues: rows.map { ($0.row, $0) })
    #expect(figures["nll, ladder"]?.published == 81.84)
    #expect(figures["negative bound, ladder"] != nil && figures["negative bound, ladder"]?.published == nil)
    for figure in ["negative bound", "nll"] {
      let difference = try #require(figures["\(figure), ladder minus plain"])
      let ladder = try #require(figures["\(figure), ladder"])
      let plain = try #require(figures["\(figure), plain"])
      #expect(abs(difference.ours - (ladder.ours - plain.ours)) < 1e-9)
      #expect((difference.pairedError ?? 0) > 0)
    }
  }

  @Test func modelsOfACollapseAreComparedWithThePlainOne() throws {
    let only = "plain|annealing|free bits"
    let rows = try Experiment.named("collapse").run(ExperimentContext(effort: 0.05, limit: 200, only: only))
    let compared = rows.filter { $0.pairedError != nil }
    #expect(compared.map(\.row) == ["elbo, annealing minus plain", "elbo, free bits minus plain"])
  }

  @Test func modelsThatAreKeptAreTakenAsTheyAre() throws {
    let folder = try TemporaryFolder()
    let reports = Reports()
    var context = ExperimentContext(
      effort: 0.01, limit: 100, samples: 3, only: "k = 1, one layer", runs: folder.path + "/runs",
      report: { reports.add($0) })
    let table = try Experiment.named("iwae-table1")
    let first = try table.run(context)
    #expect(reports.take().contains { $0.contains("epoch 3 of 3") })
    let second = try table.run(context)
    #expect(second.map(\.ours) == first.map(\.ours))
    #expect(reports.take().allSatisfy { $0.contains("is taken as it is") })
    context.effort = 0.02
    let error = #expect(throws: LatentError.self) { try table.run(context) }
    #expect(error?.description.contains("another configuration") == true)
  }
}

/// What an experiment has said.
private final class Reports: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  func take() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }
}
