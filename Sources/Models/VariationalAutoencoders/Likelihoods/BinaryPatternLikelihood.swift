import LatentDiagnostics
import LatentDistributions
import LatentTensorGraph

/// A free probability for each pattern of zeros and ones that the channels of a pixel can make: all of them together, without any
/// independence.
///
/// As the output of an autoregressive likelihood with `patchSize` 2 it is about the sixteen patterns of 2 x 2 binary pixels.
public struct BinaryPatternLikelihood: OutputLikelihood {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "binaryPatterns", "a free probability for each pattern of a pixel's zeros and ones")
  /// What may be relied on.
  public var traits: LikelihoodTraits { [] }

  /// The settings that it has where none are given.
  public init() {}

  /// 0 to 1.
  public var range: (least: Double?, greatest: Double?) { (0, 1) }

  /// The most channels that patterns are counted of: 256 patterns.
  static let mostChannels = 8

  /// Refuses pixels with so many channels that their patterns are too many.
  public func validate(exampleShape: [Int]) throws {
    let channels = exampleShape.count == 3 ? exampleShape[2] : 1
    guard channels <= Self.mostChannels else {
      throw LatentError.usage(
        "\(channels) zeros and ones make too many patterns",
        remedy: "Give at most \(Self.mostChannels) in a place, or set the likelihood's kind to bernoulli")
    }
  }

  /// Refuses data that are not zeros and ones.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? {
    try data.requireUnitInterval("binary pattern")
    guard data.isBinary else {
      throw LatentError.usage(
        "A likelihood of binary patterns is about zeros and ones, but the data have other values",
        remedy: "Give --binarize stochastic, or set the likelihood's kind to bernoulli")
    }
    return nil
  }

  /// A logit for each pattern.
  public func parametersPerPixel(channels: Int) -> Int { 1 << min(channels, Self.mostChannels) }

  /// None: the mean is a matter of all logits together.
  public func outputBias(for mean: [Float]) -> [Double]? { nil }

  /// Patterns with the outputs as logits.
  public func distribution(_ outputs: DecoderOutputs) -> any Distribution {
    let patterns = parametersPerPixel(channels: outputs.channels)
    return BinaryPatterns(
      logits: outputs.tensor.reshape(Shape(outputs.leading + [outputs.pixels, patterns])), channels: outputs.channels)
  }
}

extension LikelihoodFamily where Self == BinaryPatternLikelihood {
  /// A free probability for each pattern of a pixel's zeros and ones.
  public static var binaryPatterns: Self { BinaryPatternLikelihood() }
}

/// Patterns of zeros and ones, one for each pixel; the first channel is the lowest bit of a pattern's number.
struct BinaryPatterns: TemperedDistribution {
  /// [..., pixels, 2^channels].
  let logits: Tensor
  let channels: Int

  func logProbability(_ x: Tensor) -> Tensor {
    let leading = x.shape.dimensions.dropLast()
    let pattern = x.reshape(Shape(leading + [logits.shape[-2], channels])).binaryPattern()
    return Categorical(logits: logits, step: 1).logProbability(pattern.converted(to: x.type))
  }

  func sample(count: Int?) -> Tensor { bits(Categorical(logits: logits, step: 1).sample(count: count)) }

  /// The probability of a one, [..., pixels * channels].
  var mean: Tensor {
    let patterns = logits.graph.iota(shape: [logits.shape[-1]], dimension: 0, type: logits.type)
    return flat(logits.softmax().dot(bitsOfEach(patterns)))
  }

  func tempered(_ settings: DrawSettings) -> any Distribution {
    BinaryPatterns(logits: logits.tempered(settings), channels: channels)
  }

  /// Numbers of patterns [..., pixels] as zeros and ones, [..., pixels * channels].
  private func bits(_ patterns: Tensor) -> Tensor { flat(bitsOfEach(patterns)) }

  /// [...] as [..., channels].
  private func bitsOfEach(_ patterns: Tensor) -> Tensor {
    let parts = (0..<channels).map { channel in
      let halved = (patterns / Double(1 << channel)).floor()
      return (halved - (halved / 2).floor() * 2).expandingDimension(-1)
    }
    return Tensor.concatenate(parts, dimension: -1)
  }

  /// [..., pixels, channels] as [..., pixels * channels].
  private func flat(_ bits: Tensor) -> Tensor {
    let sizes = bits.shape.dimensions
    return bits.reshape(Shape(sizes.dropLast(2) + [sizes[sizes.count - 2] * channels]))
  }
}

extension Tensor {
  /// The int32 number of the pattern that zeros and ones [..., C] make, [...].
  func binaryPattern() -> Tensor {
    let powers = graph.constant((0..<shape[-1]).map { Double(1 << $0) }, shape: [shape[-1]])
    return (round() * powers).sum([-1]).converted(to: .int32)
  }
}
