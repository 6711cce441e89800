import Foundation
import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// All codes of a quantised posterior alike (van den Oord et al. 2017, section 3.1): the prior of a VQ-VAE's first stage.
///
/// The rate is the number of codes of an example times the logarithm of how many there are of each.
public struct UniformCodesPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("uniformCodes", "all codes of a quantized posterior alike")
  /// What may be relied on.
  public var traits: PriorTraits { .codes }

  /// How many latents the decoder takes; 0 for what the encoder's grid gives when training starts.
  public var dimensions = 0

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses places where the prior would have to depend on a condition.
  public func validate(at site: PriorSite) throws { try refuseCondition(at: site) }

  /// Makes the prior, which has no variables.
  public func make(at site: PriorSite) -> any PriorModule {
    let posterior = site.model.encoder.posterior as? QuantizedPosterior
    let layout = posterior?.layout(latents: site.latents) ?? CodeLayout(levels: [], codebooks: [])
    return Module(codes: layout.count, codebooks: layout.codebooks, latents: site.latents)
  }

  private struct Module: PriorModule {
    let codes: Int, codebooks: [Int], latents: Int
    var variables: [Variable] { [] }

    func distribution(_ context: PriorContext) -> any Distribution {
      UniformCodes(
        count: context.count, codes: codes, codebooks: codebooks, graph: context.graph,
        lookUp: context.lookUp ?? { [latents] in $0.graph.constant([0], shape: [$0.shape[0], latents]) })
    }
  }
}

extension PriorFamily where Self == UniformCodesPrior {
  /// All codes alike, as many as the encoder's grid gives.
  public static var uniformCodes: Self { UniformCodesPrior() }
}

/// Codes drawn with equal probabilities.
struct UniformCodes: CodesDistribution {
  let count: Int
  /// How many codes an example has, and how many there are for each of their indices.
  let codes: Int, codebooks: [Int]
  let graph: Graph
  /// From codes [count, codes, indices] to latents [count, latents].
  let lookUp: (Tensor) -> Tensor

  /// The same for all: minus the logarithm of how many there are. Vectors that are no codes are not told from those that are.
  func logProbability(_ x: Tensor) -> Tensor {
    graph.constant([logProbability], shape: Shape(x.shape.dimensions.dropLast()))
  }

  func logProbability(codes: Tensor) -> Tensor { graph.constant([logProbability], shape: [codes.shape[0]]) }

  private var logProbability: Double { -Double(codes) * codebooks.reduce(0) { $0 + Foundation.log(Double($1)) } }

  func sample(count draws: Int?) -> Tensor {
    let rows = (draws ?? 1) * count
    let indices = codebooks.map { size in
      (graph.random(.uniform, shape: [rows, codes, 1]) * Double(size)).floor().minimum(Double(size - 1))
        .converted(to: .int32)
    }
    let latents = lookUp(Tensor.concatenate(indices, dimension: -1))
    return draws.map { latents.reshape([$0, count, latents.shape[1]]) } ?? latents
  }

  /// The vectors of the first codes: codes have no mean.
  var mean: Tensor { lookUp(graph.constant(0, .int32).broadcast(to: [count, codes, codebooks.count])) }
}
