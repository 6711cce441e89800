import LatentDiagnostics
import LatentEvaluation
import LatentFileFormats
import Foundation

/// Draws codes from a mixture of Normals with full covariances (Ghosh et al. 2020, section 4).
public struct GaussianMixtureSampler: LatentSampler {
  /// How many components there are unless said otherwise.
  public static let standardComponents = 10

  /// The mixture that was fitted to the codes.
  public let mixture: GaussianMixture

  /// Creates a sampler that draws from a mixture of codes.
  public init(_ mixture: GaussianMixture) { self.mixture = mixture }

  /// `.gaussianMixture`, whose name for users is `gmm`.
  public var kind: SamplerKind { .gaussianMixture }

  /// How many latents a code has, as the mixture says.
  public var latents: Int { mixture.width }

  /// Fits a mixture by expectation maximisation; see `GaussianMixture.fit`.
  ///
  /// - Throws: `LatentError` when there are fewer codes than components or than 2, or a code is not a finite number.
  public static func fit(
    _ codes: CodeMatrix, components: Int = standardComponents, seed: UInt64
  ) throws -> GaussianMixtureSampler {
    guard codes.count >= max(2, components) else {
      throw LatentError.usage(
        "The sampler gmm has \(components) components, but there are only \(codes.count) codes to fit it to",
        remedy: codes.count < 2
          ? "Train the run on more examples" : "Give --components \(codes.count) or less, or train on more examples")
    }
    try codes.check(for: .gaussianMixture, least: 2)
    return try GaussianMixtureSampler(GaussianMixture.fit(codes, components: components, seed: seed).mixture)
  }

  /// Draws codes; more of them begin with the same.
  public func sample(count: Int, seed: UInt64) -> [Float] {
    mixture.sample(count: count, seed: derivedSeed(seed, "sampler gmm")).values
  }

  // MARK: In a file

  private struct Shape: Codable {
    var components: Int
    var latents: Int
  }

  private static let names = (weights: "weights", means: "means", covariances: "covariances")

  /// Writes weights [K], means [K, D], and covariances [K, D, D], all float64.
  public func save(to path: String, weights: String) throws {
    let (count, width) = (mixture.components.count, latents)
    func array(_ values: [Double], _ shape: [Int]) throws -> NumericArray {
      try NumericArray(shape: shape, type: .float64, bytes: values.withUnsafeBytes { Data($0) })
    }
    try SamplerFile.write(
      [
        (Self.names.weights, array(mixture.components.map(\.weight), [count])),
        (Self.names.means, array(mixture.components.flatMap(\.mean), [count, width])),
        (Self.names.covariances, array(mixture.components.flatMap(\.covariance), [count, width, width])),
      ], kind: kind, shape: Shape(components: count, latents: width), weights: weights, to: path)
  }

  init(_ file: SamplerFile) throws {
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
