import LatentDiagnostics
import LatentTensorGraph

/// log of the mean of `importanceSamples` importance weights to the power 1 - alpha, divided by 1 - alpha (Li & Turner 2016,
/// equation 9 with alpha below 1).
///
/// At 0 it is the bound by importance weights, towards 1 the evidence lower bound; in between it covers more of the posterior
/// than the one and has less noise than the other. With one importance sample it is the latter whatever alpha is.
public struct RenyiBound: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("renyi", "between importance weights and the evidence lower bound, by alpha")
  /// The numbers that may change while a model trains.
  public static var schedules: [(name: String, path: KeyPath<Self, ScheduledValue>)] { [("alpha", \.alpha)] }
  /// What may be relied on.
  public var traits: BoundTraits { [.bound, .importanceWeights] }

  /// The order of the divergence that the bound leaves, from 0 to below 1.
  public var alpha: ScheduledValue = 0.5

  /// The order 0.5.
  public init() {}

  /// Refuses orders of which this is no bound, or that leave nothing of a weight.
  public func validate(_ objective: Objective) throws {
    guard max(alpha.value, alpha.start) <= 0.99 else {
      throw LatentError.usage(
        "objective.alpha goes beyond 0.99, where the bound is the evidence lower bound but for rounding",
        remedy: "Set objective.alpha from 0 to 0.99, or objective.kind=evidenceLowerBound")
    }
  }

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    let power = 1 - context(self, \.alpha)
    return context.minimizing(
      -(context.logMeanExp(context.logWeights * power, groups: context.objective.samples) / power))
  }
}

extension BoundFamily where Self == RenyiBound {
  /// The bound of an order alpha, from 0 to below 1.
  public static func renyi(_ alpha: ScheduledValue) -> Self {
    var bound = Self()
    bound.alpha = alpha
    return bound
  }
}
