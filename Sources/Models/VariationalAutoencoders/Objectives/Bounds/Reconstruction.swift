import LatentDiagnostics
import LatentTensorGraph

/// E log p(x|z) alone, without a rate: what a deterministic autoencoder maximises.
public struct Reconstruction: BoundFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("reconstruction", "the log-likelihood alone, without a rate")
  /// What may be relied on.
  public var traits: BoundTraits { [] }

  /// It has no settings of its own.
  public init() {}

  /// Refuses gradients that it has no use for.
  public func validate(_ objective: Objective) throws {
    guard objective.gradient == .pathwise else {
      throw LatentError.usage(
        "Reconstruction alone has no rate, to which score functions belong",
        remedy: "Set objective.kind=evidenceLowerBound, or objective.gradient=pathwise")
    }
  }

  /// What is minimised.
  public func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
    context.minimizing(context.terms.distortion.mean())
  }
}

extension BoundFamily where Self == Reconstruction {
  /// The log-likelihood alone.
  public static var reconstruction: Self { Self() }
}
