import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// What of log p(x) training maximises: a bound of it, or only a part.
///
/// A configuration has its settings in the objective, beside its kind: `objective.kind`, `objective.combination`. A bound of
/// yours gives the losses that are minimised:
///
///     struct HalfBound: BoundFamily {
///       static let name = FamilyName("half", "half of the log-likelihood, and all of the rate")
///       var traits: BoundTraits { .bound }
///       func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
///         context.minimizing((context.terms.rate + context.terms.distortion * 0.5).mean())
///       }
///     }
public protocol BoundFamily: Family, Scheduled {
  /// What objectives and models may rely on.
  var traits: BoundTraits { get }

  /// Refuses settings that make no bound, and objectives that it does not go with.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(_ objective: Objective) throws

  /// What is minimised for a batch, scalars, one or more, each over variables of its own; the last one is that whose value is
  /// reported.
  func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])]
}

extension BoundFamily {
  /// No number of it changes while a model trains.
  public static var schedules: [(name: String, path: KeyPath<Self, ScheduledValue>)] { [] }
  /// `objective.`: a bound's settings stand beside those that all have.
  public static var schedulePrefix: String { "objective." }
  /// Refuses nothing.
  public func validate(_ objective: Objective) throws {}
}

/// What is true of a bound.
public struct BoundTraits: OptionSet, Sendable {
  /// A bit for each trait.
  public let rawValue: Int

  /// Creates traits from bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// It sees the prior: a bound of log p(x), or a trade of the rate for the distortion.
  public static let bound = BoundTraits(rawValue: 1)
  /// The rate is a term of its own, which free bits or a capacity can take the place of.
  package static let rateTerm = BoundTraits(rawValue: 2)
  /// It averages importance weights.
  public static let importanceWeights = BoundTraits(rawValue: 4)
  /// It knows the gradient through the draw alone.
  package static let pathDerivative = BoundTraits(rawValue: 8)
  /// It knows the gradient by the score of the draw.
  package static let scoreFunction = BoundTraits(rawValue: 16)
  /// It knows the gradient by the scores of several draws.
  package static let leaveOneOut = BoundTraits(rawValue: 32)
}

/// The axis of bounds.
public enum BoundAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "bound"

  /// The bound itself.
  public static func family(_ member: any BoundFamily) -> any Family { member }
  /// The family, if it is a bound.
  public static func member(_ family: any Family) -> (any BoundFamily)? { family as? any BoundFamily }
}
