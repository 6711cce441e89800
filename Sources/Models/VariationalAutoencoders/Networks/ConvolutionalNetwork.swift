import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// Convolutions of stride 2, then residual blocks and dense layers; a decoder mirrors them.
///
/// Images are of any height and width: a side of an odd number of pixels becomes half of the next even number, and the way
/// back is the transpose of the same convolution.
public struct ConvolutionalNetwork: EncoderFamily, DecoderFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("convolutional", "convolutions of stride 2, then dense layers")

  /// The widths of the dense layers, in the order from the data to the latents; a decoder goes the other way.
  public var hidden = [256]
  /// The channels of the convolutions, each of which halves height and width, from the data to the latents.
  public var channels = [32, 64]
  /// Height and width of the convolutions' kernels.
  public var kernelSize = 4
  /// How many residual blocks follow the convolutions: x + f(x), f of a 3 x 3 and a 1 x 1 convolution (van den Oord et al. 2017,
  /// section 4.1).
  public var blocks = 0
  /// Whether there are no dense layers, so that features, and a decoder's latents, are those of the places of a grid.
  public var keepsGrid = false
  /// What every layer but the last is passed through.
  public var activation = Activation.relu
  /// What the dense layers are made of.
  public var unit = DenseUnit.plain

  /// The settings that it has where none are given.
  public init() {}

  /// Whether its dense layers are normalised by the batch.
  public var usesBatchStatistics: Bool { unit == .batchNormalized }

  /// Refuses sizes that no layer has, and examples that are no images.
  public func validate(_ part: String, exampleShape: [Int]) throws {
    try validate(sizes: hidden + channels + [kernelSize], of: part)
    try validate(blocks: blocks, of: part)
    if keepsGrid { try validateGrid(hidden: hidden, of: part) }
    guard exampleShape.count == 3 else {
      throw LatentError.usage(
        "A convolutional \(part) needs images, but an example has shape \(exampleShape)",
        remedy: "Use a preset with dense layers, such as vae, or data of shape [N, height, width, channels]")
    }
  }

  /// A dense layer of its unit and activation.
  public func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer {
    unit.layer(name, inputs: inputs, outputs: outputs, activation: activation)
  }

  /// Makes the convolutions and the dense layers after them.
  public func makeEncoder(at site: EncoderSite) -> any EncoderModule {
    let inputs = [site.exampleShape[2]] + channels
    let convolutions = channels.enumerated().map { index, count in
      Convolution(
        "\(site.name)/convolution\(index)", inputs: inputs[index], outputs: count, size: kernelSize, stride: 2,
        activation: activation)
    }
    let front = convolutions + residualBlocks("\(site.name)/block")
    let deepest = sizes(site.exampleShape)[channels.count]
    let width = deepest.height * deepest.width * inputs[channels.count]
    if keepsGrid {
      return GridEncoder(
        layers: Sequential(front), features: width + deepest.height * deepest.width * site.condition)
    }
    let (back, features) = chain(site.name, inputs: width + site.condition, widths: hidden)
    return TwoPartEncoder(front: Sequential(front + [Reshape([width])]), back: back, features: features)
  }

  /// Makes the dense layers and the transposed convolutions after them.
  public func makeDecoder(at site: DecoderSite) -> any Layer {
    guard let deepest = channels.last else {
      var dense = MultilayerPerceptron()
      (dense.hidden, dense.activation, dense.unit) = (hidden, activation, unit)
      return dense.makeDecoder(at: site)
    }
    let sizes = sizes(site.exampleShape)
    let seed = [sizes[channels.count].height, sizes[channels.count].width, deepest]
    var layers: [any Layer]
    if keepsGrid {
      layers = gridSeed(at: site, seed)
    } else {
      let (front, features) = chain(site.name, inputs: site.inputs, widths: hidden.reversed())
      layers = front.layers
      layers.append(Dense("\(site.name)/seed", inputs: features, outputs: seed.reduce(1, *), activation: activation))
      layers.append(Reshape(seed))
    }
    layers += residualBlocks("\(site.name)/block")
    for index in channels.indices {
      let depth = channels.count - 1 - index
      let isLast = depth == 0
      layers.append(
        TransposedConvolution(
          isLast ? "\(site.name)/output" : "\(site.name)/convolution\(index)", inputs: channels[depth],
          outputs: isLast ? site.parameters : channels[depth - 1], size: kernelSize, stride: 2,
          outputSize: [sizes[depth].height, sizes[depth].width], activation: isLast ? .identity : activation))
    }
    return Sequential(layers)
  }

  /// The places of the smallest level, where they are kept.
  public func grid(exampleShape: [Int]) -> [Int] {
    keepsGrid && exampleShape.count == 3 ? places(of: sizes(exampleShape)) : [1, 1]
  }

  private func residualBlocks(_ name: String) -> [any Layer] {
    guard blocks > 0, let width = channels.last else { return [] }
    let inner = max(1, width / 4)
    return (0..<blocks).map { index in
      Residual([
        ActivationLayer(activation),
        Convolution("\(name)\(index)/first", inputs: width, outputs: inner, size: 3, activation: activation),
        Convolution("\(name)\(index)/second", inputs: inner, outputs: width, size: 1),
      ])
    } + [ActivationLayer(activation)]
  }

  /// Height and width before the first convolution, and after each of them.
  private func sizes(_ exampleShape: [Int]) -> [(height: Int, width: Int)] {
    channels.reduce(into: [(exampleShape[0], exampleShape[1])]) { sizes, _ in
      let (height, width) = sizes[sizes.count - 1]
      sizes.append(((height + 1) / 2, (width + 1) / 2))
    }
  }
}

extension NetworkFamily where Self == ConvolutionalNetwork {
  /// Convolutions of stride 2 and the given channels, then dense layers.
  public static func convolutional(
    channels: [Int], hidden: [Int], kernelSize: Int = 4, activation: Activation = .relu
  ) -> Self {
    var network = ConvolutionalNetwork()
    (network.channels, network.hidden) = (channels, hidden)
    (network.kernelSize, network.activation) = (kernelSize, activation)
    return network
  }
}
