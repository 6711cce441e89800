import LatentDiagnostics
import LatentDifferentiation
import LatentTensorGraph

/// The penalties that make a sampler of a deterministic autoencoder (Ghosh et al. 2020).
public struct Regularization: ObjectiveTerm {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "regularization", "the penalties that make a sampler of a deterministic autoencoder")
  /// The numbers that may change while a model trains.
  public static var schedules: [(name: String, path: KeyPath<Regularization, ScheduledValue>)] {
    [
      ("latentNorm", \.latentNorm), ("decoderNorm", \.decoderNorm), ("gradientPenalty", \.gradientPenalty),
    ]
  }
  /// What may be relied on.
  public var traits: ObjectiveTermTraits { latentNorm.isOn ? .ofDraws : [] }

  /// The weight of |z|^2 / 2; 0 for no such term.
  public var latentNorm: ScheduledValue = 0
  /// The weight of the decoder's squared weights (RAE-L2); 0 for no such term.
  public var decoderNorm: ScheduledValue = 0
  /// The weight of the squared norm of the decoder's Jacobian (RAE-GP); 0 for no such term.
  public var gradientPenalty: ScheduledValue = 0

  /// Weights of 0: no penalty.
  public init() {}

  /// Refuses the Jacobian of a decoder whose examples are drawn.
  public func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws {
    guard gradientPenalty.isOn, model.isDrawn else { return }
    throw LatentError.usage(
      "The penalty of the decoder's Jacobian needs a likelihood with a mean, which an autoregressive one has not",
      remedy: "Set objective.regularization.gradientPenalty=0, or model.decoder.likelihood.kind=bernoulli")
  }

  /// Makes the penalties, which have no variables.
  public func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule { Module(term: self) }

  private struct Module: ObjectiveTermModule {
    let term: Regularization

    func addends(_ context: ObjectiveTermContext) -> [Tensor] {
      let (z, graph) = (context.z, context.z.graph)
      var sum = graph.constant(0)
      if term.latentNorm.isOn { sum = sum + z.squared().sum([1]).mean() * context(term, \.latentNorm) * 0.5 }
      if term.decoderNorm.isOn {
        let weight = context(term, \.decoderNorm)
        sum = context.model.decoderVariables.reduce(sum) { $0 + graph.read($1).squared().sum() * weight }
      }
      if term.gradientPenalty.isOn {
        // E_v |d (v . x) / dz|^2 over v from N(0, I) is the squared norm of the Jacobian.
        let output = context.model.likelihood(z, condition: context.batch.condition, mode: .inference).mean
        let direction = graph.random(.normal, shape: output.shape, type: output.type)
        let slope = gradient(of: (output * direction).sum(), withRespectTo: [z])[0]
        sum = sum + slope.squared().sum([1]).mean() * context(term, \.gradientPenalty)
      }
      return [sum]
    }
  }
}

extension Objective {
  /// Penalties of a regularised autoencoder.
  public var regularization: Regularization {
    get { terms[Regularization.self] }
    set { terms[Regularization.self] = newValue }
  }
}
