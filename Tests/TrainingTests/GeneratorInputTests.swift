import Foundation
import Latent
import TestSupport
import Testing

/// What goes into a trained model is checked where it enters.
@Suite(.serialized) struct GeneratorInputTests {
  private let trained: TrainedModel
  private let images: Examples

  init() throws {
    images = try smallImages(60)
    let configuration = RunConfiguration(model: smallModel(), batchSize: 20, epochs: 1, seed: 1)
    let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: images))
    try trainer.run()
    trained = trainer.trained
  }

  /// Larger ones used to be written past the end of the input, smaller ones to give wrong codes.
  @Test(arguments: [[28, 28, 1], [8, 7, 1], [64], [2]])
  func examplesOfAnotherShapeAreRefused(_ shape: [Int]) throws {
    let size = shape.reduce(1, *)
    let others = try Examples(floats: [Float](repeating: 0.5, count: 30 * size), shape: shape)
    let (generator, evaluator) = (Generator(trained), Evaluator(trained, seed: 0))
    let uses: [() throws -> Void] = [
      { _ = try generator.encode(others) }, { _ = try generator.reconstruct(others) },
      { _ = try evaluator.bound(others) }, { _ = try evaluator.negativeLogLikelihood(others, samples: 2) },
      { _ = try evaluator.posteriors(others) }, { _ = try evaluator.posteriorMeans(others) },
      { _ = try evaluator.mutualInformation(others) }, { _ = try trained.codes(of: others, seed: 0) },
    ]
    for (index, use) in uses.enumerated() {
      let error = #expect(throws: LatentError.self, "use \(index)") { try use() }
      #expect(error?.problem == "The examples have shape \(shape), the model was trained on [8, 8, 1]")
    }
    // Bytes, which are copied and not lent, go the same way.
    let bytes = try Examples(bytes: [UInt8](repeating: 9, count: 30 * size), shape: shape)
    #expect(throws: LatentError.self) { try generator.encode(bytes) }
  }

  @Test func latentsThatAreNotWholeRowsAreRefused() throws {
    let generator = Generator(trained)
    for count in [1, 3, 7] {
      let error = #expect(throws: LatentError.self) { try generator.decode([Float](repeating: 0, count: count)) }
      #expect(error?.problem == "\(count) numbers are not whole rows of 4 latents")
    }
    #expect(try generator.decode([Float](repeating: 0, count: 8)).count == 128)
    #expect(throws: LatentError.self) { try generator.ways(.linear, from: [0, 0, 0, 0], to: [], steps: 3) }
    #expect(throws: LatentError.self) { try generator.ways(.linear, from: [0, 0, 0, 0], to: [1, 1, 1, 1], steps: 0) }
    #expect(throws: LatentError.self) { try generator.priorSamples(-1, seed: 0) }
    let error = #expect(throws: LatentError.self) { try generator.decode([0, 0, 0, 0], conditions: [1]) }
    #expect(error?.problem == "The model is not conditioned on anything")
  }

  /// Programs of a few batch sizes are kept, not of all there ever were.
  @Test func codesDoNotDependOnTheSizesThatCameBefore() throws {
    let generator = Generator(trained)
    let whole = try generator.encode(images)
    for size in Array(1...20) + [3, 20, 1] {
      let codes = try generator.encode(images.prefix(size))
      #expect(codes.count == size * 4 && zip(codes, whole).allSatisfy { abs($0 - $1) < 1e-5 }, "\(size)")
    }
  }
}
