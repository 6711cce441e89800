import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// Each code of a quantised posterior, or each of its choices, given those before it: the prior of a VQ-VAE's second stage (van den
/// Oord et al. 2017, section 3.3), and of a discrete VAE's (Ramesh et al. 2021, section 2.2).
///
/// Codes are gone through row by row of the encoder's grid; the indices of one place, of which a residual quantiser has several,
/// one after another; those of several levels as one row, the coarsest level first.
public struct AutoregressiveCodesPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "autoregressiveCodes", "each code or choice of the posterior given those before it")
  /// What may be relied on.
  public var traits: PriorTraits { [.codes, .choices, .learned] }

  /// How many latents the decoder takes; 0 for what the encoder's grid gives when training starts.
  public var dimensions = 0
  /// What goes through the codes.
  @Chosen<AutoregressiveAxis> public var network: any AutoregressiveFamily = CausalTransformer()

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses what cannot be gone through.
  public func validate(at site: PriorSite) throws {
    guard let places = CodePlaces(site) else { return }
    guard places.isWhole else {
      throw LatentError.usage(
        "\(places.layout.count) codes of an example do not lie whole in the places of the encoder's grid, which are \(places.places)",
        remedy: "Set model.prior.dimensions=0 for a code at each place, or model.prior.kind=uniformCodes")
    }
    guard Set(places.layout.codebooks).count == 1 else {
      throw LatentError.usage(
        "A prior of kind \(kind) is about codebooks of one size, not of \(places.layout.codebooks) codes",
        remedy: "Set model.prior.kind=uniformCodes, or use codebooks of one size")
    }
    try network.validate(at: places.site(network))
  }

  /// Makes the network.
  public func make(at site: PriorSite) -> any PriorModule {
    guard let places = CodePlaces(site) else { stop("a prior of codes is for a posterior that chooses") }
    return Module(
      network: network.make(at: places.site(network)), values: places.values(network), places: places)
  }

  private struct Module: PriorModule {
    let network: any AutoregressiveModule
    let values: PlaceValues
    let places: CodePlaces

    var variables: [Variable] { network.variables + values.variables }

    func distribution(_ context: PriorContext) -> any Distribution {
      let given = context.condition.map { condition in
        let size = [context.count, places.arrangement.count, condition.shape[1]]
        return condition.expandingDimension(1).broadcast(to: Shape(size))
      }
      let codes = AutoregressiveDistribution(
        network: network, values: values, output: { outputs, _ in Categorical(logits: outputs, step: 1) },
        arrangement: places.arrangement, leading: [context.count], context: given,
        mode: context.mode, graph: context.graph, drawing: context.drawing)
      if let values = places.choices { return AutoregressiveChoices(codes: codes, values: values) }
      return AutoregressiveCodes(
        codes: codes, count: places.layout.count, indices: places.layout.codebooks.count,
        lookUp: context.lookUp ?? { [latents = places.latents] in $0.graph.constant([0], shape: [$0.shape[0], latents])
        })
    }
  }
}

extension PriorFamily where Self == AutoregressiveCodesPrior {
  /// Each code given those before it.
  public static func autoregressiveCodes(_ network: any AutoregressiveFamily = .transformer()) -> Self {
    var prior = AutoregressiveCodesPrior()
    prior.network = network
    return prior
  }
}

/// How the indices of a model's codes lie in places.
private struct CodePlaces {
  let layout: CodeLayout
  let latents: Int
  let arrangement: PlaceArrangement
  /// How many places the encoder's grid has, if codes are gone through as they lie in it.
  let places: Int
  /// How the latents tell a choice, if they are choices and not vectors of codes.
  let choices: ChoiceValues?
  private let condition: Int

  init?(_ site: PriorSite) {
    guard let posterior = site.model.encoder.posterior as? any CountablePosterior else { return nil }
    layout = posterior.layout(latents: site.latents)
    latents = site.latents
    condition = site.condition
    choices =
      posterior.traits.contains(.choices)
      ? ((posterior as? CategoricalPosterior).map { .oneHot($0.categories) } ?? .numbers) : nil
    let grid = site.model.encoder.network.grid(exampleShape: site.exampleShape)
    places = layout.levels.count == 1 ? max(1, grid.reduce(1, *)) : 1
    let atPlace = layout.count / places * layout.codebooks.count
    arrangement = PlaceArrangement(
      exampleShape: layout.levels.count == 1 ? grid + [atPlace] : [atPlace], isSplit: true)
  }

  /// Whether every place has the same number of codes.
  var isWhole: Bool { layout.count > 0 && layout.count % places == 0 }

  /// How many codes each index has.
  private var size: Int { layout.codebooks.first ?? 1 }

  func values(_ network: any AutoregressiveFamily) -> PlaceValues {
    PlaceValues("prior", .tokens(levels: size), channels: 1, takesNumbers: network.takesNumbers)
  }

  func site(_ network: any AutoregressiveFamily) -> AutoregressiveSite {
    AutoregressiveSite(
      name: "prior/network", height: arrangement.height, width: arrangement.width, inputs: values(network).inputs,
      outputs: size, context: condition)
  }
}

/// Codes, each given those before it.
private struct AutoregressiveCodes: CodesDistribution {
  let codes: AutoregressiveDistribution
  let count: Int, indices: Int
  /// From codes [N, codes, indices] to latents [N, latents].
  let lookUp: (Tensor) -> Tensor

  /// Zeros: the density is one of codes, not of their vectors.
  func logProbability(_ x: Tensor) -> Tensor { x.sum([-1]) * 0 }

  func logProbability(codes indices: Tensor) -> Tensor {
    codes.logProbability(indices.converted(to: .float32).flattened())
  }

  func sample(count draws: Int?) -> Tensor {
    let drawn = codes.sample(count: draws)
    let latents = lookUp(drawn.reshape([-1, count, indices]).round().converted(to: .int32))
    return latents.reshape(Shape(drawn.shape.dimensions.dropLast() + [latents.shape[1]]))
  }

  /// The vectors of a draw: codes have no mean.
  var mean: Tensor { sample(count: nil) }
}

/// How latents tell choices.
private enum ChoiceValues {
  /// A one among zeros for each choice among so many categories.
  case oneHot(Int)
  /// Zero or one.
  case numbers
}

/// Choices, each given those before it.
private struct AutoregressiveChoices: Distribution {
  let codes: AutoregressiveDistribution
  let values: ChoiceValues

  /// log p [...] of latents [..., D] that are choices.
  func logProbability(_ x: Tensor) -> Tensor {
    guard case .oneHot(let categories) = values else { return codes.logProbability(x) }
    let choices = x.reshape(Shape(x.shape.dimensions.dropLast() + [x.shape[-1] / categories, categories]))
    return codes.logProbability(choices.argumentMaximum(-1).converted(to: x.type))
  }

  func sample(count draws: Int?) -> Tensor {
    let drawn = codes.sample(count: draws)
    guard case .oneHot(let categories) = values else { return drawn }
    let latents = drawn.round().converted(to: .int32).oneHot(categories)
    return latents.reshape(Shape(drawn.shape.dimensions.dropLast() + [drawn.shape[-1] * categories]))
  }

  /// A draw: what choices lead to is known for the first alone.
  var mean: Tensor { sample(count: nil) }
}
