import Latent
import TestSupport
import Testing

/// Training on examples of which not every value is known.
@Suite struct ImputationTests {
  /// The second half of each row repeats the first, so that what is missing can be known.
  @Test func missingValuesAreLeftOutAndImputed() throws {
    var stream = RandomStream(seed: 8, name: "missing")
    var values: [Float] = []
    var complete: [Float] = []
    for _ in 0..<600 {
      let row = (0..<2).map { _ in Float(stream.nextUniform() * 4 - 2) }
      complete += row + row + row
      values += (row + row + row).map { stream.nextUniform() < 0.2 ? .nan : $0 }
    }
    let examples = try Examples(floats: values, shape: [6], missingValues: true)
    #expect(examples.hasMissing)
    var model = smallModel(latents: 3, hidden: [32])
    model.decoder.likelihood = .normal(variance: .scalar)
    let plain = RunConfiguration(
      model: model, optimizer: .adam(learningRate: 5e-3), batchSize: 40, epochs: 60, seed: 1)
    let error = #expect(throws: LatentError.self) {
      try Trainer(plain, dataset: Dataset(name: "rows", train: examples))
    }
    #expect(error?.remedy.contains("--missing") == true)
    var configuration = plain
    configuration.model.missingValues = true
    let trainer = try Trainer(configuration, dataset: Dataset(name: "rows", train: examples))
    try trainer.run()
    let imputed = try Generator(trainer.trained).reconstruct(examples)
    var (squares, count, variance) = (0.0, 0, 0.0)
    for (place, value) in values.enumerated() {
      guard value.isNaN else {
        #expect(imputed[place] == value)
        continue
      }
      squares += Double((imputed[place] - complete[place]) * (imputed[place] - complete[place]))
      variance += Double(complete[place] * complete[place])
      count += 1
    }
    #expect(count > 300)
    #expect(squares < 0.3 * variance)
  }
}
