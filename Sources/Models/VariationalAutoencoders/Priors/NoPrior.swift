import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// No latents: in their place there is one zero, which costs nothing.
public struct NoPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("none", "no latents: one zero in their place")
  /// What may be relied on.
  public var traits: PriorTraits { .nothing }

  /// 1: the zero in the latents' place.
  public var dimensions = 1

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses more than the zero, and a condition.
  public func validate(at site: PriorSite) throws {
    try refuseCondition(at: site)
    guard dimensions == 1 else {
      throw LatentError.usage(
        "A model without latents has one zero in their place", remedy: "Set model.prior.dimensions=1")
    }
  }

  /// Makes the prior, which has no variables.
  public func make(at site: PriorSite) -> any PriorModule { Module() }

  private struct Module: PriorModule {
    var variables: [Variable] { [] }

    func distribution(_ context: PriorContext) -> any Distribution {
      Nothing(mean: context.graph.constant([0], shape: [context.count, 1]))
    }
  }
}

/// Zeros, with all of the probability: the prior and the posterior of a model without latents.
struct Nothing: Distribution {
  /// Zeros [B, 1].
  let mean: Tensor

  func logProbability(_ x: Tensor) -> Tensor { x.sum([-1]) * 0 }

  func sample(count: Int?) -> Tensor {
    count.map { mean.broadcast(to: Shape([$0] + mean.shape.dimensions)) } ?? mean
  }

  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    other is Nothing ? mean.reshape([mean.shape[0]]) : nil
  }
}
