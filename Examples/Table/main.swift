// A table with gaps: own numbers as examples, a run on disk, and what the model puts into the gaps of rows that it has not seen.
import Foundation
import Latent

// 1,200 rows of five measurements that hang together by two causes; one value in ten was not taken.
var stream = RandomStream(seed: 2, name: "table")
// A sum of twelve uniform numbers is about Normal.
let normals = (0..<8400).map { _ in (0..<12).reduce(Float(-6)) { sum, _ in sum + Float(stream.nextUniform()) } }
let complete = (0..<1200).map { row in
  let (size, age, noise) = (normals[7 * row], normals[7 * row + 1], normals[(7 * row + 2)..<(7 * row + 7)])
  return zip([size, age, size + age, size - age, 2 * age], noise).map { $0 + 0.1 * $1 }
}
let measured = complete.joined().map { stream.nextUniform() < 0.1 ? Float.nan : $0 }

let table = try Examples(floats: measured, shape: [5], missingValues: true, source: "The measurements")
let data = Dataset(name: "measurements", train: table.prefix(1000), test: table.suffix(200))

var model = VariationalAutoencoder(
  prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: [64]),
  decoder: .mlp(hidden: [64], likelihood: .normal(variance: .scalar, standardDeviation: 0.5)))
model.missingValues = true
let configuration = RunConfiguration(
  model: model, optimizer: .adam(learningRate: 3e-3), batchSize: 100, epochs: 60, seed: 1)

let run = RunFolder(path: CommandLine.arguments.dropFirst().first ?? "runs/table")
try run.create(replacing: true)
let trainer = try Trainer(configuration, dataset: data, folder: run)
try trainer.run { event in
  if case .metrics(let figures) = event, figures.split == "test" { print("test bound: \(figures.elbo ?? .nan) nats") }
}

let trained = try TrainedModel(run: run)
let filled = try Generator(trained).reconstruct(table.suffix(200))
let truth = complete.suffix(200).joined()
let gaps = zip(zip(filled, truth), measured.suffix(1000)).filter { $0.1.isNaN }.map { $0.0 }
let error = gaps.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(gaps.count)
let spread = gaps.reduce(0) { $0 + $1.1 * $1.1 } / Float(gaps.count)
print(String(format: "gaps: %d values, squared error %.2f, of their mean alone %.2f", gaps.count, error, spread))
