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
