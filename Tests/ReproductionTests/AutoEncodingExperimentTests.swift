import Foundation
import Latent
import LatentReproduction
import TestSupport
import Testing

/// The experiments of Kingma & Welling 2013, cut down to seconds: that their rows are there and are numbers.
@Suite(.serialized, .enabled(if: (try? Dataset.load("mnist")) != nil, "MNIST is not on this machine"))
struct AutoEncodingExperimentTests {
  private func rows(_ name: String, folder: String? = nil) throws -> [ReproductionRow] {
    let rows = try Experiment.named(name).run(ExperimentContext(effort: 0.02, limit: 500, folder: folder))
    #expect(rows.allSatisfy { $0.ours.isFinite && $0.published == nil })
    #expect(Set(rows.map { $0.row }).count == rows.count)
    return rows
  }

  @Test func lowerBoundsHaveRowsForEveryMethodAndWidth() throws {
    let folder = try TemporaryFolder()
    let names = try rows("aevb-figure2", folder: folder.path).map { $0.row }
    #expect(names.count == 16)
    for latents in [3, 5, 10, 20, 200] {
      #expect(names.contains("test bound, \(latents) latents, AEVB"))
      #expect(names.contains("test bound, \(latents) latents, wake-sleep"))
      #expect(names.contains("AEVB minus wake-sleep at the end, \(latents) latents"))
    }
    #expect(names.contains("test minus train bound, 200 latents, AEVB"))
    #expect(folder.names == ["aevb-figure2.svg"])
  }

  @Test func marginalLikelihoodsHaveRowsForEveryMethod() throws {
    let folder = try TemporaryFolder()
    let names = try rows("aevb-figure3", folder: folder.path).map { $0.row }
    #expect(names.count == 10)
    for name in ["N = 1000, AEVB", "N = 1000, wake-sleep", "N = 1000, Monte Carlo EM", "N = 50000, AEVB"] {
      #expect(names.contains("test log-likelihood, \(name)"))
      #expect(names.contains("training log-likelihood, \(name)"))
    }
    #expect(!names.contains { $0.contains("N = 50000, Monte Carlo EM") })
    #expect(folder.names == ["aevb-figure3.svg"])
  }

  @Test func variancesHaveErrorsAndTheScoreFunctionTheLargest() throws {
    let rows = try rows("estimator-variance")
    #expect(rows.count == 30)
    #expect(rows.allSatisfy { $0.standardError != nil })
    let ratios = rows.filter { $0.row.hasPrefix("ratio, score function to reparameterised") }
    #expect(ratios.count == 6)
    #expect(ratios.allSatisfy { $0.ours > 100 })
  }

  @Test func weightPosteriorsHaveRowsForBothSizes() throws {
    let rows = try rows("aevb-full-bayes")
    #expect(rows.count == 36)
    for count in [1000, 10_000] {
      let compared = rows.filter { $0.pairedError != nil && $0.row.hasSuffix("N = \(count)") }
      #expect(
        compared.map { $0.row }
          == ["point weights", "drawn weights", "posterior means of the weights"].map {
            "test bound, \($0) minus point weights stopped early, N = \(count)"
          })
      let named = Dictionary(
        uniqueKeysWithValues: rows.filter { $0.row.hasSuffix("N = \(count)") }.map { ($0.row, $0.ours) })
      let bound = try #require(named["training bound, drawn weights, N = \(count)"])
      let divergence = try #require(named["the weights' divergence per example, N = \(count)"])
      #expect(divergence > 0)
      // Of 30 and 6 epochs at most, whatever the held-out tenth says.
      let epochs = try #require(named["epochs, point weights stopped early, N = \(count)"])
      #expect(epochs > 0 && epochs <= (count == 1000 ? 31 : 6.1))
      #expect(named["training bound with the weights' divergence, N = \(count)"] == bound - divergence)
    }
  }
}
