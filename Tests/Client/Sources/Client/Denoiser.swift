import Latent

/// A model that is no autoencoder: it takes noise off pictures, and is measured by the squared error that is left.
struct Denoiser: TrainableModel {
  let layers = Sequential([
    Convolution("denoiser/first", inputs: 1, outputs: 8, size: 5, stride: 2, activation: .silu),
    TransposedConvolution("denoiser/last", inputs: 8, outputs: 1, size: 4, stride: 2),
  ])

  var variables: [Variable] { layers.variables }
  var metrics: [Metric] { [Metric("error", unit: "squared error")] }

  func step(_ trace: StepTrace) -> TracedStep {
    let clean = trace.examples
    let noise = trace.graph.random(.normal, shape: clean.shape, type: clean.type) * 0.5
    let error = (layers(clean + noise, mode: trace.mode) - clean).squared().sum([1, 2, 3])
    return TracedStep(losses: [(error.mean(), variables)], sums: [error.sum()])
  }
}

/// Trains it by the same trainer, and holds that it gets better on pictures that it has not seen.
func trainDenoiser(_ data: Dataset) throws {
  var errors: [Double] = []
  let splits = TrainingData(train: data.train, validation: data.test)
  let settings = TrainingSettings(optimizer: .adam(learningRate: 3e-3), batchSize: 25, epochs: 4, seed: 1)
  try ModelTrainer(Denoiser(), settings, data: splits, backend: CPUBackend()).run { event in
    guard case .metrics(let metrics) = event, metrics.split == "validation" else { return }
    errors.append(metrics["error"] ?? .nan)
  }
  print("denoiser: squared errors \(errors)")
  precondition(errors.count == 4 && errors[3] < 0.7 * errors[0], "the denoiser does not learn")
}
