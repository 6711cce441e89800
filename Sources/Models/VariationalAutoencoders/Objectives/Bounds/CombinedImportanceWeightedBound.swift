import LatentDiagnostics
import LatentTensorGraph

/// `combination` times the evidence lower bound, the rest a bound by importance weights: CIWAE (Rainforth et al. 2018).
public struct CombinedImportanceWeightedBound: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "combinedImportanceWeighted", "a share of the evidence lower bound, the rest importance weights")
  /// The numbers that may change while a model trains.
  public static var schedules: [(name: String, path: KeyPath<Self, ScheduledValue>)] {
    [("combination", \.combination)]
  }
  /// What may be relied on.
  public var traits: BoundTraits { [.bound, .importanceWeights] }

  /// The evidence lower bound's share.
  public var combination: ScheduledValue = 0.5

  /// A half of each.
  public init() {}

  /// Refuses what is no share.
  public func validate(_ objective: Objective) throws {
    guard combination.value <= 1, combination.start <= 1 else {
      throw LatentError.usage(
        "objective.combination goes beyond 1, which is no share", remedy: "Set it to numbers from 0 to 1")
    }
  }

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    let share = context(self, \.combination)
    let weights = context.logWeights
    let (plain, groups) = (weights.mean() * share, context.objective.samples)
    return context.minimizing(-(plain + context.logMeanExp(weights, groups: groups) * (1 - share)))
  }
}

extension BoundFamily where Self == CombinedImportanceWeightedBound {
  /// A share of the evidence lower bound, the rest importance weights.
  public static func combinedImportanceWeighted(_ combination: ScheduledValue = 0.5) -> Self {
    var bound = Self()
    bound.combination = combination
    return bound
  }
}
