import Latent

/// deep20: twenty stochastic layers and forty residual blocks, after Child 2021.
struct DeepHierarchy {
  private let stem = Convolution("stem", inputs: 3, outputs: 64, size: 4, stride: 2)
  private let up = (0..<20).map { bottleneck("up\($0)") }
  private let down = (0..<20).map { bottleneck("down\($0)") }
  private let priors = (0..<20).map { Convolution("prior\($0)", inputs: 64, outputs: 16, size: 1) }
  private let posteriors = (0..<20).map { Convolution("posterior\($0)", inputs: 64, outputs: 16, size: 1) }
  private let latents = (0..<20).map { Convolution("latent\($0)", inputs: 8, outputs: 64, size: 1) }
  private let first = Variable("first", shape: [64], initializer: .normal(standardDeviation: 0.1))
  private let last = TransposedConvolution("last", inputs: 64, outputs: 3, size: 4, stride: 2)

  private var variables: [Variable] {
    let layers: [any Layer] = [stem, last] + up + down + priors + posteriors + latents
    return layers.flatMap(\.variables) + [first]
  }

  static func job(_ settings: Settings) throws -> Job {
    let network = DeepHierarchy()
    return try trainingStep(settings, network.variables, examples: [16, 32, 32, 3], binary: false, loss: network.loss)
  }

  private func loss(_ x: Tensor) -> Tensor {
    let graph = x.graph
    var seen = [stem(x)]
    for block in up { seen.append(block(seen[seen.count - 1], mode: .training)) }
    var h = graph.read(first).broadcast(to: seen[0].shape)
    var rate = graph.constant(0)
    for index in (0..<20).reversed() {
      let prior = priors[index](h.relu()).split(2, dimension: -1)
      let posterior = posteriors[index]((h + seen[index + 1]).relu()).split(2, dimension: -1)
      let ratio = posterior[1] - prior[1]
      let distance = (posterior[0] - prior[0]).squared() * (-prior[1]).exp()
      rate = rate + (ratio.exp() + distance - 1 - ratio).sum() * 0.5
      let z = posterior[0] + (posterior[1] * 0.5).exp() * graph.random(.normal, shape: prior[0].shape)
      h = down[index](h + latents[index](z), mode: .training)
    }
    return ((last(h.relu()) - x).squared().sum() + rate) / Double(x.shape[0])
  }
}

/// x + conv1x1(relu(conv3x3(relu(conv1x1(relu(x)))))).
private func bottleneck(_ name: String) -> Residual {
  Residual([
    ActivationLayer(.relu), Convolution(name + "/in", inputs: 64, outputs: 32, size: 1, activation: .relu),
    Convolution(name + "/middle", inputs: 32, outputs: 32, size: 3, activation: .relu),
    Convolution(name + "/out", inputs: 32, outputs: 64, size: 1),
  ])
}
