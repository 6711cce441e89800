import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// q(z|x): what the encoder's features say about an example's latents.
public protocol PosteriorFamily: Family {
  /// What objectives and other families may rely on.
  var traits: PosteriorTraits { get }
  /// How the encoder's posterior is improved for each example, or `nil` if it is taken as it is.
  var refinement: Refinement? { get }

  /// Refuses settings that make no posterior, and models that it cannot be a part of.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(in model: VariationalAutoencoder) throws

  /// The posterior with its variables.
  func make(at site: PosteriorSite) -> any PosteriorModule
}

extension PosteriorFamily {
  /// None: the posterior is taken as it is.
  public var refinement: Refinement? { nil }
}

/// What is true of a posterior.
public struct PosteriorTraits: OptionSet, Sendable {
  /// A bit for each trait.
  public let rawValue: Int

  /// Creates traits from bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// It is a `DiagonalNormal`.
  public static let diagonalNormal = PosteriorTraits(rawValue: 1)
  /// The density of any latent can be computed, not only that of the posterior's own draws.
  public static let densityAnywhere = PosteriorTraits(rawValue: 2)
  /// It is one point, which has no density.
  public static let point = PosteriorTraits(rawValue: 4)
  /// It is a choice among finitely many codes.
  public static let codes = PosteriorTraits(rawValue: 8)
  /// It is choices among few values: categories, zeros and ones.
  public static let choices = PosteriorTraits(rawValue: 16)
  /// It says nothing: the model has no latents.
  public static let nothing = PosteriorTraits(rawValue: 32)
}

/// How a mean and a log-variance are improved for each example (Kim et al. 2018).
public struct Refinement: Hashable, Sendable {
  /// How many natural-gradient steps of the objective's own bound there are, its weight of the rate included.
  public var steps: Int
  /// The share, up to 1, of the way to the best precision and mean that a step goes.
  public var rate: Double

  /// So many steps of such a size.
  public init(steps: Int, rate: Double) {
    self.steps = steps
    self.rate = rate
  }
}

/// A posterior with its variables.
public protocol PosteriorModule: Sendable {
  /// Everything that it has of its own.
  var variables: [Variable] { get }

  /// The distribution of latents given features [B, F].
  func distribution(_ features: Tensor) -> any Distribution
  /// The same, of a posterior that is another in training than in inference.
  func distribution(_ features: Tensor, _ context: PosteriorContext) -> any Distribution
  /// That distribution's mean, [B, latents], without the work of other parameters where they do not matter.
  func mean(_ features: Tensor) -> Tensor
}

extension PosteriorModule {
  /// The same in training and in inference.
  public func distribution(_ features: Tensor, _ context: PosteriorContext) -> any Distribution {
    distribution(features)
  }
  /// The mean of the whole distribution.
  public func mean(_ features: Tensor) -> Tensor { distribution(features).mean }
}

/// For what a posterior is asked.
public struct PosteriorContext {
  /// What the model is being run for.
  public let mode: Mode
  /// How near to choices relaxed draws are, a scalar; `nil` for 1.
  public let temperature: Tensor?

  /// Creates a context.
  public init(mode: Mode, temperature: Tensor? = nil) {
    self.mode = mode
    self.temperature = temperature
  }
}

/// Where a posterior is used.
public struct PosteriorSite {
  /// What its variables' names begin with.
  public let name: String
  /// How many numbers the encoder gives for each example.
  public let features: Int
  /// How many latents there are.
  public let latents: Int
  /// The grid, [rows, columns], of the places that the features are for, as many for each; one place for those of an example as a
  /// whole.
  public let grid: [Int]
  /// How many places that grid has.
  public var positions: Int { grid.reduce(1, *) }

  /// Names a place.
  public init(name: String, features: Int, latents: Int, grid: [Int] = [1, 1]) {
    self.name = name
    self.features = features
    self.latents = latents
    self.grid = grid
  }
}

/// The axis of posteriors.
public enum PosteriorAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "posterior"

  /// The posterior itself.
  public static func family(_ member: any PosteriorFamily) -> any Family { member }
  /// The family, if it is a posterior.
  public static func member(_ family: any Family) -> (any PosteriorFamily)? { family as? any PosteriorFamily }
}

extension PosteriorFamily {
  /// Refuses numbers that no flow can have.
  func validate(steps: Int, reflections: Int = 1, hidden: [Int] = [1]) throws {
    guard (1...256).contains(steps), (1...256).contains(reflections), !hidden.isEmpty,
      hidden.allSatisfy({ (1...65_536).contains($0) })
    else {
      throw LatentError.usage(
        "A posterior cannot have \(steps) flow steps with hidden layers \(hidden) and \(reflections) reflections",
        remedy: "Set model.encoder.posterior.steps and .reflections from 1 to 256, and .hidden to positive widths")
    }
  }
}
