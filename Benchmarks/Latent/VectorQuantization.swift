import Latent

/// vq32: a VQ-VAE of 3 x 32 x 32 images (van den Oord et al. 2017), 128 channels, 512 codes of 64 numbers.
struct VectorQuantization {
  private let encoder = Sequential([
    Convolution("encoder/1", inputs: 3, outputs: 128, size: 4, stride: 2, activation: .relu),
    Convolution("encoder/2", inputs: 128, outputs: 128, size: 4, stride: 2, activation: .relu),
    Convolution("encoder/3", inputs: 128, outputs: 128, size: 3),
    residualBlock("encoder/block0"), residualBlock("encoder/block1"), ActivationLayer(.relu),
    Convolution("encoder/out", inputs: 128, outputs: 64, size: 1),
  ])
  private let decoder = Sequential([
    Convolution("decoder/in", inputs: 64, outputs: 128, size: 1),
    residualBlock("decoder/block0"), residualBlock("decoder/block1"), ActivationLayer(.relu),
    Convolution("decoder/3", inputs: 128, outputs: 128, size: 3, activation: .relu),
    TransposedConvolution("decoder/2", inputs: 128, outputs: 128, size: 4, stride: 2, activation: .relu),
    TransposedConvolution("decoder/1", inputs: 128, outputs: 3, size: 4, stride: 2),
  ])
  private let codebook = Variable("codebook", shape: [512, 64], initializer: .uniform(limit: 1.0 / 512))

  static func job(_ settings: Settings) throws -> Job {
    let network = VectorQuantization()
    let variables = network.encoder.variables + network.decoder.variables + [network.codebook]
    return try trainingStep(
      settings, variables, examples: [32, 32, 32, 3], binary: false, loss: network.loss)
  }

  private func loss(_ x: Tensor) -> Tensor {
    let batch = x.shape[0]
    let z = encoder(x, mode: .training)
    let rows = z.reshape([-1, 64])
    let codes = x.graph.read(codebook)
    let fixed = codes.stopGradient()
    // |z|^2 is the same for all codes, so the choice does without it.
    let distances = fixed.squared().sum([1]) - rows.stopGradient().dot(fixed, transposeRight: true) * 2
    let chosen = codes.gather(distances.argumentMinimum(1))
    let codebookLoss = (chosen - rows.stopGradient()).squared().sum()
    let commitment = (rows - chosen.stopGradient()).squared().sum()
    let straightThrough = rows + (chosen - rows).stopGradient()
    let distortion = (decoder(straightThrough.reshape(z.shape), mode: .training) - x).squared().sum()
    return (distortion + codebookLoss + commitment * 0.25) / Double(batch)
  }
}

/// x + conv1x1(relu(conv3x3(relu(x)))).
private func residualBlock(_ name: String) -> Residual {
  Residual([
    ActivationLayer(.relu), Convolution(name + "/3", inputs: 128, outputs: 32, size: 3, activation: .relu),
    Convolution(name + "/1", inputs: 32, outputs: 128, size: 1),
  ])
}
