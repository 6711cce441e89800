import Foundation
import Latent

/// Prints the median time of every step of a program, the longest first.
func printProfile(_ runs: [[StepProfile]]) {
  guard let first = runs.first else { return }
  let rows = first.indices.map { index -> (StepProfile, Double) in
    let times = runs.map { $0[index].seconds }.sorted()
    return (first[index], times[times.count / 2])
  }
  let total = rows.reduce(0) { $0 + $1.1 }
  for (step, seconds) in rows.sorted(by: { $0.1 > $1.1 }) where seconds > total / 500 {
    let rate =
      step.flop > 0
      ? String(format: "%6.0f GFLOP/s", Double(step.flop) / seconds / 1e9)
      : String(format: "%6.1f GB/s   ", Double(step.bytes) / seconds / 1e9)
    print(
      String(format: "%8.1f us %5.1f %% ", seconds * 1e6, 100 * seconds / total)
        + "\(rate)  \(step.label)  \(step.place)")
  }
  print(String(format: "%8.1f us in %d steps", total * 1e6, rows.count))
}
