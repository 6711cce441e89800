import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// Residual blocks with group normalisation, halved in size from level to level, with attention at the smallest: the networks
/// of latent diffusion's autoencoder (Rombach et al. 2022), which end in dense layers here.
public struct ResidualNetwork: EncoderFamily, DecoderFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("residual", "residual blocks with group normalisation and attention")

  /// The channels of each level, from the data to the latents; a level has half the height and width of the one before.
  public var channels = [32, 64, 64]
  /// How many residual blocks each level has.
  public var blocks = 1
  /// How many groups the channels are normalised in.
  public var groups = 8
  /// How many heads the attention at the smallest level has; 0 for no attention.
  public var heads = 1
  /// Whether there are no dense layers, so that features, and a decoder's latents, are those of the places of a grid.
  public var keepsGrid = false
  /// The widths of the dense layers between the smallest level and the latents.
  public var hidden: [Int] = []

  /// The settings that it has where none are given.
  public init() {}

  /// Groups are normalised within each example.
  public var usesBatchStatistics: Bool { false }

  /// Refuses sizes that no layer has, and examples that are no images.
  public func validate(_ part: String, exampleShape: [Int]) throws {
    try validate(sizes: hidden + channels + [blocks, groups], of: part)
    if keepsGrid { try validateGrid(hidden: hidden, of: part) }
    guard let deepest = channels.last, channels.allSatisfy({ $0 % groups == 0 }) else {
      throw LatentError.usage(
        "The \(part)'s channels \(channels) are not all multiples of its \(groups) groups",
        remedy: "Set model.\(part).network.channels to multiples of .groups")
    }
    guard heads >= 0, heads == 0 || deepest % heads == 0 else {
      throw LatentError.usage(
        "The \(part)'s \(heads) heads do not divide its \(deepest) channels",
        remedy: "Set model.\(part).network.heads to 0 for no attention, or to a divisor of the last of .channels")
    }
    guard exampleShape.count == 3 else {
      throw LatentError.usage(
        "A residual \(part) needs images, but an example has shape \(exampleShape)",
        remedy: "Use a preset with dense layers, such as vae, or data of shape [N, height, width, channels]")
    }
  }

  /// A dense layer with SiLU.
  public func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer {
    Dense(name, inputs: inputs, outputs: outputs, activation: .silu)
  }

  /// Makes the levels from the image down, and the dense layers after them.
  public func makeEncoder(at site: EncoderSite) -> any EncoderModule {
    var layers: [any Layer] = [
      Convolution("\(site.name)/input", inputs: site.exampleShape[2], outputs: channels[0], size: 3)
    ]
    for (level, width) in channels.enumerated() {
      let name = "\(site.name)/level\(level)"
      if level > 0 {
        layers.append(Convolution("\(name)/down", inputs: channels[level - 1], outputs: width, size: 3, stride: 2))
      }
      layers += (0..<blocks).map { block("\(name)/block\($0)", width) }
    }
    layers += attention("\(site.name)/attention") + normalized("\(site.name)/end", channels[channels.count - 1])
    let smallest = sizes(site.exampleShape)[channels.count - 1]
    let width = smallest.height * smallest.width * channels[channels.count - 1]
    if keepsGrid {
      return GridEncoder(
        layers: Sequential(layers), features: width + smallest.height * smallest.width * site.condition)
    }
    let (back, features) = chain(site.name, inputs: width + site.condition, widths: hidden)
    return TwoPartEncoder(front: Sequential(layers + [Reshape([width])]), back: back, features: features)
  }

  /// Makes the dense layers, and the levels up to the image.
  public func makeDecoder(at site: DecoderSite) -> any Layer {
    let sizes = sizes(site.exampleShape)
    let seed = [sizes[channels.count - 1].height, sizes[channels.count - 1].width, channels[channels.count - 1]]
    var layers: [any Layer]
    if keepsGrid {
      layers = gridSeed(at: site, seed)
    } else {
      let (front, features) = chain(site.name, inputs: site.inputs, widths: hidden.reversed())
      layers = front.layers
      layers.append(Dense("\(site.name)/seed", inputs: features, outputs: seed.reduce(1, *)))
      layers.append(Reshape(seed))
    }
    layers += attention("\(site.name)/attention")
    for (level, width) in channels.enumerated().reversed() {
      let name = "\(site.name)/level\(level)"
      layers += (0..<blocks).map { block("\(name)/block\($0)", width) }
      guard level > 0 else { continue }
      layers.append(Upsampling(outputSize: [sizes[level - 1].height, sizes[level - 1].width]))
      layers.append(Convolution("\(name)/up", inputs: width, outputs: channels[level - 1], size: 3))
    }
    layers += normalized("\(site.name)/end", channels[0])
    layers.append(Convolution("\(site.name)/output", inputs: channels[0], outputs: site.parameters, size: 3))
    return Sequential(layers)
  }

  private func block(_ name: String, _ width: Int) -> Residual {
    Residual(
      normalized(name + "/first", width) + [Convolution(name + "/first", inputs: width, outputs: width, size: 3)]
        + normalized(name + "/second", width)
        + [Convolution(name + "/second", inputs: width, outputs: width, size: 3)])
  }

  private func normalized(_ name: String, _ width: Int) -> [any Layer] {
    [GroupNormalization(name + "/normalization", features: width, groups: groups), ActivationLayer(.silu)]
  }

  private func attention(_ name: String) -> [any Layer] {
    guard heads > 0 else { return [] }
    let width = channels[channels.count - 1]
    return [
      Residual([
        GroupNormalization(name + "/normalization", features: width, groups: groups),
        SelfAttention(name, features: width, heads: heads),
      ])
    ]
  }

  /// The places of the smallest level, where they are kept.
  public func grid(exampleShape: [Int]) -> [Int] {
    keepsGrid && exampleShape.count == 3 ? places(of: sizes(exampleShape)) : [1, 1]
  }

  /// Height and width of each level.
  private func sizes(_ exampleShape: [Int]) -> [(height: Int, width: Int)] {
    channels.dropFirst().reduce(into: [(exampleShape[0], exampleShape[1])]) { sizes, _ in
      let (height, width) = sizes[sizes.count - 1]
      sizes.append(((height + 1) / 2, (width + 1) / 2))
    }
  }
}

extension NetworkFamily where Self == ResidualNetwork {
  /// Residual blocks on levels of the given channels, with attention at the smallest.
  public static func residual(channels: [Int], blocks: Int = 1, groups: Int = 8, hidden: [Int] = []) -> Self {
    var network = ResidualNetwork()
    (network.channels, network.blocks, network.groups, network.hidden) = (channels, blocks, groups, hidden)
    return network
  }
}
