import Foundation
import Latent
import LatentEvaluation
import TestSupport
import Testing

@testable import LatentTraining

/// Where samples are compared with examples.
@Suite(.serialized) struct FeatureSpaceTests {
  private func values(_ examples: Examples) throws -> [Float] {
    var values = [Float](repeating: 0, count: examples.count * 64)
    try values.withUnsafeMutableBufferPointer { try examples.copyRange(0..<examples.count, into: $0) }
    return values
  }

  /// Other pictures of the kind are nearest, then blurred and noisy ones.
  @Test func aClassifiersFeaturesRankSamples() throws {
    let classifier = try FeatureClassifier(
      training: smallImages(1500, seed: 1, isLabelled: true), seed: 1, backend: CPUBackend())
    func features(_ rows: [Float]) throws -> CodeMatrix {
      CodeMatrix(try classifier.features(rows), width: FeatureClassifier.width)
    }
    let examples = try features(values(smallImages(400, seed: 2)))
    let good = try values(smallImages(400, seed: 3))
    // Each pixel with its neighbours to both sides and above and below.
    let blurred = good.indices.map { place -> Float in
      let (y, x) = (place % 64 / 8, place % 8)
      let near = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)].filter {
        (0..<8).contains(y + $0.0) && (0..<8).contains(x + $0.1)
      }
      return near.reduce(0) { $0 + good[place + $1.0 * 8 + $1.1] } / Float(near.count)
    }
    var stream = RandomStream(seed: 4, name: "noise")
    let noisy = good.map { min(1, max(0, $0 + Float(stream.nextUniform() * 1.6 - 0.8))) }
    func distance(_ rows: [Float]) throws -> Double {
      try SampleDistances(samples: features(rows), examples: examples, seed: 1).frechet
    }
    let (near, blur, noise) = (try distance(good), try distance(blurred), try distance(noisy))
    #expect(near < 0.2 * blur && near < 0.2 * noise, "\(near), \(blur), \(noise)")
  }

  @Test func withoutLabelsThereIsNoClassifier() throws {
    #expect(throws: LatentError.self) {
      try FeatureClassifier(training: smallImages(50), seed: 1, backend: CPUBackend())
    }
  }

  @Test(arguments: [FeatureSpace.pixels, .principal]) func samplesAreComparedInEverySpace(_ space: FeatureSpace) throws
  {
    let examples = try smallImages(200)
    let trainer = try Trainer(
      RunConfiguration(model: smallModel(), optimizer: .adam(learningRate: 5e-3), batchSize: 50, epochs: 1, seed: 1),
      dataset: Dataset(name: "bars", train: examples))
    func quality() throws -> SampleQuality {
      try Evaluator(trainer.trained, seed: 1).sampleQuality(examples, in: space, training: examples)
    }
    let before = try quality()
    try trainer.run()
    let after = try quality()
    #expect(before.samples == 200 && before.examples == 200 && before.features == space)
    #expect(after.distances.frechet < before.distances.frechet)
    #expect(try quality() == after)
  }
}
