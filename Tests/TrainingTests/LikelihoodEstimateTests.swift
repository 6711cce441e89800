import Foundation
import Latent
import TestSupport
import Testing

/// Estimates of the likelihood of a linear-Gaussian model, whose likelihood is known exactly.
@Suite(.serialized) struct LikelihoodEstimateTests {
  private static let weights: [[Double]] = [[1, 0.5, -0.5, 0.2], [0.3, -1, 0.4, 0.6]]
  private static let offset = [0.1, -0.2, 0.3, 0]
  private static let noise = 0.5

  /// The model with those weights, and an encoder that is somewhat off: its variances are too wide.
  private func trained(encoderIsRight: Bool = true, missingValues: Bool = false) throws -> TrainedModel {
    var model = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: []),
      decoder: .mlp(hidden: [], likelihood: .normal(variance: .fixed, standardDeviation: Self.noise)))
    model.missingValues = missingValues
    let data = Dataset(name: "linear", train: try examples(20, seed: 0))
    let trained = try Trainer(
      RunConfiguration(model: model, batchSize: 10, epochs: 1, seed: 1), dataset: data
    ).trained
    let (w, precision) = (Self.weights, 1 / (Self.noise * Self.noise))
    // The posterior of a linear-Gaussian model: covariance (I + W W' / s^2)^-1, mean that times W (x - b) / s^2.
    let a = 1 + precision * zip(w[0], w[0]).reduce(0) { $0 + $1.0 * $1.1 }
    let d = 1 + precision * zip(w[1], w[1]).reduce(0) { $0 + $1.0 * $1.1 }
    let b = precision * zip(w[0], w[1]).reduce(0) { $0 + $1.0 * $1.1 }
    let determinant = a * d - b * b
    let covariance = [[d / determinant, -b / determinant], [-b / determinant, a / determinant]]
    let rows = (0..<2).map { i in
      (0..<4).map { x in precision * (covariance[i][0] * w[0][x] + covariance[i][1] * w[1][x]) }
    }
    for variable in trained.model.variables {
      let shape = variable.shape
      func set(_ values: [Double]) throws { try trained.store.set(variable, to: HostTensor(values, shape: shape)) }
      switch variable.name {
      case "decoder/output/kernel": try set(w[0] + w[1])
      case "decoder/output/bias": try set(Self.offset)
      case "encoder/posterior/kernel":
        try set((0..<4).flatMap { x -> [Double] in encoderIsRight ? [rows[0][x], rows[1][x], 0, 0] : [0, 0, 0, 0] })
      case "encoder/posterior/bias":
        let means = (0..<2).map { i in -zip(rows[i], Self.offset).reduce(0) { $0 + $1.0 * $1.1 } }
        let variances = (0..<2).map { log(1.5 * covariance[$0][$0]) }
        try set(encoderIsRight ? means + variances : [3, -3, 0, 0])
      default: break
      }
    }
    return trained
  }

  /// Draws from the model.
  private func examples(_ count: Int, seed: UInt64) throws -> Examples {
    var stream = RandomStream(seed: seed, name: "linear")
    let values = (0..<count).flatMap { _ -> [Float] in
      let z = stream.normals(2)
      let e = stream.normals(4)
      return (0..<4).map { x in
        Float(Self.offset[x] + z[0] * Self.weights[0][x] + z[1] * Self.weights[1][x] + Self.noise * e[x])
      }
    }
    return try Examples(floats: values, shape: [4])
  }

  private func exact(_ examples: Examples) throws -> Double {
    var values = [Float](repeating: 0, count: examples.count * 4)
    try values.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    let rows = (0..<examples.count).map { row in (0..<4).map { Double(values[row * 4 + $0]) } }
    return -LinearGaussian(rows: rows).likelihood(
      weights: Self.weights, offset: Self.offset, noise: Self.noise * Self.noise)
  }

  /// A 95 % interval holds the expectation of the model's own data in about 95 of 100 cases.
  @Test func intervalsCoverAsOftenAsTheySay() throws {
    let trained = try trained()
    // What many draws of the model have: the entropy of its Normal.
    let entropy = try exact(examples(400_000, seed: 999))
    var (covered, drawsCovered) = (0, 0)
    for seed in 0..<UInt64(100) {
      let examples = try examples(150, seed: seed + 1)
      let estimate = try Evaluator(trained, seed: seed).negativeLogLikelihood(examples, samples: 40)
      if estimate.interval?.contains(entropy) == true { covered += 1 }
      // The part of the draws is about these examples' own likelihood.
      let drawError = try #require(estimate.drawError)
      if abs(estimate.nll - (try exact(examples))) < 1.96 * drawError { drawsCovered += 1 }
    }
    #expect((90...99).contains(covered), "\(covered) of 100")
    #expect((85...99).contains(drawsCovered), "\(drawsCovered) of 100")
  }

  @Test func boundsFallTowardsTheTruth() throws {
    let (trained, examples) = (try trained(), try examples(300, seed: 7))
    let exact = try exact(examples)
    let estimate = try Evaluator(trained, seed: 1).negativeLogLikelihood(examples, samples: 2000)
    #expect(estimate.bounds.map(\.samples) == [1, 10, 100, 1000])
    let falling = estimate.bounds.map(\.nll) + [estimate.nll]
    #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 > $1 - 1e-3 })
    #expect(falling[0] > exact + 0.05 && abs(estimate.nll - exact) < 0.01)
    let effective = try #require(estimate.effectiveSamples)
    #expect(effective > 200 && effective < 2000)
    // One weight says nothing of the spread of weights.
    let single = try Evaluator(trained, seed: 1).negativeLogLikelihood(examples, samples: 1)
    #expect(single.bounds.isEmpty && single.effectiveSamples == 1 && single.drawError == 0)
    #expect(abs(single.nll - falling[0]) < 0.3)
  }

  /// It asks the decoder and the prior alone.
  @Test(arguments: [true, false]) func annealingFindsTheTruthWhateverTheEncoder(_ encoderIsRight: Bool) throws {
    let (trained, examples) = (try trained(encoderIsRight: encoderIsRight), try examples(40, seed: 3))
    let exact = try exact(examples)
    var shares: [Double] = []
    let estimate = try Evaluator(trained, seed: 2).annealedLikelihood(
      examples, AnnealingSettings(distributions: 400, chains: 16)
    ) { shares.append($0) }
    #expect(abs(estimate.nll - exact) < 0.03, "\(estimate.nll) for \(exact)")
    #expect(estimate.samples == 16 && estimate.values.count == 40 && shares == shares.sorted())
    if !encoderIsRight {
      let weighted = try Evaluator(trained, seed: 2).negativeLogLikelihood(examples, samples: 50)
      #expect(weighted.nll > exact + 0.5 && (weighted.effectiveSamples ?? 50) < 5)
    }
  }

  /// Two distributions are the prior and the posterior: plain importance sampling from the prior.
  @Test func annealingWithoutStepsWeighsThePrior() throws {
    let (trained, examples) = (try trained(), try examples(5, seed: 3))
    let estimate = try Evaluator(trained, seed: 2).annealedLikelihood(
      examples, AnnealingSettings(distributions: 2, chains: 4000))
    #expect(abs(estimate.nll - (try exact(examples))) < 0.25)
  }

  /// Of a linear-Gaussian model the missing value given the known ones is Normal.
  @Test func gapsHaveTheMomentsOfTheirConditional() throws {
    let trained = try trained(missingValues: true)
    let rows: [[Float]] = [[1.5, 0.2, -0.4, .nan], [-1, 0.5, 1, .nan]]
    let examples = try Examples(floats: rows.flatMap { $0 }, shape: [4], missingValues: true)
    // Regression of the last value on the first three, with covariance W'W + s^2 I.
    let w = Self.weights
    func covariance(_ i: Int, _ j: Int) -> Double { w[0][i] * w[0][j] + w[1][i] * w[1][j] + (i == j ? 0.25 : 0) }
    let system = (0..<3).map { i in (0..<3).map { covariance(i, $0) } }
    func solved(_ right: [Double]) -> [Double] {
      var (a, b) = (system, right)
      for i in 0..<3 {
        for k in (i + 1)..<max(3, i + 1) {
          let factor = a[k][i] / a[i][i]
          for j in 0..<3 { a[k][j] -= factor * a[i][j] }
          b[k] -= factor * b[i]
        }
      }
      var x = [0.0, 0, 0]
      for i in (0..<3).reversed() {
        x[i] = (b[i] - ((i + 1)..<max(3, i + 1)).reduce(0) { $0 + a[i][$1] * x[$1] }) / a[i][i]
      }
      return x
    }
    let share = (0..<3).map { covariance(3, $0) }
    let variance = covariance(3, 3) - zip(share, solved(share)).reduce(0) { $0 + $1.0 * $1.1 }
    let means = rows.map { row in
      Self.offset[3]
        + zip(share, solved((0..<3).map { Double(row[$0]) - Self.offset[$0] })).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let evaluator = Evaluator(trained, seed: 3)
    let filled = try evaluator.imputedMeans(examples, samples: 20_000)
    let draws = try (0..<8).flatMap { seed in
      try Evaluator(trained, seed: UInt64(seed)).imputations(examples, draws: 50, samples: 2000)
    }
    for row in 0..<2 {
      #expect(abs(Double(filled[row * 4 + 3]) - means[row]) < 0.03, "\(filled) for \(means)")
      #expect(Array(filled[(row * 4)..<(row * 4 + 3)]) == Array(rows[row][..<3]))
      let values = stride(from: row * 4 + 3, to: draws.count, by: 8).map { Double(draws[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
      #expect(values.count == 400 && abs(mean - means[row]) < 4 * (variance / 400).squareRoot())
      #expect(abs(spread / variance - 1) < 0.3, "\(spread) for \(variance)")
    }
    // One latent says what its draw says: weights matter.
    let single = try evaluator.imputedMeans(examples, samples: 1)
    #expect(abs(Double(single[3]) - means[0]) + abs(Double(single[7]) - means[1]) > 0.03)
    #expect(throws: LatentError.self) { try evaluator.imputedMeans(self.examples(5, seed: 1)) }
    #expect(throws: LatentError.self) { try Evaluator(self.trained(), seed: 1).imputedMeans(examples) }
  }

  @Test func whatCannotBeAnnealedIsRefused() throws {
    let trained = try trained()
    #expect(throws: LatentError.self) {
      try Evaluator(trained, seed: 1).annealedLikelihood(examples(3, seed: 1), AnnealingSettings(distributions: 1))
    }
    var model = smallModel()
    model.hierarchy.layers = [.init(latents: 3, hidden: [8])]
    let images = try smallImages(20)
    let layered = try Trainer(
      RunConfiguration(model: model, batchSize: 10, epochs: 1), dataset: Dataset(name: "bars", train: images)
    ).trained
    #expect(throws: LatentError.self) { try Evaluator(layered, seed: 1).annealedLikelihood(images) }
  }
}

extension RandomStream {
  fileprivate mutating func normals(_ count: Int) -> [Double] {
    (0..<count).map { _ in (-2 * log(1 - nextUniform())).squareRoot() * cos(2 * .pi * nextUniform()) }
  }
}
