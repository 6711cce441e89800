import LatentDatasets
import LatentDiagnostics

extension RunConfiguration {
  /// The examples that a run was trained on, without those held out, as its model saw them; where training binarised anew
  /// at each visit, binarised once.
  ///
  /// - Parameters:
  ///   - source: the name or path of the data, if they are no longer where the run found them.
  ///   - directory: where named data sets are looked for first, likewise.
  /// - Throws: `LatentError` when the data cannot be loaded, or are not those that the run was trained on.
  public func trainingExamples(from source: String? = nil, directory: String? = nil) throws -> Examples {
    let remedy = "Give --data or --data-dir the place of the original data (\(data.name))"
    let dataset: Dataset
    do {
      dataset = try Dataset.load(
        source ?? data.name, dataDirectory: directory ?? (data.directory.isEmpty ? nil : data.directory),
        missingValues: model.missingValues)
    } catch let error as LatentError {
      throw LatentError.failure(
        "A sampler is fitted to the run's training data, which cannot be loaded (\(error.problem))", remedy: remedy)
    }
    guard data.fingerprint == dataset.train.fingerprint else {
      throw LatentError.failure("The data are not those that the run was trained on", remedy: remedy)
    }
    var examples = data.limit > 0 ? dataset.train.prefix(data.limit) : dataset.train
    if data.validation > 0 { examples = try examples.split(validation: data.validation, seed: seed).train }
    _ = try model.condition.completed(for: examples)
    return data.prepared(examples)
  }
}
