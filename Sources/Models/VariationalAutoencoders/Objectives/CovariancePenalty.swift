import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// Pulls the covariance of the latents over the data towards the identity: DIP-VAE (Kumar et al. 2018).
public struct CovariancePenalty: ObjectiveTerm {
  /// Of what the covariance over the data is taken.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The posterior means' (DIP-VAE-I).
    case means
    /// The draws', to which the posteriors' variances belong (DIP-VAE-II).
    case draws
  }

  /// Its name, and what it is.
  public static let name = FamilyName(
    "covariance", "the covariance of the latents over the data, pulled towards the identity")
  /// The numbers that may change while a model trains.
  public static var schedules: [(name: String, path: KeyPath<CovariancePenalty, ScheduledValue>)] {
    [("offDiagonal", \.offDiagonal), ("diagonal", \.diagonal)]
  }
  /// What may be relied on.
  public var traits: ObjectiveTermTraits { [] }

  /// Of what the covariance over the data is taken: posterior means, or draws.
  public var kind = Kind.means
  /// The weight of the squares off the diagonal; 0 for no such term.
  public var offDiagonal: ScheduledValue = 0
  /// The weight of the squared distances of the diagonal from 1.
  public var diagonal: ScheduledValue = 0

  /// Weights of 0: no penalty.
  public init() {}

  /// Refuses posteriors without means and variances of each latent.
  public func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws {
    guard model.hasOneNormalLayer else {
      throw LatentError.usage(
        "The covariance penalty is about the means and variances of diagonal Normals in one layer",
        remedy:
          "Set model.encoder.posterior.kind=diagonalNormal, or objective.covariance.offDiagonal and .diagonal to 0")
    }
  }

  /// Makes the penalty, which has no variables.
  public func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule { Module(term: self) }

  private struct Module: ObjectiveTermModule {
    let term: CovariancePenalty

    func addends(_ context: ObjectiveTermContext) -> [Tensor] {
      guard let posterior = context.posterior as? DiagonalNormal else { return [] }
      let squares = term.squares(posterior)
      return [squares.offDiagonal * context(term, \.offDiagonal), squares.diagonal * context(term, \.diagonal)]
    }
  }

  /// The squares off the diagonal and the squared distances of the diagonal from 1, for a batch of posteriors [B, D]: scalars.
  func squares(_ posterior: DiagonalNormal) -> (offDiagonal: Tensor, diagonal: Tensor) {
    let (count, latents) = (posterior.mean.shape[0], posterior.mean.shape[1])
    let centred = posterior.mean - posterior.mean.mean([0], keepingDimensions: true)
    var covariance = centred.transpose([1, 0]).dot(centred) / Double(count)
    let graph = covariance.graph
    let identity = graph.constant(
      (0..<(latents * latents)).map { $0 % (latents + 1) == 0 ? 1 : 0 }, shape: [latents, latents])
    if kind == .draws {
      covariance = covariance + identity * posterior.logVariance.exp().mean([0]).reshape([1, latents])
    }
    return ((covariance.squared() * (1 - identity)).sum(), ((covariance - 1).squared() * identity).sum())
  }
}

extension Objective {
  /// Covariance of the latents over the data.
  public var covariance: CovariancePenalty {
    get { terms[CovariancePenalty.self] }
    set { terms[CovariancePenalty.self] = newValue }
  }
}
