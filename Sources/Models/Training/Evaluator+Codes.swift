import LatentDatasets
import LatentEvaluation
import LatentExecution
import LatentTensorGraph

extension Evaluator {
  /// How often each code is chosen over all examples; `nil` for a model without codes.
  public func codeUsage(_ examples: Examples, batchSize: Int = 500) throws -> CodeUsage? {
    let model = trained.model
    guard !model.codebooks.isEmpty else { return nil }
    let runner = BatchRunner(trained, shape: model.exampleShape) { batch, condition in
      model.codes(batch, condition: condition).map { [model.histogram(ofCodes: $0)] } ?? []
    }
    var counts = [Double](repeating: 0, count: model.codebooksByLevel.reduce(0, +))
    for range in examples.chunks(of: batchSize) {
      let part = try runner.run(examples, range, RandomState(seed: 0))[0].doubles
      for index in counts.indices { counts[index] += part[index] }
    }
    return CodeUsage(counts, codebooks: model.codebooksByLevel)
  }
}
