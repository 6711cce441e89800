import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// Each code of a quantised posterior given those before it: the prior of a VQ-VAE's second stage (van den Oord et al. 2017,
/// section 3.3).
///
/// Codes are gone through row by row of the encoder's grid; the indices of one place, of which a residual quantiser has several,
/// one after another.
public struct AutoregressiveCodesPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("autoregressiveCodes", "each code of a quantized posterior given those before it")
  /// What may be relied on.
  public var traits: PriorTraits { [.codes, .learned] }

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
        "\(places.count) codes of an example do not lie whole in the places of the encoder's grid, which are \(places.places)",
        remedy: "Set model.prior.dimensions=0 for a code at each place, or model.prior.kind=uniformCodes")
    }
    guard Set(places.codebooks).count == 1 else {
      throw LatentError.usage(
        "A prior of kind \(kind) is about codebooks of one size, not of \(places.codebooks) codes",
        remedy: "Set model.prior.kind=uniformCodes, or use codebooks of one size")
    }
    try network.validate(at: places.site(network))
  }

  /// Makes the network.
  public func make(at site: PriorSite) -> any PriorModule {
    guard let places = CodePlaces(site) else { stop("a prior of codes is for a quantised posterior") }
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
      return AutoregressiveCodes(
        codes: AutoregressiveDistribution(
          network: network, values: values, output: { outputs, _ in Categorical(logits: outputs, step: 1) },
          arrangement: places.arrangement, leading: [context.count], context: given,
          mode: context.mode, graph: context.graph, drawing: context.drawing),
        count: places.count, indices: places.codebooks.count,
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
  let codebooks: [Int]
  /// How many codes an example has.
  let count: Int
  let latents: Int
  let arrangement: PlaceArrangement
  /// How many places the encoder's grid has.
  let places: Int
  private let condition: Int

  init?(_ site: PriorSite) {
    guard let posterior = site.model.encoder.posterior as? QuantizedPosterior else { return nil }
    codebooks = posterior.codebooks
    latents = site.latents
    count = site.latents / posterior.codeDimensions
    condition = site.condition
    let grid = site.model.encoder.network.grid(exampleShape: site.exampleShape)
    places = max(1, grid.reduce(1, *))
    let atPlace = count / places * codebooks.count
    arrangement = PlaceArrangement(exampleShape: grid + [atPlace], isSplit: true)
  }

  /// Whether every place has the same number of codes.
  var isWhole: Bool { count > 0 && count % places == 0 }

  /// How many codes each index has.
  private var size: Int { codebooks.first ?? 1 }

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
