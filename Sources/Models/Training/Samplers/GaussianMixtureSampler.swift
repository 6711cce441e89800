import LatentDiagnostics
import LatentEvaluation
import LatentExecution
import LatentFileFormats
import Foundation
import LatentVariationalAutoencoders

/// A mixture of Normals with full covariances (Ghosh et al. 2020, section 4).
public struct GaussianMixtureSampler: SamplerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("gmm", "a mixture of Normals with full covariances")

  /// How many components there are.
  public var components = 10

  /// The settings that it has where none are given.
  public init() {}

  /// A mixture of some components.
  public init(components: Int) { self.components = components }

  /// Fits a mixture by expectation maximisation; see `GaussianMixture.fit`.
  ///
  /// - Throws: `LatentError` when there are fewer codes than components or than 2, or a code is not a finite number.
  public func fit(_ codes: CodeMatrix, seed: UInt64, backend: any Backend) throws -> any FittedSampler {
    guard codes.count >= max(2, components) else {
      throw LatentError.usage(
        "The sampler gmm has \(components) components, but there are only \(codes.count) codes to fit it to",
        remedy: codes.count < 2
          ? "Train the run on more examples" : "Give --components \(codes.count) or less, or train on more examples")
    }
    try codes.check(for: kind, least: 2)
    return try FittedGaussianMixture(GaussianMixture.fit(codes, components: components, seed: seed).mixture)
  }

  /// Reads a mixture.
  public static func read(_ file: SamplerFile, backend: any Backend) throws -> any FittedSampler {
    try FittedGaussianMixture(file)
  }
}

/// A mixture of Normals that was fitted to codes.
package struct FittedGaussianMixture: FittedSampler {
  private let mixture: GaussianMixture

  package init(_ mixture: GaussianMixture) { self.mixture = mixture }

  package var family: any SamplerFamily { GaussianMixtureSampler(components: mixture.components.count) }
  package var latents: Int { mixture.width }

  /// Draws codes; more of them begin with the same.
  package func sample(count: Int, seed: UInt64) -> [Float] {
    mixture.sample(count: count, seed: derivedSeed(seed, "sampler gmm")).values
  }

  // MARK: In a file

  private struct Shape: Codable {
    var components: Int
    var latents: Int
  }

  private static let names = (weights: "weights", means: "means", covariances: "covariances")

  /// Weights [K], means [K, D], and covariances [K, D, D], all float64.
  package func contents() throws -> SamplerContents {
    let (count, width) = (mixture.components.count, latents)
    func array(_ values: [Double], _ shape: [Int]) throws -> NumericArray {
      try NumericArray(shape: shape, type: .float64, bytes: values.withUnsafeBytes { Data($0) })
    }
    return SamplerContents(
      shape: Shape(components: count, latents: width),
      arrays: [
        (Self.names.weights, try array(mixture.components.map(\.weight), [count])),
        (Self.names.means, try array(mixture.components.flatMap(\.mean), [count, width])),
        (Self.names.covariances, try array(mixture.components.flatMap(\.covariance), [count, width, width])),
      ])
  }

  fileprivate init(_ file: SamplerFile) throws {
    let shape = try file.shape(Shape.self)
    let (count, width) = (shape.components, shape.latents)
    guard count >= 1, width >= 1 else { throw file.damage("it has no components") }
    func doubles(_ name: String, _ shape: [Int]) throws -> [Double] {
      try file.array(name, shape: shape, type: .float64).bytes.withUnsafeBytes { raw in
        stride(from: 0, to: raw.count, by: 8).map {
          Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
        }
      }
    }
    let weights = try doubles(Self.names.weights, [count])
    let means = try doubles(Self.names.means, [count, width])
    let covariances = try doubles(Self.names.covariances, [count, width, width])
    do {
      mixture = try GaussianMixture(
        covariance: .full,
        components: (0..<count).map { index in
          GaussianMixture.Component(
            weight: weights[index], mean: Array(means[(index * width)..<((index + 1) * width)]),
            covariance: Array(covariances[(index * width * width)..<((index + 1) * width * width)]))
        })
    } catch let error as LatentError {
      throw file.damage(error.problem)
    }
  }
}
