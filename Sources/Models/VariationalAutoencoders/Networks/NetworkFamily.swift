import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// The layers of an encoder or a decoder, apart from the distribution at its end.
public protocol NetworkFamily: Family {
  /// Whether what it gives for an example in training depends on the others of the batch.
  var usesBatchStatistics: Bool { get }

  /// Refuses sizes that make no network for examples of a shape.
  ///
  /// - Parameter part: `encoder` or `decoder`, for the message.
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(_ part: String, exampleShape: [Int]) throws

  /// The grid, [rows, columns], of the places that an encoder's features, or a decoder's latents, are for; one place if they are for
  /// the example as a whole.
  func grid(exampleShape: [Int]) -> [Int]

  /// A layer of the network's kind between two layers of latents: [..., inputs] to [..., outputs].
  func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer
}

/// From examples to features.
public protocol EncoderFamily: NetworkFamily {
  /// The network with its variables.
  func makeEncoder(at site: EncoderSite) -> any EncoderModule
}

extension NetworkFamily {
  /// One place: features, or latents, are those of the example as a whole.
  public func grid(exampleShape: [Int]) -> [Int] { [1, 1] }

  /// How many places that grid has.
  func positions(exampleShape: [Int]) -> Int { grid(exampleShape: exampleShape).reduce(1, *) }
}

/// From latents to the parameters of a likelihood.
public protocol DecoderFamily: NetworkFamily {
  /// The network with its variables: latents [N, inputs] to [N, pixels * parameters] or [N, H, W, parameters].
  func makeDecoder(at site: DecoderSite) -> any Layer
}

/// Where an encoder's network is used.
public struct EncoderSite {
  /// What its variables' names begin with.
  public let name: String
  /// The shape of one example: [height, width, channels] or [D].
  public let exampleShape: [Int]
  /// How many numbers come with each example for it to see; 0 for none.
  public let condition: Int

  /// Names a place.
  public init(name: String, exampleShape: [Int], condition: Int = 0) {
    self.name = name
    self.exampleShape = exampleShape
    self.condition = condition
  }
}

/// Where a decoder's network is used.
public struct DecoderSite {
  /// What its variables' names begin with.
  public let name: String
  /// How many latents there are, and numbers of a condition with them.
  public let inputs: Int
  /// How many of the inputs, the last ones, are those of a condition.
  public let condition: Int
  /// The shape of one example: [height, width, channels] or [D].
  public let exampleShape: [Int]
  /// How many pixels an example has; of one that is no image, how many dimensions.
  public let pixels: Int
  /// How many numbers describe a pixel, or a dimension of an example that is no image.
  public let parameters: Int
  /// What a bias for each of the outputs begins with, where the mean of the data says so.
  public let outputBias: [Double]?

  /// Names a place.
  public init(
    name: String, inputs: Int, condition: Int = 0, exampleShape: [Int], pixels: Int, parameters: Int,
    outputBias: [Double]? = nil
  ) {
    self.name = name
    self.inputs = inputs
    self.condition = condition
    self.exampleShape = exampleShape
    self.pixels = pixels
    self.parameters = parameters
    self.outputBias = outputBias
  }
}

/// An encoder's network with its variables.
public protocol EncoderModule: Sendable {
  /// Everything that it has.
  var variables: [Variable] { get }
  /// How many features it gives.
  var features: Int { get }

  /// Examples [B, ...], and what they are conditioned on, [B, K], to features [B, features].
  func callAsFunction(_ examples: Tensor, condition: Tensor?, mode: Mode) -> Tensor
}

/// The axis of encoders' networks.
public enum EncoderAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "encoder network"
  /// The word that stands for `kind` here.
  public static let kindKey = "architecture"

  /// The network itself.
  public static func family(_ member: any EncoderFamily) -> any Family { member }
  /// The family, if it is a network that encodes.
  public static func member(_ family: any Family) -> (any EncoderFamily)? { family as? any EncoderFamily }
}

/// The axis of decoders' networks.
public enum DecoderAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "decoder network"
  /// The word that stands for `kind` here.
  public static let kindKey = "architecture"

  /// The network itself.
  public static func family(_ member: any DecoderFamily) -> any Family { member }
  /// The family, if it is a network that decodes.
  public static func member(_ family: any Family) -> (any DecoderFamily)? { family as? any DecoderFamily }
}

extension NetworkFamily {
  /// Dense layers one after another, and the width of the last.
  func chain(_ name: String, inputs: Int, widths: [Int]) -> (layers: Sequential, outputs: Int) {
    var layers: [any Layer] = []
    var features = inputs
    for (index, width) in widths.enumerated() {
      layers.append(dense("\(name)/hidden\(index)", inputs: features, outputs: width))
      features = width
    }
    return (Sequential(layers), features)
  }

  /// Refuses sizes that nothing can have.
  func validate(sizes: [Int], of part: String) throws {
    guard sizes.allSatisfy({ (1...65_536).contains($0) }) else {
      throw LatentError.usage(
        "The \(part)'s sizes \(sizes) are not all from 1 to 65536",
        remedy: "Set model.\(part).network.hidden and .channels to positive numbers")
    }
  }
}
