import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Codes in the place of the encoder's vectors: the posterior of a VQ-VAE and its kin, a point whose density is that of a choice
/// (van den Oord et al. 2017, equation 1).
///
/// An encoder that keeps its grid gives a vector for each place of the grid; the latents are all their codes' vectors, one after
/// another.
public struct QuantizedPosterior: PosteriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("quantized", "codes in the place of the encoder's vectors")
  /// What may be relied on.
  public var traits: PosteriorTraits { .codes }

  /// How many numbers a vector has.
  public var codeDimensions = 64
  /// What puts codes in the place of vectors.
  @Chosen<QuantizerAxis> public var quantizer: any QuantizerFamily = VectorQuantizer()

  /// How many numbers a vector can have.
  static let widths = 1...65_536

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses vectors that the latents cannot be cut into, and what the quantiser refuses.
  public func validate(in model: VariationalAutoencoder) throws {
    guard Self.widths.contains(codeDimensions), model.prior.dimensions % codeDimensions == 0 else {
      throw LatentError.usage(
        "\(model.prior.dimensions) latents cannot be cut into codes of \(codeDimensions) numbers",
        remedy:
          "Set model.prior.dimensions to a multiple of model.encoder.posterior.codeDimensions, or to 0 for what the "
          + "encoder's grid gives")
    }
    try quantizer.validate(dimensions: codeDimensions)
  }

  /// How many codes each index of a vector has.
  public var codebooks: [Int] { quantizer.codebooks(dimensions: codeDimensions) }

  /// Makes the layer from features to vectors, and the quantiser.
  public func make(at site: PosteriorSite) -> any PosteriorModule { CodePosterior(self, at: site) }
}

extension PosteriorFamily where Self == QuantizedPosterior {
  /// Codes of a quantiser for vectors of so many numbers.
  public static func quantized(_ quantizer: any QuantizerFamily, codeDimensions: Int) -> Self {
    var posterior = QuantizedPosterior()
    (posterior.quantizer, posterior.codeDimensions) = (quantizer, codeDimensions)
    return posterior
  }
}

/// A quantised posterior with its variables.
struct CodePosterior: PosteriorModule {
  private let head: Dense
  private let quantizer: any Quantizer
  private let positions: Int, latents: Int, width: Int

  init(_ settings: QuantizedPosterior, at site: PosteriorSite) {
    (positions, latents, width) = (site.positions, site.latents, settings.codeDimensions)
    head = Dense(site.name, inputs: site.features / positions, outputs: latents / positions)
    quantizer = settings.quantizer.make(site.name + "/quantizer", dimensions: width)
  }

  var variables: [Variable] { head.variables + quantizer.variables }

  func distribution(_ features: Tensor) -> any Distribution { codes(features, mode: .inference) }

  func distribution(_ features: Tensor, _ context: PosteriorContext) -> any Distribution {
    codes(features, mode: context.mode)
  }

  /// The codes of features [B, F].
  func codes(_ features: Tensor, mode: Mode) -> CodeDistribution {
    let batch = features.shape[0]
    let vectors = head(features.reshape([batch * positions, -1])).reshape([batch, latents / width, width])
    let result = quantizer(vectors, mode: mode)
    return CodeDistribution(mean: result.vectors.reshape([batch, latents]), codes: result.codes, loss: result.loss)
  }

  /// The latents [B, latents] of codes [B, n, indices].
  func latents(of codes: Tensor) -> Tensor { quantizer.vectors(codes).reshape([codes.shape[0], latents]) }
}

/// One choice of codes for each example.
struct CodeDistribution: Distribution {
  /// The codes' vectors, [B, latents].
  let mean: Tensor
  /// The codes, int32 [B, n, indices].
  let codes: Tensor
  /// What training adds to the loss of each example for its codes, [B].
  let loss: Tensor

  /// Zeros: the choice has probability 1, and nothing else has any.
  func logProbability(_ x: Tensor) -> Tensor { x.sum([-1]) * 0 }

  func sample(count: Int?) -> Tensor {
    count.map { mean.broadcast(to: Shape([$0] + mean.shape.dimensions)) } ?? mean
  }

  /// What it takes to name the codes.
  func closedFormKullbackLeibler(to other: any Distribution) -> Tensor? {
    (other as? any CodesDistribution).map { -$0.logProbability(codes: codes) }
  }
}
