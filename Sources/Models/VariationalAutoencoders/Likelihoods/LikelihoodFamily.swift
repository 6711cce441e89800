import LatentDiagnostics
import LatentDistributions
import Foundation
import LatentLayers
import LatentTensorGraph

/// p(x|z): what the decoder's outputs say about an example.
public protocol LikelihoodFamily: Family {
  /// What objectives and data may rely on.
  var traits: LikelihoodTraits { get }
  /// The least and the greatest value of an example, where there are such; what `check` holds the data to.
  var range: (least: Double?, greatest: Double?) { get }

  /// Refuses settings that make no likelihood of examples of a shape.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(exampleShape: [Int]) throws

  /// Checks that the data are of the kind the likelihood is about.
  ///
  /// - Parameter inBound: whether it is a part of a bound of the likelihood, rather than an error to be made small.
  /// - Returns: a warning, if the combination is possible but seldom meant.
  /// - Throws: `LatentError` when the likelihood has no density for such data.
  func check(_ data: ValueSurvey, inBound: Bool) throws -> String?

  /// How many numbers the decoder gives for each pixel of some channels.
  func parametersPerPixel(channels: Int) -> Int

  /// The bias of a dense decoder's output under which an untrained decoder gives the data's mean, or `nil` where that is
  /// no matter of a bias for each dimension.
  func outputBias(for mean: [Float]) -> [Double]?

  /// The likelihood with its variables.
  func make(at site: LikelihoodSite) -> any LikelihoodModule
}

/// Where a likelihood is used.
public struct LikelihoodSite: Hashable, Sendable {
  /// The shape of one example: [height, width, channels] or [D].
  public let exampleShape: [Int]

  /// Names a place.
  public init(exampleShape: [Int]) { self.exampleShape = exampleShape }
}

/// What is true of a likelihood.
public struct LikelihoodTraits: OptionSet, Sendable {
  /// A bit for each trait.
  public let rawValue: Int

  /// Creates traits from bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The dimensions are independent, so that missing ones can be left out.
  public static let independentDimensions = LikelihoodTraits(rawValue: 1)
  /// It is a density over real numbers, rather than probabilities of values that can be counted: the bits of the one cannot be
  /// compared with those of the other.
  public static let density = LikelihoodTraits(rawValue: 2)
  /// The data are counts, whose logarithms an encoder is better given.
  public static let counts = LikelihoodTraits(rawValue: 4)
  /// What it says of an example in training depends on the other examples of the batch, and on their draws.
  public static let coupledExamples = LikelihoodTraits(rawValue: 8)
  /// Dimensions depend on those before them, so that there is no mean in closed form: what is decoded is drawn.
  public static let autoregressive = LikelihoodTraits(rawValue: 16)
}

/// A likelihood with its variables.
public protocol LikelihoodModule: Sendable {
  /// What it has of its own, beside the decoder's outputs: a learned variance.
  var variables: [Variable] { get }

  /// The distribution of examples [..., D].
  func distribution(_ outputs: DecoderOutputs) -> any Distribution
}

/// A likelihood that is all in the decoder's outputs, and needs no variables of its own.
public protocol OutputLikelihood: LikelihoodFamily, LikelihoodModule {}

extension OutputLikelihood {
  /// None: it learns nothing of its own.
  public var variables: [Variable] { [] }
  /// Itself, as it has no variables.
  public func make(at site: LikelihoodSite) -> any LikelihoodModule { self }
}

/// What a decoder says about examples.
public struct DecoderOutputs {
  /// `parametersPerPixel` numbers for each pixel, [N, ...].
  public let tensor: Tensor
  /// The dimensions that N stands for.
  public let leading: [Int]
  /// How many pixels an example has; of one that is no image, how many dimensions.
  public let pixels: Int
  /// How many channels a pixel has; of an example that is no image, 1.
  public let channels: Int
  /// What the model is being run for.
  public let mode: Mode
  /// Which values of the examples are there, [B, D]; `nil` if all are.
  public let observed: Tensor?

  /// Creates outputs, such as a test of a likelihood needs.
  public init(tensor: Tensor, leading: [Int], pixels: Int, channels: Int, mode: Mode, observed: Tensor? = nil) {
    (self.tensor, self.leading, self.pixels, self.channels) = (tensor, leading, pixels, channels)
    (self.mode, self.observed) = (mode, observed)
  }

  /// The numbers as some parameters of each dimension, each [..., D].
  public func parameters(_ count: Int) -> [Tensor] {
    tensor.split(count, dimension: -1).map { $0.reshape(leading + [pixels * channels]) }
  }

  /// The numbers as the one parameter of each dimension, [..., D].
  public var parameter: Tensor { tensor.reshape(leading + [pixels * channels]) }
}

/// The axis of likelihoods.
public enum LikelihoodAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "likelihood"

  /// The likelihood itself.
  public static func family(_ member: any LikelihoodFamily) -> any Family { member }
  /// The family, if it is a likelihood.
  public static func member(_ family: any Family) -> (any LikelihoodFamily)? { family as? any LikelihoodFamily }
}

extension LikelihoodFamily {
  /// A bias for the first parameter of each dimension, and none for its other parameters.
  public func outputBias(_ first: [Double]) -> [Double] {
    first + [Double](repeating: 0, count: first.count * (parametersPerPixel(channels: 1) - 1))
  }
}

/// The logarithm of the odds of a probability that is kept away from 0 and 1.
func boundedLogit(_ value: Float) -> Double {
  let probability = min(0.999, max(0.001, Double(value)))
  return Foundation.log(probability / (1 - probability))
}
