import LatentCPUBackend
import LatentDatasets
import LatentExecution
import Foundation
import LatentOptimizers
import LatentRandomness
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Where the time of a program goes: the median of every step over several runs.
package struct ProfileReport: Sendable {
  /// The steps in the order in which they run, with their median times.
  package let steps: [StepProfile]

  /// Takes the medians of several runs of one program.
  package init(_ runs: [[StepProfile]]) {
    steps = (runs.first ?? []).indices.map { index in
      var step = runs[0][index]
      let times = runs.map { $0[index].seconds }.sorted()
      step.seconds = times[times.count / 2]
      return step
    }
  }

  /// The time of all steps, in seconds.
  package var seconds: Double { steps.reduce(0) { $0 + $1.seconds } }

  /// A table, the longest step first, without those below a five-hundredth of the whole.
  package var table: String {
    let flop = steps.reduce(0) { $0 + $1.flop }
    var lines = ["    time  share        rate  step"]
    for step in steps.sorted(by: { $0.seconds > $1.seconds }) where step.seconds > seconds / 500 {
      let rate =
        step.flop > 0
        ? String(format: "%4.0f GFLOP/s", Double(step.flop) / step.seconds / 1e9)
        : String(format: "%4.0f GB/s   ", Double(step.bytes) / step.seconds / 1e9)
      let place = step.place.isEmpty ? "" : "  (\(step.place))"
      lines.append(
        String(format: "%5.0f us %5.1f %%  ", step.seconds * 1e6, 100 * step.seconds / seconds)
          + "\(rate)  \(step.label)\(place)")
    }
    lines.append(
      String(format: "%5.0f us in all, %d steps, ", seconds * 1e6, steps.count)
        + String(format: "%.0f GFLOP/s in products", Double(flop) / seconds / 1e9))
    return lines.joined(separator: "\n")
  }

  /// The steps one after another as a Chrome trace, which chrome://tracing and Perfetto show.
  package func chromeTrace() throws -> Data {
    var start = 0.0
    let events: [[String: Any]] = steps.map { step in
      defer { start += step.seconds * 1e6 }
      return [
        "name": step.label, "cat": step.flop > 0 ? "product" : "loop", "ph": "X", "ts": start,
        "dur": step.seconds * 1e6, "pid": 1, "tid": 1,
        "args": ["place": step.place, "flop": step.flop, "bytes": step.bytes],
      ]
    }
    return try JSONSerialization.data(withJSONObject: ["traceEvents": events], options: .sortedKeys)
  }
}

extension RunConfiguration {
  /// Runs training steps on random examples and reports where the time goes.
  ///
  /// - Parameters:
  ///   - exampleShape: the shape of one example.
  ///   - runs: how many steps the medians are taken over.
  /// - Throws: `LatentError` when the configuration makes no model for such examples.
  package func profile(exampleShape: [Int], backend: any Backend, runs: Int = 30) throws -> ProfileReport {
    let (step, rates) = try trainingStep(exampleShape: exampleShape, backend: backend)
    var stream = RandomStream(seed: seed, name: "profile")
    let count = batchSize * exampleShape.reduce(1, *)
    let examples = try Examples(floats: (0..<count).map { _ in Float(stream.nextUniform()) }, shape: exampleShape)
    try step.prepare(StepMoment(examples: examples, batch: Array(0..<batchSize), epochs: 0), rates: rates)
    // The first runs fill caches and wake the threads.
    for _ in 0..<5 { _ = try step.run(RandomState(seed: seed)) }
    return ProfileReport(
      try (0..<runs).map { try step.executable.profile(RandomState(seed: seed, step: UInt64($0))) })
  }

  /// How a training step would be run.
  ///
  /// - Throws: `LatentError` when the configuration makes no model for such examples.
  package func plan(exampleShape: [Int], backend: CPUBackend) throws -> PlanReport {
    try backend.report(on: trainingStep(exampleShape: exampleShape, backend: backend).step.executable.program)
  }

  private func trainingStep(
    exampleShape: [Int], backend: any Backend
  ) throws -> (step: TrainingStep, rates: [(name: String, value: Double)]) {
    var configuration = self
    if model.condition.kind == .label, model.condition.size == 0 {
      configuration.model.condition.size = NamedDataset.named(data.name)?.classCount ?? 10
    }
    try configuration.model.validate(exampleShape: exampleShape, objective: objective)
    let task = AutoencoderTask(configuration, exampleShape: exampleShape, examples: batchSize)
    let optimizers = ModelOptimizer(optimizer, task)
    let step = try TrainingStep(
      task, optimizers, in: Graph(matrixPrecision: precision.matrixType), batchSize: batchSize,
      exampleShape: exampleShape, backend: backend, store: VariableStore(seed: seed))
    return (step, optimizers.rates(1))
  }
}
