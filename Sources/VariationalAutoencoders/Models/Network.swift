import Diagnostics
import Layers
import TensorGraph

/// The shape of an encoder's or decoder's network, apart from its ends.
public struct Network: Codable, Hashable, Sendable {
  /// What an encoder's or decoder's layers are.
  public enum Architecture: String, Codable, Hashable, Sendable, CaseIterable {
    /// Dense layers alone; examples are flattened first.
    case mlp
    /// Convolutions of stride 2, then dense layers; a decoder mirrors them.
    case convolutional
  }

  /// Whether all layers are dense, or convolutions lie between them and the data.
  public var architecture: Architecture
  /// The widths of the dense layers, in the order from the data to the latents; a decoder goes the other way.
  public var hidden: [Int]
  /// The channels of the convolutions, each of which halves height and width, from the data to the latents.
  public var channels: [Int]
  /// Height and width of the convolutions' kernels.
  public var kernelSize: Int
  /// What every layer but the last is passed through.
  public var activation: Activation
  /// What the dense layers are made of.
  public var unit: Unit

  /// What a dense layer does beside its product.
  public enum Unit: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing else: activation(x W + b).
    case plain
    /// The same times logistic(x V + c) (Tomczak & Welling 2018).
    case gated
    /// With batch normalisation before the activation (Sonderby et al. 2016).
    case batchNormalized
  }

  /// Dense layers of the given widths.
  public static func mlp(hidden: [Int], activation: Activation = .tanh, unit: Unit = .plain) -> Network {
    Network(architecture: .mlp, hidden: hidden, channels: [], kernelSize: 4, activation: activation, unit: unit)
  }

  /// Convolutions of stride 2 and the given channels, then dense layers.
  public static func convolutional(
    channels: [Int], hidden: [Int], kernelSize: Int = 4, activation: Activation = .relu
  ) -> Network {
    Network(
      architecture: .convolutional, hidden: hidden, channels: channels, kernelSize: kernelSize,
      activation: activation, unit: .plain)
  }

  /// A dense layer of the network's kind.
  func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer {
    switch unit {
    case .plain: Dense(name, inputs: inputs, outputs: outputs, activation: activation)
    case .gated: GatedDense(name, inputs: inputs, outputs: outputs, activation: activation)
    case .batchNormalized: NormalizedDense(name, inputs: inputs, outputs: outputs, activation: activation)
    }
  }

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

  /// Refuses sizes that make no network for examples of a shape.
  ///
  /// - Parameter part: `encoder` or `decoder`, for the message.
  func validate(_ part: String, exampleShape: [Int]) throws {
    let sizes = hidden + channels + [kernelSize]
    guard sizes.allSatisfy({ (1...65_536).contains($0) }) else {
      throw LatentError.usage(
        "The \(part)'s sizes \(sizes) are not all from 1 to 65536",
        remedy: "Set model.\(part).network.hidden and .channels to positive numbers")
    }
    guard architecture == .convolutional else { return }
    guard exampleShape.count == 3 else {
      throw LatentError.usage(
        "A convolutional \(part) needs images, but an example has shape \(exampleShape)",
        remedy: "Use a preset with dense layers, such as vae, or data of shape [N, height, width, channels]")
    }
    let factor = 1 << min(30, channels.count)
    guard exampleShape[0] % factor == 0, exampleShape[1] % factor == 0 else {
      throw LatentError.usage(
        "The \(part) halves images \(channels.count) times, which \(exampleShape[0]) x \(exampleShape[1]) pixels do not "
          + "allow",
        remedy: "Give model.\(part).network.channels fewer entries, or pad the images to a multiple of \(factor)")
    }
  }

  /// The layers from an example to features, and how many features there are. What an example is conditioned on joins it
  /// where it has become a vector, between both parts.
  func encoder(_ name: String, exampleShape: [Int], condition: Int) -> (
    front: Sequential, back: Sequential, features: Int
  ) {
    var layers: [any Layer] = []
    var shape = exampleShape
    if architecture == .convolutional {
      for (index, count) in channels.enumerated() {
        layers.append(
          Convolution(
            "\(name)/convolution\(index)", inputs: shape[2], outputs: count, size: kernelSize, stride: 2,
            activation: activation))
        shape = [shape[0] / 2, shape[1] / 2, count]
      }
    }
    let width = shape.reduce(1, *)
    layers.append(Reshape([width]))
    let (back, features) = chain(name, inputs: width + condition, widths: hidden)
    return (Sequential(layers), back, features)
  }

  /// The layers from latents [N, inputs] to outputs [N, pixels * parameters] or [N, H, W, parameters].
  ///
  /// - Parameters:
  ///   - parameters: how many numbers describe a pixel, or a dimension of an example that is no image.
  ///   - outputBias: the last layer's first bias, for dense layers.
  func decoder(
    _ name: String, inputs: Int, exampleShape: [Int], pixels: Int, parameters: Int, outputBias: [Double]?
  ) -> Sequential {
    let (front, features) = chain(name, inputs: inputs, widths: hidden.reversed())
    guard architecture == .convolutional, let deepest = channels.last else {
      let output = Dense(
        "\(name)/output", inputs: features, outputs: pixels * parameters,
        bias: outputBias.map(Initializer.values) ?? .zeros)
      return Sequential(front.layers + [output])
    }
    let factor = 1 << channels.count
    let seed = [exampleShape[0] / factor, exampleShape[1] / factor, deepest]
    var layers = front.layers
    layers.append(
      Dense("\(name)/seed", inputs: features, outputs: seed.reduce(1, *), activation: activation))
    layers.append(Reshape(seed))
    let widths = [Int](channels.dropLast().reversed()) + [parameters]
    var channels = deepest
    for (index, width) in widths.enumerated() {
      let isLast = index == widths.count - 1
      layers.append(
        TransposedConvolution(
          isLast ? "\(name)/output" : "\(name)/convolution\(index)", inputs: channels, outputs: width,
          size: kernelSize, stride: 2, activation: isLast ? .identity : activation))
      channels = width
    }
    return Sequential(layers)
  }
}
