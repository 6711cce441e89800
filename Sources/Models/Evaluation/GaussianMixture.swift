import LatentDiagnostics
import Foundation
import LatentRandomness

/// A mixture of normal distributions over codes, in double precision.
///
/// As a density fitted to posterior means it makes a better sampler than the prior of the model. It encodes itself as
/// JSON, to be kept beside a run: the kind of covariance, and weight, mean, and covariance of each component.
package struct GaussianMixture: Sendable, Equatable {
  /// What the covariance of a component can be.
  package enum Covariance: String, Codable, Sendable, CaseIterable {
    /// Any: `width * width` numbers in row-major order.
    case full
    /// Diagonal: `width` variances.
    case diagonal
  }

  /// One normal distribution and its share.
  package struct Component: Codable, Sendable, Equatable {
    /// The probability that a draw comes from this component; those of a mixture sum to 1.
    package var weight: Double
    /// The mean, one number for each latent.
    package var mean: [Double]
    /// The covariance in the form that the mixture's `covariance` says.
    package var covariance: [Double]

    /// Creates a component; the mixture that takes it checks its numbers.
    package init(weight: Double, mean: [Double], covariance: [Double]) {
      self.weight = weight
      self.mean = mean
      self.covariance = covariance
    }
  }

  /// What the components' covariances are.
  package let covariance: Covariance
  /// The Normal distributions that the mixture is made of, with their shares.
  package let components: [Component]
  /// How many latents a code has (D).
  package var width: Int { components[0].mean.count }
  /// The components in the form that densities are computed from.
  let whitened: [WhitenedNormal]

  /// Creates a mixture.
  ///
  /// - Throws: A `LatentError` when there are no components, their sizes do not agree, the weights are not shares that
  ///   sum to 1, or a covariance is not positive definite.
  package init(covariance: Covariance, components: [Component]) throws {
    func refusal(_ problem: String) -> LatentError {
      .failure("The mixture \(problem)", remedy: "Fit it again to the codes")
    }
    guard let width = components.first?.mean.count, width >= 1 else { throw refusal("has no components") }
    let size = covariance == .full ? width * width : width
    guard components.allSatisfy({ $0.mean.count == width && $0.covariance.count == size }) else {
      throw refusal("has components that differ in size")
    }
    let weights = components.map(\.weight)
    guard weights.allSatisfy({ $0 >= 0 }), abs(weights.reduce(0, +) - 1) < 1e-6 else {
      throw refusal("has weights that are not shares of 1")
    }
    guard components.allSatisfy({ $0.mean.allSatisfy(\.isFinite) }) else {
      throw refusal("has a mean that is not finite")
    }
    self.covariance = covariance
    self.components = components
    whitened = try components.enumerated().map { index, component in
      guard let normal = WhitenedNormal(component, covariance) else {
        throw refusal("has a covariance (of component \(index)) that is not positive definite")
      }
      return normal
    }
  }

  /// The log-density of one point, in nats.
  package func logDensity(_ point: [Double]) -> Double {
    require(point.count == width, "A point has \(width) latents, not \(point.count)")
    let terms = whitened.map { $0.logDensity(point.map { SIMD8(repeating: $0) })[0] }
    return logSumExp(terms)
  }

  /// The log-density of each code, in nats.
  ///
  /// - Throws: A `LatentError` when a code is not a finite number.
  package func logDensities(of codes: CodeMatrix) throws -> [Double] {
    require(codes.width == width, "The codes have \(codes.width) latents, the mixture has \(width)")
    try codes.checkFinite()
    return Array(
      OctetMatrix(codes, centre: Array(repeating: 0, count: width)).map { octet in
        let terms = whitened.map { $0.logDensity(octet) }
        return (0..<8).map { lane in logSumExp(terms.map { $0[lane] }) }
      }.joined().prefix(codes.count))
  }

  /// Draws codes; the same seed gives the same codes, and more of them begin with the same.
  package func sample(count: Int, seed: UInt64) -> CodeMatrix {
    var random = RandomStream(seed: seed, name: "evaluation mixture sample")
    var values: [Float] = []
    values.reserveCapacity(count * width)
    for _ in 0..<count {
      var rest = random.nextUniform()
      var choice = 0
      while choice < components.count - 1, rest >= components[choice].weight {
        rest -= components[choice].weight
        choice += 1
      }
      let noise = random.nextNormals(width)
      let deviation = whitened[choice].coloured(noise)
      values += zip(components[choice].mean, deviation).map { Float($0 + $1) }
    }
    return CodeMatrix(values, width: width)
  }
}

extension GaussianMixture: Codable {
  private enum CodingKeys: CodingKey {
    case covariance
    case components
  }

  /// Decodes and checks a mixture.
  ///
  /// - Throws: What the decoder throws, and a `LatentError` for what `init(covariance:components:)` refuses.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      covariance: container.decode(Covariance.self, forKey: .covariance),
      components: container.decode([Component].self, forKey: .components))
  }

  /// Encodes the kind of covariance and the components.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(covariance, forKey: .covariance)
    try container.encode(components, forKey: .components)
  }
}
