import Diagnostics

/// q(z|x): what the encoder's features say about an example's latents.
public struct Posterior: Codable, Hashable, Sendable {
  /// The family of q(z|x).
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Independent Normals, mean and log-variance from the features (Kingma & Welling 2013, equation 9).
    case diagonalNormal
    /// A Normal whose covariance's Cholesky factor comes from the features.
    case fullNormal
    /// Planar flows over a diagonal Normal, their parameters from the features (Rezende & Mohamed 2015).
    case planarFlow
    /// Radial flows over a diagonal Normal (Rezende & Mohamed 2015).
    case radialFlow
    /// Sylvester flows over a diagonal Normal (van den Berg et al. 2018).
    case sylvesterFlow
    /// Inverse autoregressive flow over a diagonal Normal (Kingma et al. 2016).
    case inverseAutoregressiveFlow
    /// One point: the code of a deterministic autoencoder, which has no density and hence no bound.
    case point
  }

  /// The family of q(z|x); the settings of other families are ignored.
  public var kind: Kind
  /// How many transformations a flow has.
  public var steps: Int
  /// The widths of the hidden layers in an inverse autoregressive flow.
  public var hidden: [Int]
  /// How many reflections make up the orthogonal matrix of a Sylvester flow.
  public var reflections: Int
  /// How many natural-gradient steps of the objective's own bound, its weight of the rate included, improve the encoder's
  /// mean and log-variance for each example (Kim et al. 2018); 0 for none.
  public var refinementSteps: Int
  /// The size of those steps: the share, up to 1, of the way to the best precision and mean that a step goes.
  public var refinementRate: Double

  init(_ kind: Kind, steps: Int = 4, hidden: [Int] = [128, 128], refinementSteps: Int = 0) {
    self.kind = kind
    self.steps = steps
    self.hidden = hidden
    reflections = 4
    self.refinementSteps = refinementSteps
    refinementRate = 0.1
  }

  /// An independent Normal for each latent, whose mean and log-variance come from the encoder.
  public static let diagonalNormal = Posterior(.diagonalNormal)
  /// A Normal with full covariance, so that latents can depend on each other given the example.
  public static let fullNormal = Posterior(.fullNormal)
  /// The code of a deterministic autoencoder.
  public static let point = Posterior(.point)

  /// A flow over a diagonal Normal: `.planarFlow`, `.radialFlow`, `.sylvesterFlow`, or `.inverseAutoregressiveFlow`.
  public static func flow(_ kind: Kind, steps: Int, hidden: [Int] = [128, 128]) -> Posterior {
    Posterior(kind, steps: steps, hidden: hidden)
  }

  /// Independent Normals that gradient steps improve for each example.
  public static func semiAmortized(steps: Int = 20) -> Posterior { Posterior(.diagonalNormal, refinementSteps: steps) }

  /// Whether the density of any latent can be computed, not only that of the posterior's own draws.
  var hasDensity: Bool {
    switch kind {
    case .diagonalNormal, .fullNormal: true
    case .planarFlow, .radialFlow, .sylvesterFlow, .inverseAutoregressiveFlow, .point: false
    }
  }

  /// Refuses settings that make no posterior.
  func validate() throws {
    guard (1...256).contains(steps), (1...256).contains(reflections), !hidden.isEmpty,
      hidden.allSatisfy({ (1...65_536).contains($0) })
    else {
      throw LatentError.usage(
        "A posterior cannot have \(steps) flow steps with hidden layers \(hidden) and \(reflections) reflections",
        remedy: "Set model.encoder.posterior.steps and .reflections from 1 to 256, and .hidden to positive widths")
    }
    guard (0...200).contains(refinementSteps), refinementRate > 0, refinementRate <= 1 else {
      throw LatentError.usage(
        "A posterior cannot be refined in \(refinementSteps) steps of \(refinementRate)",
        remedy: "Set model.encoder.posterior.refinementSteps from 0 to 200 and .refinementRate above 0, up to 1")
    }
    guard refinementSteps == 0 || kind == .diagonalNormal else {
      throw LatentError.usage(
        "Refinement is about a mean and a log-variance, not about a posterior of kind \(kind.rawValue)",
        remedy: "Set model.encoder.posterior.kind=diagonalNormal, or .refinementSteps=0")
    }
  }
}

extension Posterior {
  private enum Key: String, CodingKey { case kind, steps, hidden, reflections, refinementSteps, refinementRate }

  /// Reads a posterior, or a plain word, which stands for its kind.
  public init(from decoder: any Decoder) throws {
    if let word = try? decoder.singleValueContainer().decode(String.self) {
      guard let kind = Kind(rawValue: word) else {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: word))
      }
      self.init(kind)
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    self.init(try container.decode(Kind.self, forKey: .kind))
    steps = try container.decode(Int.self, forKey: .steps)
    hidden = try container.decode([Int].self, forKey: .hidden)
    reflections = try container.decode(Int.self, forKey: .reflections)
    refinementSteps = try container.decode(Int.self, forKey: .refinementSteps)
    refinementRate = try container.decode(Double.self, forKey: .refinementRate)
  }
}
