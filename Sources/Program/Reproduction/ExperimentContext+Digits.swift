import LatentDatasets
import LatentFileFormats
import Foundation
import LatentTraining

extension ExperimentContext {
  /// Writes a chart into the folder for figures, if there is one.
  func write(_ chart: LineChart, _ name: String) throws {
    guard let folder else { return }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try chart.write(to: folder + "/" + name)
  }

  /// Statically binarised examples of MNIST: a number of training examples (0 for all) and all test examples.
  func binaryDigits(training count: Int = 0) throws -> (train: Examples, test: Examples) {
    let dataset = try dataset("mnist")
    let train = count > 0 ? dataset.train.prefix(count) : dataset.train
    return (train.binarized(seed: Trainer.binarizationSeed), try binarizedTest("mnist"))
  }
}
