import Foundation
import LatentCPUBackend
import LatentDatasets
import LatentDiagnostics
import LatentDistributions
import LatentEvaluation
import LatentExecution
import LatentLayers
import LatentOptimizers
import LatentTensorGraph
import LatentVariationalAutoencoders

/// Where samples are compared with examples.
public enum FeatureSpace: String, Hashable, Sendable, CaseIterable {
  /// The values themselves.
  case pixels
  /// The first 64 principal components of the examples that samples are compared with.
  case principal
  /// The 64 units before the last layer of a classifier that is trained here, on the training examples and their labels.
  case classifier
}

/// A classifier of examples, whose last hidden layer gives features.
///
/// Two dense layers (256 and 64 rectified units) and one for the classes, trained by Adam for five epochs: enough to tell digits
/// or clothes, and the same for everybody who measures with the same seed and data.
final class FeatureClassifier: TrainableModel {
  let metrics = [Metric("cross_entropy")]
  private let hidden: [Dense]
  private let head: Dense
  /// The place of each class that there is among the head's outputs.
  private let numbers: [Int32: Int]
  private(set) var store: VariableStore?
  private let backend: any Backend
  private let shape: [Int]

  /// The number of features.
  static let width = 64
  private static let mostClasses = 1000

  /// Trains on labelled examples.
  ///
  /// - Throws: `LatentError` for examples without labels.
  init(training examples: Examples, seed: UInt64, backend: any Backend) throws {
    guard let labels = examples.labels else {
      throw LatentError.usage(
        "A classifier needs labels, which the data have not", remedy: "Give --features principal or pixels")
    }
    numbers = Dictionary(uniqueKeysWithValues: Set(labels).sorted().enumerated().map { ($1, $0) })
    guard numbers.count <= Self.mostClasses else {
      throw LatentError.usage(
        "The data have \(numbers.count) classes, more than a classifier is trained for here",
        remedy: "Give --features principal or pixels")
    }
    self.backend = backend
    shape = examples.shape
    hidden = [
      Dense("hidden0", inputs: examples.dimensions, outputs: 256, activation: .relu),
      Dense("hidden1", inputs: 256, outputs: Self.width, activation: .relu),
    ]
    head = Dense("head", inputs: Self.width, outputs: numbers.count)
    let settings = TrainingSettings(
      optimizer: .adam(learningRate: 1e-3), batchSize: min(100, examples.count), epochs: 5,
      seed: derivedSeed(seed, "feature classifier"))
    let trainer = try ModelTrainer(self, settings, data: TrainingData(train: examples), backend: backend)
    _ = try trainer.run()
    store = trainer.store
  }

  var variables: [Variable] { (hidden + [head]).flatMap(\.variables) }

  func step(_ trace: StepTrace) -> TracedStep {
    let numbers = numbers
    let labels = trace.input("labels", shape: [trace.count, numbers.count]) { moment in
      moment.batch.flatMap { index -> [Float] in
        let place = moment.examples.labels.flatMap { numbers[$0[index]] }
        return (0..<numbers.count).map { $0 == place ? 1 : 0 }
      }
    }
    let losses = -(head(features(trace.examples)).logSoftmax() * labels).sum([-1])
    return TracedStep(losses: [(losses.mean(), variables)], sums: [losses.sum()])
  }

  private func features(_ examples: Tensor) -> Tensor {
    hidden.reduce(examples.flattened()) { $1($0) }
  }

  /// The features of rows of values, of the examples' shape.
  func features(_ rows: [Float]) throws -> [Float] {
    guard let store else { return [] }
    let size = shape.reduce(1, *)
    var result: [Float] = []
    for start in stride(from: 0, to: rows.count / size, by: 500) {
      let count = min(500, rows.count / size - start)
      let graph = Graph()
      let input = graph.input("batch", shape: Shape([count] + shape))
      let executable = try backend.compile(
        Program(graph: graph, outputs: [features(input)], assignments: []), state: store)
      NamedInputs(executable).fill("batch") {
        _ = $0.update(fromContentsOf: rows[(start * size)..<((start + count) * size)])
      }
      try executable.run(RandomState(seed: 0))
      result += executable.output(0).floats
    }
    return result
  }
}

/// How samples of a model compare with examples, in a space of features.
public struct SampleQuality: Hashable, Sendable {
  /// The space that the figures are of.
  public var features: FeatureSpace
  /// How many samples, and how many examples, were compared.
  public var samples: Int, examples: Int
  /// The distances.
  public var distances: SampleDistances
}

extension Evaluator {
  /// Draws as many samples as there are examples, up to a number, and compares the two sets.
  ///
  /// A sample is the mean of its likelihood: noise of pixels is not drawn, as in the pictures that `latent sample` draws.
  ///
  /// - Parameters:
  ///   - training: examples that a classifier learns from, where features ask for one.
  ///   - limit: how many of each are compared at most.
  /// - Throws: `LatentError` for a model without a prior, fewer than ten examples, or a classifier without labels.
  public func sampleQuality(
    _ examples: Examples, in space: FeatureSpace, training: Examples, limit: Int = 5000
  ) throws -> SampleQuality {
    let compared = examples.prefix(limit)
    guard !compared.hasMissing else {
      throw LatentError.usage(
        "Samples are not compared with examples that have missing values", remedy: "Use complete examples")
    }
    let generator = try Generator(trained, drawing: DrawSettings(), seed: seed)
    let conditions = try generator.conditions(of: compared)
    let z = try generator.priorSamples(compared.count, conditions: conditions, seed: seed)
    let samples = try generator.decode(z, conditions: conditions)
    var values = [Float](repeating: 0, count: compared.count * compared.dimensions)
    try values.withUnsafeMutableBufferPointer { try compared.copyRange(0..<compared.count, into: $0) }
    let (left, right) = try features(samples, values, space, training, width: compared.dimensions)
    return SampleQuality(
      features: space, samples: left.count, examples: right.count,
      distances: try SampleDistances(samples: left, examples: right, seed: seed))
  }

  private func features(
    _ samples: [Float], _ examples: [Float], _ space: FeatureSpace, _ training: Examples, width: Int
  ) throws -> (CodeMatrix, CodeMatrix) {
    let (left, right) = (CodeMatrix(samples, width: width), CodeMatrix(examples, width: width))
    switch space {
    case .pixels: return (left, right)
    case .principal:
      let components = PrincipalComponents(right, count: min(64, width), seed: seed)
      return (components.projected(left), components.projected(right))
    case .classifier:
      let classifier = try FeatureClassifier(training: training, seed: seed, backend: trained.backend)
      let size = FeatureClassifier.width
      return try (
        CodeMatrix(classifier.features(samples), width: size), CodeMatrix(classifier.features(examples), width: size)
      )
    }
  }

  /// How well classes can be told from posterior means, learned from up to 5,000 training examples.
  ///
  /// - Returns: `nil` where the data have no labels.
  public func codeProbes(_ examples: Examples, training: Examples) throws -> CodeProbes? {
    let (known, asked) = (training.prefix(5000), examples.prefix(5000))
    guard let labels = known.labels, let askedLabels = asked.labels else { return nil }
    let generator = Generator(trained)
    return try CodeProbes(
      known: CodeMatrix(generator.encode(known), width: generator.latents), labels: labels.map(Int.init),
      asked: CodeMatrix(generator.encode(asked), width: generator.latents), askedLabels: askedLabels.map(Int.init))
  }
}
