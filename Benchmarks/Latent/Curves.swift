import Foundation
import Latent

/// How the time of a training step grows with batch and width, and what the smallest step costs, as Markdown tables.
enum Curves {
  static func print(_ settings: Settings) throws {
    var rows = ["| batch | ms per step | us per example |", "|---|---|---|"]
    for batch in [100, 200, 400, 800, 1600, 3200] {
      let time = try median(VAEWorkloads.mlp(settings, batch: batch))
      rows.append(String(format: "| %d | %.2f | %.2f |", batch, time * 1e3, time * 1e6 / Double(batch)))
    }
    rows += ["", "| width | ms per step | GFLOP/s |", "|---|---|---|"]
    for width in [128, 256, 512, 1024, 2048] {
      let job = try step(settings, width: width, latents: 20, dimensions: 784, batch: 512)
      let time = try median(job)
      let flop = try job.executable?.profile(RandomState(seed: 0)).reduce(0) { $0 + $1.flop } ?? 0
      rows.append(String(format: "| %d | %.2f | %.0f |", width, time * 1e3, Double(flop) / time / 1e9))
    }
    let smallest = try step(settings, width: 1, latents: 1, dimensions: 1, batch: 1)
    let count = try smallest.executable?.profile(RandomState(seed: 0)).count ?? 0
    rows += [
      "",
      String(format: "The smallest step (sizes 1, %d plan steps) takes %.1f us.", count, try median(smallest) * 1e6),
    ]
    Swift.print(rows.joined(separator: "\n"))
  }

  private static func step(
    _ settings: Settings, width: Int, latents: Int, dimensions: Int, batch: Int
  ) throws -> Job {
    let specification = VariationalAutoencoder(
      prior: .standardNormal(dimensions: latents), encoder: .mlp(hidden: [width]), decoder: .mlp(hidden: [width]))
    let model = Model(specification, exampleShape: [dimensions])
    return try trainingStep(settings, model.variables, examples: [batch, dimensions]) { x in
      -Objective.elbo().terms(model, ExampleBatch(examples: x), mode: .training).elbo.mean()
    }
  }

  /// Seconds per step: the median of 31 groups that last about 10 ms each.
  private static func median(_ job: Job) throws -> Double {
    let clock = ContinuousClock()
    func group(_ steps: Int) throws -> Double {
      try clock.measure { for _ in 0..<steps { try job.step() } }.inSeconds / Double(steps)
    }
    _ = try group(3)
    let steps = max(1, Int(0.01 / (try group(3))))
    return try (0..<31).map { _ in try group(steps) }.sorted()[15]
  }
}
