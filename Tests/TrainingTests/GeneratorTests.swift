import Foundation
import Latent
import TestSupport
import Testing

/// What a trained model generates, over more rows than one batch of 1000 holds.
@Suite(.serialized) struct GeneratorTests {
  private let examples: Examples
  private let trained: TrainedModel
  private let generator: Generator

  init() throws {
    examples = try smallImages(2300)
    let trainer = try Trainer(
      RunConfiguration(
        model: smallModel(latents: 2), optimizer: .adam(learningRate: 0.01), batchSize: 100, epochs: 2, seed: 3),
      dataset: Dataset(name: "bars", train: examples))
    try trainer.run()
    trained = trainer.trained
    generator = Generator(trained)
  }

  private func largest(_ left: some Sequence<Float>, _ right: some Sequence<Float>) -> Double {
    largestDifference(left.map(Double.init), right.map(Double.init))
  }

  @Test func everyExampleHasItsOwnCodeWhateverTheBatch() throws {
    let codes = try generator.encode(examples)
    #expect(codes.count == 2300 * 2)
    for row in [0, 999, 1000, 2299] {
      let alone = try generator.encode(examples.selecting([row]))
      #expect(largest(alone, codes[(2 * row)..<(2 * row + 2)]) < 1e-5)
    }
    #expect(largest(codes, try Evaluator(trained, seed: 0).posteriorMeans(examples)[0].values) < 1e-5)
  }

  @Test func everyCodeHasItsOwnImageWhateverTheBatch() throws {
    let codes = try generator.encode(examples)
    let images = try generator.decode(codes)
    #expect(images.count == 2300 * 64)
    for row in [0, 999, 1000, 2299] {
      let alone = try generator.decode(Array(codes[(2 * row)..<(2 * row + 2)]))
      #expect(largest(alone, images[(64 * row)..<(64 * row + 64)]) < 1e-5)
    }
    #expect(images.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(try generator.reconstruct(examples) == images)
  }

  @Test func drawsFollowThePriorAndNoneComesTwice() throws {
    let draws = try generator.priorSamples(2300, seed: 4).map(Double.init)
    #expect(draws.count == 4600)
    #expect(Set(draws).count > 4590)
    let mean = draws.reduce(0, +) / 4600
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4600
    // Five standard errors.
    #expect(abs(mean) < 5 / 4600.0.squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / 4600.0).squareRoot())
    #expect(try generator.priorSamples(2300, seed: 5).map(Double.init) != draws)
  }

  @Test func linesGoFromEndToEndInEqualSteps() throws {
    let lines = try generator.ways(.linear, from: [0, 10, 1, 1], to: [4, 20, 1, 3], steps: 5)
    #expect(lines == [0, 10, 1, 12.5, 2, 15, 3, 17.5, 4, 20, 1, 1, 1, 1.5, 1, 2, 1, 2.5, 1, 3])
    // On an arc lengths stay, and a third of the way is a third of the angle; where there is none it is a straight line.
    let arc = try generator.ways(.spherical, from: [2, 0], to: [0, 2], steps: 4)
    #expect(abs(arc[2] - 2 * cos(Float.pi / 6)) < 1e-6 && abs(arc[3] - 2 * sin(Float.pi / 6)) < 1e-6)
    #expect(try generator.ways(.spherical, from: [1, 1], to: [3, 3], steps: 3) == [1, 1, 2, 2, 3, 3])
    #expect(try generator.ways(.linear, from: [1, 2], to: [3, 4], steps: 1) == [1, 2])
  }

  /// Rows from the top, each from the left, at the middles of equally probable parts of N(0, 1).
  @Test func aPlaneIsEquallySpacedInProbability() throws {
    let side = 4
    let plane = try generator.plane(side: side)
    #expect(plane.count == 2 * side * side)
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = (Double(plane[2 * (row * side + column)]), Double(plane[2 * (row * side + column) + 1]))
        #expect(abs(0.5 * erfc(-x / 2.0.squareRoot()) - (Double(column) + 0.5) / 4) < 1e-6)
        #expect(abs(0.5 * erfc(y / 2.0.squareRoot()) - (Double(row) + 0.5) / 4) < 1e-6)
      }
    }
  }
}
