// Trainers at once, each with a back end of its own, and a frozen model that other tasks ask while they train: everything
// gives the bits that it gives alone. `make sanitize` runs this under the thread sanitizer.
import Latent

@main struct Tasks {
  static let data = Sprites.dataset(train: 40, test: 20)

  /// A dense model or a convolutional one, trained.
  static func trained(_ index: Int) throws -> TrainedModel {
    var model = VariationalAutoencoder(
      prior: .standardNormal(dimensions: 4), encoder: .mlp(hidden: [16]), decoder: .mlp(hidden: [16]))
    if index == 1 {
      model.encoder.network = .convolutional(channels: [4, 8], hidden: [8])
      model.decoder.network = .convolutional(channels: [4, 8], hidden: [8])
    }
    let configuration = RunConfiguration(
      model: model, optimizer: .adam(learningRate: 1e-3), batchSize: 10, epochs: 2, seed: UInt64(index))
    let trainer = try Trainer(configuration, dataset: data, backend: CPUBackend(threads: 1))
    try trainer.run()
    return trainer.trained
  }

  static func main() async throws {
    let alone = try (0..<2).map { try Generator(trained($0)).encode(data.train) }
    let frozen = try trained(1).frozen()
    let together = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for task in 0..<8 {
        // Both kinds are on their way whichever threads take them.
        group.addTask {
          task % 4 < 2
            ? (1, try Generator(frozen).encode(data.train))
            : (task % 2, try Generator(trained(task % 2)).encode(data.train))
        }
      }
      var found: [(Int, [Float])] = []
      for try await codes in group { found.append(codes) }
      return found
    }
    for (index, codes) in together {
      precondition(codes == alone[index], "model \(index) gives other codes beside other tasks than alone")
    }
    print("tasks: \(together.count) sets of codes, all as they are alone")
  }
}
