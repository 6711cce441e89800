import LatentDatasets
import LatentEvaluation

extension Examples {
  /// A warning that a likelihood of real numbers would go by the columns with the largest numbers alone, or `nil` where columns are of one
  /// scale, or the examples are no rows of numbers.
  func scaleWarning() throws -> String? {
    guard shape.count == 1, dimensions > 1, count > 1 else { return nil }
    let rows = prefix(2000)
    var values = [Float](repeating: 0, count: rows.count * dimensions)
    try values.withUnsafeMutableBufferPointer { try rows.copyRange(0..<rows.count, into: $0) }
    let deviations = (0..<dimensions).compactMap { column -> Double? in
      let known = stride(from: column, to: values.count, by: dimensions).map { Double(values[$0]) }.filter(\.isFinite)
      guard known.count > 1 else { return nil }
      let mean = known.mean
      let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
      return variance > 0 ? variance.squareRoot() : nil
    }
    guard let least = deviations.min(), let greatest = deviations.max(), greatest > 100 * least else { return nil }
    return
      "The columns' deviations go from \(Float(least)) to \(Float(greatest)), so that the bound is about the largest alone. "
      + "Bring them to one scale, or give the table as .csv, whose columns of numbers are standardised (preset vae-table)"
  }
}
