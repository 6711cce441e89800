import LatentDiagnostics
import LatentEvaluation
import LatentFileFormats
import Foundation

/// Mean and standard deviation of each latent, by which codes are brought to a common scale. A latent that never varies has
/// the deviation 0: it counts as 0, and comes back as its mean whatever is drawn for it.
struct CodeScale: Equatable {
  let means: [Float]
  let deviations: [Float]

  init(means: [Float], deviations: [Float]) {
    self.means = means
    self.deviations = deviations
  }

  /// Measures codes.
  init(_ codes: CodeMatrix) {
    var (means, deviations): ([Float], [Float]) = ([], [])
    for latent in 0..<codes.width {
      let column = codes.column(latent).map(Double.init)
      let mean = column.mean
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
      let deviation = Float(variance.squareRoot())
      means.append(Float(mean))
      // Rounding alone can leave a constant latent a spread.
      deviations.append(deviation > max(abs(Float(mean)), 1e-20) * 1e-6 ? deviation : 0)
    }
    self.init(means: means, deviations: deviations)
  }

  var latents: Int { means.count }

  /// The logarithm of the volume of a unit of standardised codes, over the latents that vary.
  var logVolume: Double { deviations.reduce(0) { $1 > 0 ? $0 + log(Double($1)) : $0 } }

  /// Codes of mean 0 and variance 1.
  func standardized(_ codes: CodeMatrix) -> [Float] {
    codes.values.enumerated().map { place, value in
      let deviation = deviations[place % latents]
      return deviation > 0 ? (value - means[place % latents]) / deviation : 0
    }
  }

  /// The way back, in place.
  func restore(_ rows: inout [Float]) {
    for place in rows.indices { rows[place] = rows[place] * deviations[place % latents] + means[place % latents] }
  }

  // MARK: In a file

  static let names = (means: "codes/means", deviations: "codes/deviations")

  var tensors: [(name: String, array: NumericArray)] {
    [
      (Self.names.means, NumericArray(floats: means, shape: [latents])),
      (Self.names.deviations, NumericArray(floats: deviations, shape: [latents])),
    ]
  }

  init(_ file: SamplerFile, latents: Int) throws {
    means = try file.floats(Self.names.means, shape: [latents])
    deviations = try file.floats(Self.names.deviations, shape: [latents])
    guard (means + deviations).allSatisfy({ $0.isFinite }), deviations.allSatisfy({ $0 >= 0 }) else {
      throw file.damage("a mean or a deviation makes no sense")
    }
  }
}
