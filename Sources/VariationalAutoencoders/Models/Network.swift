import Diagnostics
import Layers
import TensorGraph

/// The shape of an encoder's or decoder's network, apart from its ends.
public struct Network: Codable, Hashable, Sendable {
  /// The kind of layers.
  public enum Architecture: String, Codable, Hashable, Sendable, CaseIterable {
    /// Dense layers.
    case mlp
    /// Convolutions of stride 2, then dense layers; a decoder mirrors them.
    case convolutional
  }

  /// The kind of layers.
  public var architecture: Architecture
  /// The widths of the dense layers, in the order from the data to the latents; a decoder goes the other way.
  public var hidden: [Int]
  /// The channels of the convolutions, each of which halves height and width, from the data to the latents.
  public var channels: [Int]
  /// Height and width of the convolutions' kernels.
  public var kernelSize: Int
  /// What every layer but the last is passed through.
  public var activation: Activation

  /// Dense layers of the given widths.
  public static func mlp(hidden: [Int], activation: Activation = .tanh) -> Network {
    Network(architecture: .mlp, hidden: hidden, channels: [], kernelSize: 4, activation: activation)
  }

  /// Convolutions of stride 2 and the given channels, then dense layers.
  public static func convolutional(
    channels: [Int], hidden: [Int], kernelSize: Int = 4, activation: Activation = .relu
  ) -> Network {
    Network(
      architecture: .convolutional, hidden: hidden, channels: channels, kernelSize: kernelSize,
      activation: activation)
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

  /// The layers from an example to features, and how many features there are.
  func encoder(_ name: String, exampleShape: [Int]) -> (layers: Sequential, features: Int) {
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
    var features = shape.reduce(1, *)
    layers.append(Reshape([features]))
    for (index, width) in hidden.enumerated() {
      layers.append(Dense("\(name)/hidden\(index)", inputs: features, outputs: width, activation: activation))
      features = width
    }
    return (Sequential(layers), features)
  }

  /// The layers from latents [N, latents] to outputs [N, D * parameters] or [N, H, W, C * parameters].
  func decoder(
    _ name: String, latents: Int, exampleShape: [Int], parameters: Int, outputBias: [Double]?
  ) -> Sequential {
    var layers: [any Layer] = []
    var features = latents
    for (index, width) in hidden.reversed().enumerated() {
      layers.append(Dense("\(name)/hidden\(index)", inputs: features, outputs: width, activation: activation))
      features = width
    }
    let dimensions = exampleShape.reduce(1, *)
    guard architecture == .convolutional, let deepest = channels.last else {
      let bias = outputBias.map {
        Initializer.values($0 + [Double](repeating: 0, count: dimensions * (parameters - 1)))
      }
      layers.append(
        Dense("\(name)/output", inputs: features, outputs: dimensions * parameters, bias: bias ?? .zeros))
      return Sequential(layers)
    }
    let factor = 1 << channels.count
    let seed = [exampleShape[0] / factor, exampleShape[1] / factor, deepest]
    layers.append(
      Dense("\(name)/seed", inputs: features, outputs: seed.reduce(1, *), activation: activation))
    layers.append(Reshape(seed))
    let widths = [Int](channels.dropLast().reversed()) + [exampleShape[2] * parameters]
    var inputs = deepest
    for (index, width) in widths.enumerated() {
      let isLast = index == widths.count - 1
      layers.append(
        TransposedConvolution(
          isLast ? "\(name)/output" : "\(name)/convolution\(index)", inputs: inputs, outputs: width, size: kernelSize,
          stride: 2, activation: isLast ? .identity : activation))
      inputs = width
    }
    return Sequential(layers)
  }
}
