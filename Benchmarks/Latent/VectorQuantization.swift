import Latent

/// vq32 and rvq: a VQ-VAE of 3 x 32 x 32 images (van den Oord et al. 2017), 128 channels, 512 codes of 64 numbers; one codebook, or
/// four one after another.
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
  private let quantizer: any Quantizer

  static func job(_ settings: Settings, _ family: any QuantizerFamily = VectorQuantizer.vector(codes: 512)) throws
    -> Job
  {
    let network = VectorQuantization(quantizer: family.make("quantizer", dimensions: 64))
    let variables = network.encoder.variables + network.decoder.variables + network.quantizer.variables
    return try trainingStep(
      settings, variables, examples: [32, 32, 32, 3], binary: false, loss: network.loss)
  }

  /// rvq: four codebooks of 512, each for what the ones before leave over.
  static func residual(_ settings: Settings) throws -> Job {
    try job(settings, ResidualQuantizer.residual(4, of: .vector(codes: 512)))
  }

  private func loss(_ x: Tensor) -> Tensor {
    let batch = x.shape[0]
    let z = encoder(x, mode: .training)
    let codes = quantizer(z.reshape([batch, -1, 64]), mode: .training)
    let distortion = (decoder(codes.vectors.reshape(z.shape), mode: .training) - x).squared().sum()
    return (distortion + codes.loss.sum()) / Double(batch)
  }
}

/// x + conv1x1(relu(conv3x3(relu(x)))).
private func residualBlock(_ name: String) -> Residual {
  Residual([
    ActivationLayer(.relu), Convolution(name + "/3", inputs: 128, outputs: 32, size: 3, activation: .relu),
    Convolution(name + "/1", inputs: 32, outputs: 128, size: 1),
  ])
}
