import LatentDatasets
import LatentDiagnostics
import Foundation
import LatentTraining

extension ExperimentContext {
  /// A model trained by a configuration, from random weights or those of another; the one kept in `runs` if it is there.
  ///
  /// - Parameter what: the model's name in rows and reports, from which its run folder gets its name.
  /// - Throws: `LatentError` when data are missing, training fails, or the run that is kept has another configuration.
  func train(
    _ configuration: RunConfiguration, seed: UInt64, _ what: String, startingFrom origin: TrainedModel? = nil
  ) throws -> TrainedModel {
    var configuration = configuration
    configuration.seed = seed
    configuration.epochs = epochs(configuration.epochs)
    let dataset = try dataset(configuration.data.name)
    configuration.batchSize = min(configuration.batchSize, dataset.train.count)
    configuration.data.validation = min(configuration.data.validation, dataset.train.count / 5)
    let kept = runs.map { "\($0)/\(folderName(what))-seed-\(seed)" }
    if let kept, let trained = try keptModel(kept, configuration, dataset) { return trained }
    // A run gets its name when it is finished, so that one that was cut off is not taken for it.
    let unfinished = kept.map { RunFolder(path: $0 + "-unfinished") }
    let trainer = try Trainer(
      configuration, dataset: Dataset(name: dataset.name, train: dataset.train), folder: unfinished,
      startingFrom: origin)
    try unfinished?.create(replacing: true)
    try trainer.run { event in
      guard case .metrics(let metrics) = event, metrics.split == "train" else { return }
      report("\(what), seed \(seed): epoch \(metrics.epoch) of \(configuration.epochs), elbo \(Float(metrics.score))")
    }
    if let kept, let unfinished { try FileManager.default.moveItem(atPath: unfinished.path, toPath: kept) }
    return trainer.trained
  }

  /// A finished run, if there is one.
  private func keptModel(_ path: String, _ configuration: RunConfiguration, _ dataset: Dataset) throws -> TrainedModel?
  {
    let folder = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let known = try folder.configuration()
    var wanted = configuration
    (wanted.version, wanted.format) = (known.version, known.format)
    wanted.data.fingerprint = dataset.train.fingerprint
    wanted.data.exampleShape = dataset.train.shape
    guard wanted == known else {
      throw LatentError.usage(
        "\(path) was trained by another configuration", remedy: "Give --runs another folder, or remove that run")
    }
    report("\(path) is taken as it is")
    return try TrainedModel(run: folder)
  }

  /// A name without spaces and marks.
  private func folderName(_ text: String) -> String {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
  }
}
