import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Codes in the place of the encoder's vectors: the posterior of a VQ-VAE and its kin, a point whose density is that of a choice
/// (van den Oord et al. 2017, equation 1).
///
/// An encoder that keeps its grid gives a vector for each place of the grid; the latents are all their codes' vectors, one after
/// another. Of several levels each has codes of its own for a grid of half the rows and columns of the one below, and a level sees
/// what the levels above have chosen (Razavi et al. 2019).
public struct QuantizedPosterior: CountablePosterior {
  /// Its name, and what it is.
  public static let name = FamilyName("quantized", "codes in the place of the encoder's vectors")
  /// What may be relied on.
  public var traits: PosteriorTraits { .codes }

  /// How many numbers a vector has.
  public var codeDimensions = 64
  /// How many grids of codes there are, each with half the rows and columns of the one below.
  public var levels = 1
  /// What puts codes in the place of vectors, on each level.
  @Chosen<QuantizerAxis> public var quantizer: any QuantizerFamily = VectorQuantizer()

  /// How many numbers a vector can have.
  static let widths = 1...65_536
  /// More would be a code for a grid's every 256th row.
  static let mostLevels = 9

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses vectors that the latents cannot be cut into, and what the quantiser refuses.
  public func validate(in model: VariationalAutoencoder) throws {
    guard (1...Self.mostLevels).contains(levels) else {
      throw LatentError.usage(
        "Codes cannot have \(levels) levels", remedy: "Set model.encoder.posterior.levels from 1 to \(Self.mostLevels)")
    }
    guard Self.widths.contains(codeDimensions), model.prior.dimensions % latentsPerPlace == 0 else {
      throw LatentError.usage(
        "\(model.prior.dimensions) latents cannot be cut into codes of \(codeDimensions) numbers"
          + (levels > 1 ? " with as many from the levels above" : ""),
        remedy:
          "Set model.prior.dimensions to a multiple of \(latentsPerPlace), or to 0 for what the encoder's grid gives")
    }
    try quantizer.validate(dimensions: codeDimensions)
  }

  /// Refuses grids that cannot be halved as often as there are levels.
  func validate(grid: [Int]) throws {
    guard !grid.allSatisfy({ $0 % (1 << (levels - 1)) == 0 }) else { return }
    throw LatentError.usage(
      "A grid of \(grid[0]) x \(grid[1]) places cannot be halved for \(levels) levels of codes",
      remedy: "Set model.encoder.posterior.levels=1, or an encoder that keeps a grid with a multiple of "
        + "\(1 << (levels - 1)) rows and columns")
  }

  /// How many codes each index of a vector has.
  public var codebooks: [Int] { quantizer.codebooks(dimensions: codeDimensions) }

  /// How many latents a place of the encoder's grid has for each code: its vector's numbers, and as many from the levels above.
  var latentsPerPlace: Int {
    // Asked before settings are validated.
    levels > 1 ? 2 * min(max(codeDimensions, 1), Self.widths.upperBound) : codeDimensions
  }

  /// The codes that make so many latents.
  func layout(latents: Int) -> CodeLayout {
    let lowest = latents / latentsPerPlace
    return CodeLayout(levels: (0..<levels).reversed().map { lowest >> (2 * $0) }, codebooks: codebooks)
  }

  /// Makes the layers from features to vectors, and the quantisers.
  public func make(at site: PosteriorSite) -> any PosteriorModule {
    levels > 1 ? CodePyramid(self, at: site) : CodePosterior(self, at: site)
  }
}

extension PosteriorFamily where Self == QuantizedPosterior {
  /// Codes of a quantiser for vectors of so many numbers, in one grid or in several.
  public static func quantized(_ quantizer: any QuantizerFamily, codeDimensions: Int, levels: Int = 1) -> Self {
    var posterior = QuantizedPosterior()
    (posterior.quantizer, posterior.codeDimensions, posterior.levels) = (quantizer, codeDimensions, levels)
    return posterior
  }
}

/// A posterior of codes with its variables.
protocol CodeModule: PosteriorModule {
  /// The codes of features [B, F].
  func codes(_ features: Tensor, mode: Mode) -> CodeDistribution
  /// The latents [B, latents] of codes [B, n, indices].
  func latents(of codes: Tensor) -> Tensor
}

extension CodeModule {
  func distribution(_ features: Tensor) -> any Distribution { codes(features, mode: .inference) }

  func distribution(_ features: Tensor, _ context: PosteriorContext) -> any Distribution {
    codes(features, mode: context.mode)
  }
}

/// Codes of one grid.
private struct CodePosterior: CodeModule {
  private let head: Dense
  private let quantizer: any Quantizer
  private let positions: Int, latents: Int, width: Int

  init(_ settings: QuantizedPosterior, at site: PosteriorSite) {
    (positions, latents, width) = (site.positions, site.latents, settings.codeDimensions)
    head = Dense(site.name, inputs: site.features / positions, outputs: latents / positions)
    quantizer = settings.quantizer.make(site.name + "/quantizer", dimensions: width)
  }

  var variables: [Variable] { head.variables + quantizer.variables }

  func codes(_ features: Tensor, mode: Mode) -> CodeDistribution {
    let batch = features.shape[0]
    let vectors = head(features.reshape([batch * positions, -1])).reshape([batch, latents / width, width])
    let result = quantizer(vectors, mode: mode)
    return CodeDistribution(mean: result.vectors.reshape([batch, latents]), codes: result.codes, loss: result.loss)
  }

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
