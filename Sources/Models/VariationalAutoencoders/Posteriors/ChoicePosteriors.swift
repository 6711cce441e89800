import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// How training draws choices, of which the gradient of a draw is zero almost everywhere.
public enum ChoiceDraws: String, Codable, Hashable, Sendable, CaseIterable {
  /// Points between the choices, nearer to one of them the lower `objective.temperature` is, through which gradients flow
  /// (Jang et al. 2016, equation 2; Maddison et al. 2016).
  case relaxed
  /// Choices, with the gradient of those points (Jang et al. 2016, section 2.2).
  case straightThrough
  /// Choices without a gradient, for score functions.
  case discrete
}

/// One of some categories for each of a number of latents: latents / `categories` choices, each written as a one among zeros.
public struct CategoricalPosterior: CountablePosterior {
  /// Its name, and what it is.
  public static let name = FamilyName("categorical", "one of some categories for each of a number of choices")
  /// What may be relied on.
  public var traits: PosteriorTraits { draws.traits }

  /// How many categories a choice has.
  public var categories = 10
  /// How training draws.
  public var draws = ChoiceDraws.relaxed

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses latents that are no whole number of choices.
  public func validate(in model: VariationalAutoencoder) throws {
    guard categories >= 2, model.prior.dimensions % categories == 0 else {
      throw LatentError.usage(
        "\(model.prior.dimensions) latents are no whole number of choices among \(categories) categories",
        remedy: "Set model.prior.dimensions to a multiple of model.encoder.posterior.categories, which is at least 2")
    }
  }

  func layout(latents: Int) -> CodeLayout { CodeLayout(levels: [latents / categories], codebooks: [categories]) }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    ChoiceModule(at: site, draws: draws) { [categories] logits, draws in
      Choices(logits: logits, categories: categories, draws: draws)
    }
  }
}

/// Zero or one for each latent.
public struct BernoulliPosterior: CountablePosterior {
  /// Its name, and what it is.
  public static let name = FamilyName("bernoulli", "zero or one for each latent")
  /// What may be relied on.
  public var traits: PosteriorTraits { draws.traits }

  /// How training draws.
  public var draws = ChoiceDraws.relaxed

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses nothing.
  public func validate(in model: VariationalAutoencoder) throws {}

  func layout(latents: Int) -> CodeLayout { CodeLayout(levels: [latents], codebooks: [2]) }

  /// Makes its variables.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    ChoiceModule(at: site, draws: draws) { Coins(logits: $0, draws: $1) }
  }
}

extension PosteriorFamily where Self == CategoricalPosterior {
  /// One of some categories for each of a number of choices.
  public static func categorical(_ categories: Int, draws: ChoiceDraws = .relaxed) -> Self {
    var posterior = CategoricalPosterior()
    (posterior.categories, posterior.draws) = (categories, draws)
    return posterior
  }
}

extension PosteriorFamily where Self == BernoulliPosterior {
  /// Zero or one for each latent.
  public static func bernoulli(draws: ChoiceDraws = .relaxed) -> Self {
    var posterior = BernoulliPosterior()
    posterior.draws = draws
    return posterior
  }
}

extension ChoiceDraws {
  fileprivate var traits: PosteriorTraits { self == .discrete ? [.choices, .densityAnywhere] : .choices }
}

/// How choices are drawn in a program.
struct ChoiceSampling {
  let draws: ChoiceDraws
  let temperature: Tensor

  /// Draws between the choices, or choices with or without their gradient.
  func callAsFunction(soft: (Tensor) -> Tensor, hard: Tensor) -> Tensor {
    switch draws {
    case .discrete: return hard
    case .relaxed: return soft(temperature)
    case .straightThrough:
      let between = soft(temperature)
      return between + (hard - between).stopGradient()
    }
  }
}

/// Features to the logits of choices.
private struct ChoiceModule: PosteriorModule {
  let head: Dense
  /// How many places of a grid the features are for, each with as many of the choices.
  let positions: Int
  let draws: ChoiceDraws
  let makeDistribution: @Sendable (Tensor, ChoiceSampling) -> any Distribution

  init(
    at site: PosteriorSite, draws: ChoiceDraws,
    _ makeDistribution: @escaping @Sendable (Tensor, ChoiceSampling) -> any Distribution
  ) {
    positions = site.positions
    head = Dense(site.name, inputs: site.features / positions, outputs: site.latents / positions)
    self.draws = draws
    self.makeDistribution = makeDistribution
  }

  var variables: [Variable] { head.variables }

  func distribution(_ features: Tensor) -> any Distribution {
    distribution(features, PosteriorContext(mode: .inference))
  }

  /// Relaxed in training alone: what is evaluated are choices.
  func distribution(_ features: Tensor, _ context: PosteriorContext) -> any Distribution {
    let temperature = context.temperature ?? features.graph.constant(1)
    let count = features.shape[0]
    let logits = head(features.reshape([count * positions, -1])).reshape([count, -1])
    return makeDistribution(
      logits, ChoiceSampling(draws: context.mode == .training ? draws : .discrete, temperature: temperature))
  }
}

/// Independent choices among categories; values are ones among zeros, [..., choices x categories].
struct Choices: Distribution {
  /// [B, choices, categories].
  private let logProbabilities: Tensor
  private let categories: Int
  private let sampling: ChoiceSampling

  init(logits: Tensor, categories: Int, draws: ChoiceSampling) {
    logProbabilities = logits.reshape([logits.shape[0], -1, categories]).logSoftmax(-1)
    self.categories = categories
    sampling = draws
  }

  /// sum x log p: the probability of a choice, and what stands in for it between choices.
  func logProbability(_ x: Tensor) -> Tensor {
    let leading = x.shape.dimensions.dropLast()
    let choices = x.reshape(Shape(leading + [logProbabilities.shape[1], categories]))
    return (choices * logProbabilities).sum([-1, -2])
  }

  func sample(count: Int?) -> Tensor {
    let shape = Shape((count.map { [$0] } ?? []) + logProbabilities.shape.dimensions)
    // Of logits with Gumbel noise the largest is a draw (Jang et al. 2016, equation 1).
    let scores = logProbabilities + logProbabilities.graph.gumbelNoise(shape: shape)
    let hard = scores.compare(.equal, scores.max([-1], keepingDimensions: true)).converted(to: scores.type)
    let draws = sampling(soft: { (scores / $0).softmax(-1) }, hard: hard)
    return draws.reshape(Shape(shape.dimensions.dropLast(2) + [shape[-2] * shape[-1]]))
  }

  var mean: Tensor { logProbabilities.exp().reshape([logProbabilities.shape[0], -1]) }

  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    (other as? UniformChoices).map { uniform in
      (logProbabilities.exp() * logProbabilities).sum([-1, -2]) + uniform.logarithmOfCount
    }
  }
}

/// Independent zeros and ones.
struct Coins: Distribution {
  private let coins: Bernoulli
  private let sampling: ChoiceSampling

  init(logits: Tensor, draws: ChoiceSampling) {
    coins = Bernoulli(logits: logits)
    sampling = draws
  }

  func logProbability(_ x: Tensor) -> Tensor { coins.logProbability(x) }

  func sample(count: Int?) -> Tensor {
    let logits = coins.logits
    let shape = Shape((count.map { [$0] } ?? []) + logits.shape.dimensions)
    // As a draw of categories takes Gumbel noise, their difference takes logistic noise (Maddison et al. 2016, appendix B).
    let scores = logits + logits.graph.logisticNoise(shape: shape)
    let hard = scores.compare(.greater, 0).converted(to: scores.type)
    return sampling(soft: { (scores / $0).logistic() }, hard: hard)
  }

  var mean: Tensor { coins.mean }

  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    (other as? UniformChoices).flatMap { _ in
      kullbackLeibler(from: coins, to: Bernoulli(logits: coins.logits * 0))
    }
  }
}
