import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// Each pixel given those before it, by a network that goes through them in order; what the decoder says comes beside them (Gulrajani
/// et al. 2017).
///
/// Without anything from the decoder, in a model without latents, it is an exact model of its own: MADE, PixelCNN, a transformer.
public struct AutoregressiveLikelihood: LikelihoodFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("autoregressive", "each pixel given those before it, by a network")

  /// What goes through the pixels.
  @Chosen<AutoregressiveAxis> public var network: any AutoregressiveFamily = GatedPixelNetwork()
  /// The likelihood of a pixel, which the network describes.
  @Chosen<LikelihoodAxis> public var output: any LikelihoodFamily = BernoulliLikelihood()
  /// How many numbers the decoder gives for each pixel; 0 for a model without latents.
  public var context = 0
  /// How many pixels a side a place has; 1 for single pixels. Those of a place come at once, as channels do.
  public var patchSize = 1

  /// The settings that it has where none are given.
  public init() {}

  /// What may be relied on.
  public var traits: LikelihoodTraits {
    output.traits.intersection([.density, .counts, .coupledExamples]).union(.autoregressive)
  }

  /// That of a pixel's likelihood.
  public var range: (least: Double?, greatest: Double?) { output.range }

  /// Refuses what cannot be gone through.
  public func validate(exampleShape: [Int]) throws {
    guard !(output is Self), !output.traits.contains(.coupledExamples) else {
      throw LatentError.usage(
        "An autoregressive likelihood is made of a likelihood of single pixels, which \(output.kind) is not here",
        remedy: "Set model.decoder.likelihood.output.kind=bernoulli")
    }
    guard (0...65_536).contains(context) else {
      throw LatentError.usage(
        "A decoder cannot give \(context) numbers for each pixel",
        remedy: "Set model.decoder.likelihood.context from 0 to 65536")
    }
    guard (1...64).contains(patchSize), patchSize == 1 || exampleShape.count == 3,
      exampleShape.prefix(2).allSatisfy({ $0 % patchSize == 0 })
    else {
      throw LatentError.usage(
        "Examples of shape \(exampleShape) cannot be cut into squares of \(patchSize) pixels a side",
        remedy: "Set model.decoder.likelihood.patchSize to a divisor of height and width, or to 1")
    }
    guard patchSize == 1 || !hasTokens else {
      throw LatentError.usage(
        "Tokens come one after another, and not in squares of \(patchSize) pixels a side",
        remedy: "Set model.decoder.likelihood.patchSize=1, or .output.kind=binaryPatterns for zeros and ones")
    }
    let arrangement = arrangement(exampleShape)
    try output.validate(exampleShape: [arrangement.height, arrangement.width, arrangement.channels])
    try network.validate(at: site(exampleShape, arrangement))
  }

  /// Refuses what the likelihood of a pixel refuses.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? { try output.check(data, inBound: inBound) }

  /// What the network is given beside the pixels.
  public func parametersPerPixel(channels: Int) -> Int { context }

  /// None: what the decoder gives is for the network to use.
  public func outputBias(for mean: [Float]) -> [Double]? { nil }

  /// Makes the network, and what the likelihood of a pixel has.
  public func make(at site: LikelihoodSite) -> any LikelihoodModule {
    let arrangement = arrangement(site.exampleShape)
    return Module(
      network: network.make(at: self.site(site.exampleShape, arrangement)), values: values(arrangement),
      output: output.make(at: site), arrangement: arrangement, context: context)
  }

  private static let path = "decoder/autoregressive"

  private func arrangement(_ exampleShape: [Int]) -> PlaceArrangement {
    PlaceArrangement(exampleShape: exampleShape, patch: patchSize, isSplit: network.takesNumbers || hasTokens)
  }

  private var hasTokens: Bool { (output as? CategoricalLikelihood)?.levelKind == .tokens }

  private func values(_ arrangement: PlaceArrangement) -> PlaceValues {
    PlaceValues(Self.path, output, channels: arrangement.channels, takesNumbers: network.takesNumbers)
  }

  private func outputs(_ arrangement: PlaceArrangement) -> Int {
    output.parametersPerPixel(channels: arrangement.channels)
  }

  private func site(_ exampleShape: [Int], _ arrangement: PlaceArrangement) -> AutoregressiveSite {
    AutoregressiveSite(
      name: Self.path, height: arrangement.height, width: arrangement.width, inputs: values(arrangement).inputs,
      outputs: outputs(arrangement), context: arrangement.width(ofContext: context))
  }

  private struct Module: LikelihoodModule {
    let network: any AutoregressiveModule
    let values: PlaceValues
    let output: any LikelihoodModule
    let arrangement: PlaceArrangement
    let context: Int

    var variables: [Variable] { network.variables + values.variables + output.variables }

    func distribution(_ decoder: DecoderOutputs) -> any Distribution {
      let given = context > 0 ? arrangement.context(decoder.tensor, ofPixel: context) : nil
      return AutoregressiveDistribution(
        network: network, values: values,
        output: { parameters, leading in
          output.distribution(
            DecoderOutputs(
              tensor: parameters, leading: leading, pixels: parameters.shape[1], channels: arrangement.channels,
              mode: decoder.mode))
        },
        arrangement: arrangement, leading: decoder.leading, context: given, mode: decoder.mode,
        graph: decoder.tensor.graph)
    }
  }
}

extension LikelihoodFamily where Self == AutoregressiveLikelihood {
  /// Each pixel given those before it.
  public static func autoregressive(
    _ network: any AutoregressiveFamily, output: any LikelihoodFamily = .bernoulli, context: Int = 0, patchSize: Int = 1
  ) -> Self {
    var likelihood = AutoregressiveLikelihood()
    (likelihood.network, likelihood.output) = (network, output)
    (likelihood.context, likelihood.patchSize) = (context, patchSize)
    return likelihood
  }
}
