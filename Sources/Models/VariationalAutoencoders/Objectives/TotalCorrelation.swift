import LatentDiagnostics
import LatentDistributions
import Foundation
import LatentLayers
import LatentTensorGraph

/// A penalty of dependence between latents: KL(q(z) || prod_d q(z_d)).
public struct TotalCorrelation: ObjectiveTerm {
  /// How the total correlation of a batch is estimated.
  public enum Estimator: String, Codable, Hashable, Sendable, CaseIterable {
    /// From the batch, as if all other examples were like it (Chen et al. 2018, section 4.1).
    case weightedSampling
    /// From the batch, without bias for an example's own density (Chen et al. 2018, appendix C.2).
    case stratifiedSampling
    /// By a network that tells draws from draws with shuffled dimensions (Kim & Mnih 2018).
    case densityRatio
  }

  /// Its name, and what it is.
  public static let name = FamilyName("totalCorrelation", "a penalty of dependence between latents")
  /// The numbers that may change while a model trains.
  public static var schedules: [(name: String, path: KeyPath<TotalCorrelation, ScheduledValue>)] {
    [("weight", \.weight)]
  }
  /// What may be relied on.
  public var traits: ObjectiveTermTraits { .ofDraws }

  /// The weight added to the rate's own: beta - 1 of beta-TCVAE, gamma of FactorVAE; 0 for no such term.
  public var weight: ScheduledValue = 0
  /// How the total correlation of a batch is estimated.
  public var estimator = Estimator.weightedSampling
  /// The widths of the network's hidden layers.
  public var hidden = [1000, 1000, 1000, 1000, 1000, 1000]

  /// A weight of 0: no penalty.
  public init() {}

  /// Refuses widths that no layer has, objectives without a rate, and posteriors whose densities are not known.
  public func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws {
    guard hidden.allSatisfy({ (1...65_536).contains($0) }) else {
      throw LatentError.usage(
        "The network that estimates total correlation cannot have layers of \(hidden)",
        remedy: "Set objective.totalCorrelation.hidden to positive widths")
    }
    guard objective.hasBound else {
      throw LatentError.usage(
        "Reconstruction alone has no rate, to which total correlation belongs",
        remedy: "Set objective.kind=evidenceLowerBound, or objective.totalCorrelation.weight=0")
    }
    guard estimator == .densityRatio || model.hasOneNormalLayer else {
      throw LatentError.usage(
        "Total correlation is estimated from the densities of diagonal Normals in one layer, which this posterior is not",
        remedy: "Set objective.totalCorrelation.estimator=densityRatio, or model.encoder.posterior.kind=diagonalNormal")
    }
  }

  /// Makes the network that estimates it, if one does.
  public func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule {
    Module(
      term: self,
      discriminator: estimator == .densityRatio
        ? TotalCorrelationDiscriminator(latents: model.prior.dimensions, hidden: hidden) : nil)
  }

  private struct Module: ObjectiveTermModule {
    let term: TotalCorrelation
    let discriminator: TotalCorrelationDiscriminator?

    var variables: [Variable] { discriminator?.variables ?? [] }

    func addends(_ context: ObjectiveTermContext) -> [Tensor] {
      let estimate =
        discriminator?.estimate(context.z)
        ?? (context.posterior as? DiagonalNormal).map { term.sampled($0, context.z, examples: context.examples) }
      return estimate.map { [$0 * context(term, \.weight)] } ?? []
    }

    func ownLoss(_ context: ObjectiveTermContext) -> Tensor? { discriminator?.loss(context.z) }
  }

  /// The estimate from a batch of posteriors and a draw [B, D] from each, a scalar in nats.
  ///
  /// - Parameter examples: how many examples the training set has.
  func sampled(_ posterior: DiagonalNormal, _ z: Tensor, examples: Int) -> Tensor {
    let (count, latents) = (z.shape[0], z.shape[1])
    // log q(z_i,d | x_j) as [i, j, d].
    let density = DiagonalNormal(
      mean: posterior.mean.reshape([1, count, latents]),
      logVariance: posterior.logVariance.reshape([1, count, latents])
    ).elementLogProbability(z.reshape([count, 1, latents]))
    var logWeights = z.graph.constant([-Foundation.log(Double(examples) * Double(count))], shape: [count, count])
    if estimator == .stratifiedSampling {
      logWeights = z.graph.constant(stratifiedLogWeights(count, examples: examples), shape: [count, count])
    }
    let joint = (density.sum([2]) + logWeights).logSumExp([1])
    let marginals = (density + logWeights.reshape([count, count, 1])).logSumExp([1]).sum([1])
    return (joint - marginals).mean()
  }

  /// An example's own density counts 1 / N; one of the others stands for those that are not in the batch.
  private func stratifiedLogWeights(_ count: Int, examples: Int) -> [Double] {
    let (total, others) = (Double(max(examples, count)), Double(count - 1))
    let represented = max(1e-12, (total - others) / (total * max(1, others)))
    return (0..<count).flatMap { row in
      (0..<count).map { column -> Double in
        if row == column { return -Foundation.log(total) }
        return column == (row + 1) % count ? Foundation.log(represented) : -Foundation.log(max(1, others))
      }
    }
  }
}

extension Objective {
  /// Dependence between latents.
  public var totalCorrelation: TotalCorrelation {
    get { terms[TotalCorrelation.self] }
    set { terms[TotalCorrelation.self] = newValue }
  }
}
