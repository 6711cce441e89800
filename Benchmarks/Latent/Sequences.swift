import Latent

/// gru100 and gru400: the next of a sequence of vectors by a gated recurrent unit.
enum RecurrentNetwork {
  static func job(_ settings: Settings, length: Int) throws -> Job {
    let network = Recurrent(GatedRecurrentUnit("gru", inputs: 64, units: 256))
    let output = Dense("output", inputs: 256, outputs: 64)
    return try trainingStep(
      settings, network.variables + output.variables, examples: [64, length + 1, 64], binary: false
    ) { x in
      let predicted = output(network(x.slice(1, 0..<length), mode: .training))
      return (predicted - x.slice(1, 1..<(length + 1))).squared().sum() / Double(x.shape[0])
    }
  }
}

/// gpt196: a causal transformer (Radford et al. 2019) of 196 numbers from 0 to 15.
struct Transformer {
  private static let length = 196, width = 96, values = 16
  private let tokens = Variable("tokens", shape: [17, 96], initializer: .normal(standardDeviation: 0.02))
  private let positions = Variable("positions", shape: [196, 96], initializer: .normal(standardDeviation: 0.02))
  private let layers: Sequential

  init() {
    var layers: [any Layer] = []
    for index in 0..<6 {
      let name = "layer\(index)"
      layers.append(
        Residual([
          LayerNormalization(name + "/attention/normalization", features: 96),
          SelfAttention(name + "/attention", features: 96, heads: 4, isCausal: true),
        ]))
      layers.append(
        Residual([
          LayerNormalization(name + "/network/normalization", features: 96),
          Dense(name + "/network/in", inputs: 96, outputs: 384, activation: .gelu),
          Dense(name + "/network/out", inputs: 384, outputs: 96),
        ]))
    }
    layers += [LayerNormalization("end", features: 96), Dense("logits", inputs: 96, outputs: 16)]
    self.layers = Sequential(layers)
  }

  static func job(_ settings: Settings) throws -> Job {
    let network = Transformer()
    let variables = network.layers.variables + [network.tokens, network.positions]
    return try trainingStep(settings, variables, examples: [32, length], binary: false) { x in
      network.loss((x * Double(values)).converted(to: .int32))
    }
  }

  private func loss(_ sequence: Tensor) -> Tensor {
    let (graph, batch) = (sequence.graph, sequence.shape[0])
    let start = graph.constant([16], shape: [batch, 1], type: .int32)
    let shifted = Tensor.concatenate([start, sequence.slice(1, 0..<(Self.length - 1))], dimension: 1)
    let embedded = graph.read(tokens).gather(shifted.reshape([batch * Self.length]))
      .reshape([batch, Self.length, Self.width])
    let logits = layers(embedded + graph.read(positions), mode: .training)
    return logits.categoricalCrossEntropy(targets: sequence).sum() / Double(batch)
  }
}
