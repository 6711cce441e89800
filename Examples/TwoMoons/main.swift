// A variational autoencoder of a table: points on two crescents, two numbers each, with two latents.
import Foundation
import Latent

var stream = RandomStream(seed: 1, name: "moons")
let points = (0..<2000).flatMap { index -> [Float] in
  let angle = Double.pi * stream.nextUniform()
  let jitter = 0.1 * (stream.nextUniform() - 0.5)
  return index % 2 == 0
    ? [Float(cos(angle) + jitter), Float(sin(angle) + jitter)]
    : [Float(1 - cos(angle) + jitter), Float(0.5 - sin(angle) + jitter)]
}
let data = Dataset(name: "moons", train: try Examples(floats: points, shape: [2]))

let model = VariationalAutoencoder(
  prior: .standardNormal(dimensions: 2),
  encoder: .mlp(hidden: [64, 64], activation: .relu),
  decoder: .mlp(hidden: [64, 64], activation: .relu, likelihood: .normal(variance: .scalar, standardDeviation: 0.3)))

let trainer = try Trainer(
  RunConfiguration(model: model, optimizer: .adam(learningRate: 2e-3), batchSize: 100, epochs: 60), dataset: data)
try trainer.run { event in
  if case .metrics(let figures) = event, figures.epoch % 20 == 0 {
    print(String(format: "epoch %d: elbo %.2f nats", figures.epoch, figures.elbo ?? .nan))
  }
}

let generator = Generator(trainer.trained)
let samples = try generator.decode(generator.priorSamples(5, seed: 7))
for index in 0..<5 { print(String(format: "sample: (%.2f, %.2f)", samples[2 * index], samples[2 * index + 1])) }

let likelihood = try Evaluator(trainer.trained, seed: 1).negativeLogLikelihood(data.train, samples: 200)
print(String(format: "log-likelihood: %.3f ± %.3f nats", -likelihood.nll, likelihood.error))
