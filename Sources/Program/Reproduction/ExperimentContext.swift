import LatentCPUBackend
import LatentDatasets
import LatentDiagnostics
import LatentExecution
import Foundation
import LatentTraining

/// With what an experiment is done.
package struct ExperimentContext: Sendable {
  /// The seeds, one run for each; with several, rows have a standard error over them.
  package var seeds: [UInt64]
  /// Where named data sets are looked for first.
  package var dataDirectory: String?
  /// The share of the protocol's epochs that is gone through; 1 for all.
  package var effort: Double
  /// How many examples of each split are used at most; 0 for all. For trying things out.
  package var limit: Int
  /// How many importance samples a likelihood is estimated from.
  package var samples: Int
  /// Which models are wanted: those with this text in their names, with which the names of rows end; several texts have a
  /// bar between them; `nil` for all.
  package var only: String?
  /// Where figures are written; `nil` for none.
  package var folder: String?
  /// Where trained models are kept as run folders, and taken from if they are there already; `nil` to keep none. Measuring
  /// anew, or one more model beside those measured before, then takes no training.
  package var runs: String?
  /// Hears a line of progress after each epoch, and what has been found.
  package var report: @Sendable (String) -> Void

  /// Creates a context for the whole protocol.
  package init(
    seeds: [UInt64] = [1], dataDirectory: String? = nil, effort: Double = 1, limit: Int = 0, samples: Int = 5000,
    only: String? = nil, folder: String? = nil, runs: String? = nil,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.seeds = seeds
    self.dataDirectory = dataDirectory
    self.effort = effort
    self.limit = limit
    self.samples = samples
    self.only = only
    self.folder = folder
    self.runs = runs
    self.report = report
  }

  /// Whether a model, or a row about one, is wanted.
  func wants(_ name: String) -> Bool {
    only.map { $0.split(separator: "|").contains { name.contains($0) } } ?? true
  }

  /// A share of a number of epochs, at least one.
  func epochs(_ count: Int) -> Int { max(1, Int((Double(count) * effort).rounded())) }

  /// A named data set, cut down if the context says so.
  func dataset(_ name: String) throws -> Dataset {
    let whole = try Dataset.load(name, dataDirectory: dataDirectory)
    guard limit > 0 else { return whole }
    return Dataset(name: whole.name, train: whole.train.prefix(limit), test: whole.test?.prefix(limit))
  }

  /// The test examples of a data set as the evaluation of a binarised model sees them.
  func binarizedTest(_ name: String) throws -> Examples {
    let dataset = try dataset(name)
    return (dataset.test ?? dataset.train).binarized(seed: Trainer.binarizationSeed)
  }
}

extension RunConfiguration {
  /// Large batches and Muon, its learning rate falling to 0 along a cosine: the long published schedules in a tenth of the epochs.
  mutating func useMuon(learningRate: Double, epochs: Int) {
    optimizer = .muon(learningRate: learningRate)
    schedule = .init(.cosine)
    batchSize = 1000
    self.epochs = epochs
  }
}
