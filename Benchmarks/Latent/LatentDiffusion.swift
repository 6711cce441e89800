import Latent

/// klae32: the autoencoder of latent diffusion (Rombach et al. 2022) on 3 x 32 x 32 images.
struct LatentDiffusion {
  private let encoder: Sequential
  private let quantizer: Convolution
  private let decoder: Sequential

  init() {
    let widths = [64, 128, 128]
    var down: [any Layer] = [Convolution("encoder/in", inputs: 3, outputs: 64, size: 3)]
    var below = 64
    for (level, width) in widths.enumerated() {
      for index in 0..<2 {
        down.append(block("encoder/level\(level)/block\(index)", below, width))
        below = width
      }
      if level < 2 { down.append(Downsampling("encoder/level\(level)/down", features: width)) }
    }
    down += middle("encoder/middle", 128) + normalized("encoder/out", 128)
    down.append(Convolution("encoder/out", inputs: 128, outputs: 8, size: 3))
    encoder = Sequential(down)
    quantizer = Convolution("quantizer", inputs: 8, outputs: 8, size: 1)
    var up: [any Layer] = [
      Convolution("decoder/latents", inputs: 4, outputs: 4, size: 1),
      Convolution("decoder/in", inputs: 4, outputs: 128, size: 3),
    ]
    up += middle("decoder/middle", 128)
    for (level, width) in widths.enumerated().reversed() {
      for index in 0..<3 {
        up.append(block("decoder/level\(level)/block\(index)", below, width))
        below = width
      }
      guard level > 0 else { continue }
      up += [Upsampling(), Convolution("decoder/level\(level)/up", inputs: width, outputs: width, size: 3)]
    }
    up += normalized("decoder/out", 64)
    up.append(Convolution("decoder/out", inputs: 64, outputs: 3, size: 3))
    decoder = Sequential(up)
  }

  static func job(_ settings: Settings) throws -> Job {
    let network = LatentDiffusion()
    let variables = network.encoder.variables + network.quantizer.variables + network.decoder.variables
    return try trainingStep(settings, variables, examples: [16, 32, 32, 3], binary: false, loss: network.loss)
  }

  private func loss(_ x: Tensor) -> Tensor {
    let statistics = quantizer(encoder(x, mode: .training)).split(2, dimension: -1)
    let (mean, logVariance) = (statistics[0], statistics[1])
    let z = mean + (logVariance * 0.5).exp() * x.graph.random(.normal, shape: mean.shape)
    let rate = (mean.squared() + logVariance.exp() - 1 - logVariance).sum() * 0.5
    return ((decoder(z, mode: .training) - x).squared().sum() + rate * 1e-6) / Double(x.shape[0])
  }
}

/// A convolution by two, with one row and one column of zeros at the end.
private struct Downsampling: Layer {
  let convolution: Convolution

  init(_ name: String, features: Int) {
    convolution = Convolution(name, inputs: features, outputs: features, size: 3, stride: 2, padding: .valid)
  }

  var variables: [Variable] { convolution.variables }

  func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    convolution(input.pad(low: [0, 0, 0, 0], high: [0, 1, 1, 0]))
  }
}

private func normalized(_ name: String, _ width: Int) -> [any Layer] {
  [GroupNormalization(name + "/normalization", features: width, groups: 32), ActivationLayer(.silu)]
}

private func block(_ name: String, _ inputs: Int, _ outputs: Int) -> Residual {
  Residual(
    normalized(name + "/first", inputs) + [Convolution(name + "/first", inputs: inputs, outputs: outputs, size: 3)]
      + normalized(name + "/second", outputs)
      + [Convolution(name + "/second", inputs: outputs, outputs: outputs, size: 3)],
    shortcut: inputs == outputs ? nil : Convolution(name + "/shortcut", inputs: inputs, outputs: outputs, size: 1))
}

private func middle(_ name: String, _ width: Int) -> [any Layer] {
  [
    block(name + "/block0", width, width),
    Residual([
      GroupNormalization(name + "/attention/normalization", features: width, groups: 32),
      SelfAttention(name + "/attention", features: width),
    ]),
    block(name + "/block1", width, width),
  ]
}
