import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// Gated convolutions in two stacks, one of the rows above and one of the pixels to the left: the gated PixelCNN, which has no
/// blind spot (van den Oord et al. 2016, section 2).
public struct GatedPixelNetwork: AutoregressiveFamily {
  /// Its name, and what it is.
  public static let name = FamilyName(
    "gatedPixelCNN", "gated convolutions of the rows above and the pixels to the left")

  /// How many features a pixel has in each stack.
  public var features = 32
  /// How many gated layers there are.
  public var blocks = 8
  /// Height and width of the first layer's kernel, of which a half is used.
  public var firstKernelSize = 7
  /// Height and width of the other layers' kernels, of which a half is used.
  public var kernelSize = 3
  /// How many features the layer before the last has.
  public var headFeatures = 64
  /// Which share of what a layer adds to the pixels is dropped in training.
  public var dropout = 0.0

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses sizes that nothing has, even kernels, and what is no image.
  public func validate(at site: AutoregressiveSite) throws {
    try validate([
      ("features", features, 1...4096), ("blocks", blocks, 1...256), ("firstKernelSize", firstKernelSize, 3...31),
      ("kernelSize", kernelSize, 3...31), ("headFeatures", headFeatures, 1...65_536),
    ])
    try validate(dropout: dropout)
    guard firstKernelSize % 2 == 1, kernelSize % 2 == 1 else {
      throw LatentError.usage(
        "Kernels of \(firstKernelSize) and \(kernelSize) have no middle",
        remedy: "Set the network's firstKernelSize and kernelSize to odd numbers")
    }
    guard site.height > 1, site.width > 1 else {
      throw LatentError.usage(
        "A gatedPixelCNN goes through a grid, not through \(site.places) places in a row",
        remedy: "Give images, or set the network's kind to masked or transformer")
    }
  }

  /// Makes both stacks.
  public func make(at site: AutoregressiveSite) -> any AutoregressiveModule { GatedPixelModule(self, at: site) }
}

extension AutoregressiveFamily where Self == GatedPixelNetwork {
  /// Gated convolutions of the rows above and the pixels to the left.
  public static func gatedPixelCNN(features: Int = 32, blocks: Int = 8, headFeatures: Int = 64) -> Self {
    var network = GatedPixelNetwork()
    (network.features, network.blocks, network.headFeatures) = (features, blocks, headFeatures)
    return network
  }
}

/// A gated PixelCNN with its variables.
struct GatedPixelModule: AutoregressiveModule {
  let layers: [GatedPixelLayer]
  let hidden: Dense, head: Dense
  let dropout: Dropout
  let height: Int, width: Int, inputs: Int, features: Int

  init(_ settings: GatedPixelNetwork, at site: AutoregressiveSite) {
    (height, width, inputs, features) = (site.height, site.width, site.inputs, settings.features)
    layers = (0..<settings.blocks).map { index in
      GatedPixelLayer(
        "\(site.name)/layer\(index)", inputs: index == 0 ? site.inputs : settings.features, features: settings.features,
        reach: (index == 0 ? settings.firstKernelSize : settings.kernelSize) / 2, isFirst: index == 0,
        context: site.context)
    }
    dropout = Dropout(rate: settings.dropout)
    hidden = Dense(
      site.name + "/hidden", inputs: settings.features, outputs: settings.headFeatures, activation: .relu)
    head = Dense(
      site.name + "/head", inputs: settings.headFeatures, outputs: site.outputs,
      initializer: .normal(standardDeviation: 0.02))
  }

  var variables: [Variable] { layers.flatMap(\.variables) + hidden.variables + head.variables }

  func callAsFunction(_ inputs: Tensor, context: Tensor?, mode: Mode) -> Tensor {
    let count = inputs.shape[0]
    let image = inputs.reshape([count, height, width, -1])
    let context = context?.reshape([count, height, width, -1])
    var (above, left) = (image, image)
    for layer in layers {
      let sum = layer.above(layer.windowAbove(above), context)
      let added = dropout(layer.left(layer.windowLeft(left), sum, context), mode: mode)
      left = layer.isFirst ? added : left + added
      above = sum.gated
    }
    return outputs(left).reshape([count, height * width, -1])
  }

  func outputs(_ left: Tensor) -> Tensor { head(hidden(left.relu())) }
}

/// A layer of both stacks. The first one must not see the pixel itself, and the later ones see only what does not.
struct GatedPixelLayer {
  private let name: String
  /// How many rows above, and pixels to either side, are seen.
  let reach: Int
  let isFirst: Bool
  private let aboveKernel: Variable, aboveBias: Variable
  private let leftKernel: Variable, leftBias: Variable
  private let across: Dense, output: Dense
  private let context: Dense?

  init(_ name: String, inputs: Int, features: Int, reach: Int, isFirst: Bool, context: Int) {
    (self.name, self.reach, self.isFirst) = (name, reach, isFirst)
    let length = isFirst ? reach : reach + 1
    func kernel(_ part: String, _ height: Int, _ width: Int) -> Variable {
      Variable(
        "\(name)/\(part)", shape: [height, width, inputs, 2 * features],
        initializer: .uniform(limit: 1 / Double(height * width * inputs).squareRoot()), isLinearMap: true)
    }
    aboveKernel = kernel("aboveKernel", length, 2 * reach + 1)
    aboveBias = Variable(name + "/aboveBias", shape: [2 * features])
    leftKernel = kernel("leftKernel", 1, length)
    leftBias = Variable(name + "/leftBias", shape: [2 * features])
    across = Dense(name + "/across", inputs: 2 * features, outputs: 2 * features)
    output = Dense(name + "/output", inputs: features, outputs: features)
    self.context = context > 0 ? Dense(name + "/context", inputs: context, outputs: 4 * features) : nil
  }

  var variables: [Variable] {
    [aboveKernel, aboveBias, leftKernel, leftBias] + across.variables + output.variables + (context?.variables ?? [])
  }

  /// The image with zeros in the place of the rows that windows reach beyond it.
  func windowAbove(_ image: Tensor) -> Tensor {
    let seen = isFirst ? image.slice(1, 0..<(image.shape[1] - 1)) : image
    return seen.pad(low: [0, reach, 0, 0], high: [0, 0, 0, 0])
  }

  /// The same with the columns to the left.
  func windowLeft(_ image: Tensor) -> Tensor {
    let seen = isFirst ? image.slice(2, 0..<(image.shape[2] - 1)) : image
    return seen.pad(low: [0, 0, reach, 0], high: [0, 0, 0, 0])
  }

  /// What the rows above say, before the gate: [N, rows + reach, W, inputs] to [N, rows, W, 2 features].
  func above(_ window: Tensor, _ given: Tensor?) -> Tensor {
    let graph = window.graph
    return graph.scope(name) {
      let wide = window.pad(low: [0, 0, reach, 0], high: [0, 0, reach, 0])
      let sum = wide.convolution(graph.read(aboveKernel)) + graph.read(aboveBias)
      return offset(given, 0).map { sum + $0 } ?? sum
    }
  }

  /// What the pixels to the left say, with what the rows above do.
  func left(_ window: Tensor, _ above: Tensor, _ given: Tensor?) -> Tensor {
    let graph = window.graph
    return graph.scope(name) {
      output((window.convolution(graph.read(leftKernel)) + offset(left: above, given)).gated)
    }
  }

  /// The same for one column, whose window is flat, [N, ...].
  func left(step window: Tensor, _ offset: Tensor) -> Tensor {
    let graph = window.graph
    return graph.scope(name) {
      output((window.dot(graph.read(leftKernel).reshape([-1, leftKernel.shape[3]])) + offset).gated)
    }
  }

  /// What is added to what the pixels to the left say: [N, rows, W, 2 features].
  func offset(left above: Tensor, _ given: Tensor?) -> Tensor {
    let sum = across(above) + above.graph.read(leftBias)
    return offset(given, 1).map { sum + $0 } ?? sum
  }

  private func offset(_ given: Tensor?, _ half: Int) -> Tensor? {
    guard let context, let given else { return nil }
    let width = aboveBias.shape[0]
    return context(given, outputs: (half * width)..<((half + 1) * width))
  }
}

extension Tensor {
  /// tanh of the first half of the features times the logistic of the second.
  var gated: Tensor {
    let parts = split(2, dimension: -1)
    return parts[0].tanh() * parts[1].logistic()
  }
}
