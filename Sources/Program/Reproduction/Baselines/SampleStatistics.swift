import LatentDiagnostics
import Foundation

/// The mean of independent draws and how far it may be off.
struct SampleStatistics: Hashable, Sendable {
  /// The mean.
  let mean: Double
  /// The standard error of the mean; 0 for a single draw.
  let error: Double

  /// Averages draws, of which there must be at least one.
  init(_ draws: [Double]) {
    let count = Double(draws.count)
    let mean = draws.reduce(0, +) / count
    let squares = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    error = draws.count > 1 ? (squares / (count - 1) / count).squareRoot() : 0
  }

  /// The ratio of the means of two kinds of draws that were made together, with the jackknife's standard error.
  ///
  /// - Precondition: as many draws of one kind as of the other, at least two.
  static func ratio(_ numerators: [Double], _ denominators: [Double]) -> (value: Double, error: Double) {
    require(numerators.count == denominators.count && numerators.count > 1, "a ratio needs pairs of draws")
    let (top, bottom) = (numerators.reduce(0, +), denominators.reduce(0, +))
    let without = zip(numerators, denominators).map { (top - $0) / (bottom - $1) }
    let spread = SampleStatistics(without)
    let count = Double(without.count)
    return (top / bottom, spread.error * (count - 1))
  }
}
