import LatentLayers
import LatentTensorGraph

/// Dense layers alone; examples are flattened first.
public struct MultilayerPerceptron: EncoderFamily, DecoderFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("mlp", "dense layers alone")

  /// The widths of the layers, in the order from the data to the latents; a decoder goes the other way.
  public var hidden = [500]
  /// What every layer but the last is passed through.
  public var activation = Activation.tanh
  /// What the layers are made of.
  public var unit = DenseUnit.plain

  /// The settings that it has where none are given.
  public init() {}

  /// Whether its layers are normalised by the batch.
  public var usesBatchStatistics: Bool { unit == .batchNormalized }

  /// Refuses widths that no layer has.
  public func validate(_ part: String, exampleShape: [Int]) throws { try validate(sizes: hidden, of: part) }

  /// A layer of its unit and activation.
  public func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer {
    unit.layer(name, inputs: inputs, outputs: outputs, activation: activation)
  }

  /// Makes the layers from the example on.
  public func makeEncoder(at site: EncoderSite) -> any EncoderModule {
    let width = site.exampleShape.reduce(1, *)
    let (back, features) = chain(site.name, inputs: width + site.condition, widths: hidden)
    return TwoPartEncoder(front: Sequential([Reshape([width])]), back: back, features: features)
  }

  /// Makes the layers from the latents on.
  public func makeDecoder(at site: DecoderSite) -> any Layer {
    let (front, features) = chain(site.name, inputs: site.inputs, widths: hidden.reversed())
    let output = Dense(
      "\(site.name)/output", inputs: features, outputs: site.pixels * site.parameters,
      bias: site.outputBias.map(Initializer.values) ?? .zeros)
    return Sequential(front.layers + [output])
  }
}

extension NetworkFamily where Self == MultilayerPerceptron {
  /// Dense layers of the given widths.
  public static func mlp(hidden: [Int], activation: Activation = .tanh, unit: DenseUnit = .plain) -> Self {
    var network = MultilayerPerceptron()
    (network.hidden, network.activation, network.unit) = (hidden, activation, unit)
    return network
  }
}

/// An encoder in two parts; what an example is conditioned on joins it where it has become a vector, between both.
struct TwoPartEncoder: EncoderModule {
  let front: Sequential
  let back: Sequential
  let features: Int

  var variables: [Variable] { front.variables + back.variables }

  func callAsFunction(_ examples: Tensor, condition: Tensor?, mode: Mode) -> Tensor {
    let vector = front(examples, mode: mode)
    guard let condition else { return back(vector, mode: mode) }
    return back(Tensor.concatenate([vector, condition], dimension: 1), mode: mode)
  }
}
