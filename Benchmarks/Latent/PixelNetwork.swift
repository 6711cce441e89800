import Latent

/// pixelcnn28: an autoregressive network of binary 28 x 28 images (van den Oord et al. 2016).
struct PixelNetwork {
  private let layers: Sequential

  init() {
    var layers: [any Layer] = [MaskedConvolution("in", inputs: 1, outputs: 64, size: 7, includesCentre: false)]
    for index in 0..<7 { layers.append(maskedBlock("block\(index)")) }
    layers += [
      ActivationLayer(.relu), Convolution("out0", inputs: 64, outputs: 64, size: 1, activation: .relu),
      Convolution("out1", inputs: 64, outputs: 1, size: 1),
    ]
    self.layers = Sequential(layers)
  }

  static func job(_ settings: Settings) throws -> Job {
    let network = PixelNetwork()
    return try trainingStep(settings, network.layers.variables, examples: [32, 28, 28, 1]) { x in
      network.layers(x, mode: .training).binaryCrossEntropy(targets: x).sum() / Double(x.shape[0])
    }
  }
}

/// A convolution that sees the pixels above and to the left, and the pixel itself if it includes the centre (mask B).
struct MaskedConvolution: Layer {
  private let convolution: Convolution
  private let mask: [Double]

  init(_ name: String, inputs: Int, outputs: Int, size: Int, includesCentre: Bool, activation: Activation = .identity) {
    convolution = Convolution(name, inputs: inputs, outputs: outputs, size: size, activation: activation)
    let centre = size / 2 * size + size / 2
    mask = (0..<size * size).map { $0 < centre || ($0 == centre && includesCentre) ? 1 : 0 }
  }

  var variables: [Variable] { convolution.variables }

  func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    let graph = input.graph
    let shape = convolution.kernel.shape
    let mask = graph.constant(mask, shape: [shape[0], shape[1], 1, 1])
    let sum = input.convolution(graph.read(convolution.kernel) * mask, padding: .same)
    return convolution.activation(sum + graph.read(convolution.bias))
  }
}

/// x + conv1x1(relu(masked3x3(relu(conv1x1(relu(x)))))).
private func maskedBlock(_ name: String) -> Residual {
  Residual([
    ActivationLayer(.relu), Convolution(name + "/in", inputs: 64, outputs: 32, size: 1, activation: .relu),
    MaskedConvolution(name + "/masked", inputs: 32, outputs: 32, size: 3, includesCentre: true, activation: .relu),
    Convolution(name + "/out", inputs: 32, outputs: 64, size: 1),
  ])
}
