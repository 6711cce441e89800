import Diagnostics

/// p(z): what latents look like before any example is seen.
public struct Prior: Codable, Hashable, Sendable {
  /// The family of p(z).
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// N(0, I) (Kingma & Welling 2013).
    case standardNormal
    /// A Normal with learned mean and covariance.
    case normal
    /// A mixture of diagonal Normals with learned weights, means, and variances.
    case mixture
    /// A mixture of the posteriors of learned pseudo-inputs (Tomczak & Welling 2018).
    case vampPrior
    /// Affine coupling layers over N(0, I) (Dinh et al. 2017).
    case realNVP
    /// Masked autoregressive flow over N(0, I) (Papamakarios et al. 2017).
    case maskedAutoregressiveFlow
    /// A mixture of Normals for each latent, given the latents before it (Germain et al. 2015).
    case autoregressive
  }

  /// The family of p(z); the settings of other families are ignored.
  public var kind: Kind
  /// How many latents the decoder takes.
  public var dimensions: Int
  /// How many components a mixture, a VampPrior, or an autoregressive prior has.
  public var components: Int
  /// How many transformations a flow has.
  public var steps: Int
  /// The widths of the hidden layers in a flow or an autoregressive prior.
  public var hidden: [Int]

  private init(_ kind: Kind, dimensions: Int, components: Int = 10, steps: Int = 4, hidden: [Int] = [128, 128]) {
    self.kind = kind
    self.dimensions = dimensions
    self.components = components
    self.steps = steps
    self.hidden = hidden
  }

  /// N(0, I) in a number of dimensions.
  public static func standardNormal(dimensions: Int) -> Prior { Prior(.standardNormal, dimensions: dimensions) }

  /// A Normal with learned mean and covariance.
  public static func normal(dimensions: Int) -> Prior { Prior(.normal, dimensions: dimensions) }

  /// A mixture of diagonal Normals whose weights, means, and variances are learned (Dilokthanakul et al. 2016).
  public static func mixture(dimensions: Int, components: Int) -> Prior {
    Prior(.mixture, dimensions: dimensions, components: components)
  }

  /// A mixture of the posteriors of learned pseudo-inputs.
  public static func vampPrior(dimensions: Int, components: Int = 500) -> Prior {
    Prior(.vampPrior, dimensions: dimensions, components: components)
  }

  /// A flow over N(0, I): `.realNVP` or `.maskedAutoregressiveFlow`.
  public static func flow(_ kind: Kind, dimensions: Int, steps: Int = 4, hidden: [Int] = [128, 128]) -> Prior {
    Prior(kind, dimensions: dimensions, steps: steps, hidden: hidden)
  }

  /// Each latent given those before it.
  public static func autoregressive(dimensions: Int, components: Int = 5, hidden: [Int] = [128, 128]) -> Prior {
    Prior(.autoregressive, dimensions: dimensions, components: components, hidden: hidden)
  }

  /// Refuses sizes that make no prior of a top layer with some latents.
  func validate(topLatents: Int) throws {
    guard (1...65_536).contains(dimensions) else {
      throw LatentError.usage(
        "A model cannot have \(dimensions) latents", remedy: "Set model.prior.dimensions from 1 to 65536")
    }
    guard (1...65_536).contains(components) else {
      throw LatentError.usage(
        "A prior cannot have \(components) components", remedy: "Set model.prior.components from 1 to 65536")
    }
    guard (1...64).contains(steps), hidden.allSatisfy({ (1...65_536).contains($0) }), !hidden.isEmpty else {
      throw LatentError.usage(
        "A prior cannot have \(steps) steps with hidden layers \(hidden)",
        remedy: "Set model.prior.steps from 1 to 64, and model.prior.hidden to positive widths")
    }
    let unrolled: [Kind] = [.normal, .maskedAutoregressiveFlow, .autoregressive]
    if unrolled.contains(kind), topLatents > Self.unrolledLimit {
      throw LatentError.usage(
        "A prior of kind \(kind.rawValue) goes through the latents one by one, which \(topLatents) are too many for",
        remedy: "Set model.prior.dimensions, or the last of model.hierarchy.layers, to \(Self.unrolledLimit) or less, "
          + "or model.prior.kind=realNVP")
    }
  }

  /// Programs have no loops: a draw that goes through the latents one by one is written out for each.
  static let unrolledLimit = 256
}
