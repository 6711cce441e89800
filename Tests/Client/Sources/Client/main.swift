// A prior, a likelihood, networks, and a term of an objective that Latent does not have; trained, resumed, evaluated, read back.
import Foundation
import Latent

/// Independent Laplace latents.
struct LaplacePrior: PriorFamily, PriorModule {
  static let name = FamilyName("laplace", "independent Laplace distributions")
  var traits: PriorTraits { .independentLatents }
  var dimensions = 6
  var logScale = -0.35
  var variables: [Variable] { [] }
  func validate(at site: PriorSite) throws {}
  func make(at site: PriorSite) -> any PriorModule { self }
  func distribution(_ context: PriorContext) -> any Distribution {
    let zeros = context.graph.constant(0).broadcast(to: [context.count, dimensions])
    return Laplace(mean: zeros, logScale: zeros + logScale)
  }
}

/// Student's t with a learned scale for all pixels, for real numbers with outliers.
struct StudentTLikelihood: LikelihoodFamily {
  static let name = FamilyName("studentT", "Student's t with a learned scale")
  var traits: LikelihoodTraits { [.independentDimensions, .density] }
  var range: (least: Double?, greatest: Double?) { (nil, nil) }
  var degreesOfFreedom = 4
  func validate(exampleShape: [Int]) throws {}
  func check(_ data: ValueSurvey, inBound: Bool) throws -> String? { nil }
  func parametersPerPixel(channels: Int) -> Int { channels }
  func outputBias(for mean: [Float]) -> [Double]? { mean.map(Double.init) }
  func make(at site: LikelihoodSite) -> any LikelihoodModule { Module(degreesOfFreedom: degreesOfFreedom) }

  struct Module: LikelihoodModule {
    let degreesOfFreedom: Int
    let logScale = Variable("likelihood/logScale", shape: [1], initializer: .constant(-1))
    var variables: [Variable] { [logScale] }
    func distribution(_ outputs: DecoderOutputs) -> any Distribution {
      let logScale = outputs.tensor.graph.read(logScale)
      return StudentT(mean: outputs.parameter, logScale: logScale, degreesOfFreedom: degreesOfFreedom)
    }
  }
}

struct StudentT: FactorizedDistribution {
  let mean: Tensor, logScale: Tensor, degreesOfFreedom: Int
  func elementLogProbability(_ x: Tensor) -> Tensor {
    let count = Double(degreesOfFreedom)
    let (half, spread): (Double, Double) = ((count + 1) / 2, 0.5 * log(count * Double.pi))
    let constant: Double = lgamma(half) - lgamma(count / 2) - spread
    return constant - logScale - (((x - mean) * (-logScale).exp()).squared() / count).log1p() * half
  }

  func sample(count: Int?) -> Tensor {
    let shape = mean.shape.draws(count)
    let normals = mean.graph.random(.normal, shape: Shape([degreesOfFreedom] + shape.dimensions), type: mean.type)
    let (spread, normal) = (normals.squared().mean([0]), mean.graph.random(.normal, shape: shape, type: mean.type))
    return mean + logScale.exp() * normal / spread.squareRoot()
  }
}

/// A residual block with group normalisation, and attention, between a strided convolution and dense layers.
struct AttentiveNetwork: EncoderFamily, DecoderFamily {
  static let name = FamilyName("attentive", "a residual block and attention")
  var usesBatchStatistics: Bool { false }
  var channels = 8

  func validate(_ part: String, exampleShape: [Int]) throws {
    guard exampleShape.count == 3, exampleShape.dropLast().allSatisfy({ $0 % 4 == 0 }) else {
      throw LatentError.usage("The \(part) needs images of 4 x 4 tiles", remedy: "Give such images")
    }
  }
  func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer { Dense(name, inputs: inputs, outputs: outputs) }

  private func middle(_ name: String) -> [any Layer] {
    func normalization(_ part: String) -> any Layer { GroupNormalization(name + part, features: channels, groups: 2) }
    let convolution = Convolution(name + "/convolution", inputs: channels, outputs: channels, size: 3)
    return [
      Residual([normalization("/first"), ActivationLayer(.silu), convolution]),
      Residual([normalization("/second"), SelfAttention(name + "/attention", features: channels, heads: 2)]),
    ]
  }

  func makeEncoder(at site: EncoderSite) -> any EncoderModule {
    let size = site.exampleShape[0] / 4 * (site.exampleShape[1] / 4) * channels
    let down = Convolution(
      site.name + "/down", inputs: site.exampleShape[2], outputs: channels, size: 4, stride: 4, activation: .silu)
    return Module(layers: Sequential([down] + middle(site.name) + [Reshape([size])]), features: size)
  }

  func makeDecoder(at site: DecoderSite) -> any Layer {
    let seed = [site.exampleShape[0] / 4, site.exampleShape[1] / 4, channels]
    let dense = dense(site.name + "/seed", inputs: site.inputs, outputs: seed.reduce(1, *))
    let up = TransposedConvolution(site.name + "/up", inputs: channels, outputs: site.parameters, size: 4, stride: 4)
    return Sequential([dense, Reshape(seed)] + middle(site.name) + [up])
  }

  struct Module: EncoderModule {
    let layers: Sequential, features: Int
    var variables: [Variable] { layers.variables }
    func callAsFunction(_ examples: Tensor, condition: Tensor?, mode: Mode) -> Tensor { layers(examples, mode: mode) }
  }
}

/// weight times the mean of |z|, so that few latents are far from 0.
struct Sparsity: ObjectiveTerm, ObjectiveTermModule {
  static let name = FamilyName("sparsity", "the mean of |z|")
  static var schedules: [(name: String, path: KeyPath<Sparsity, ScheduledValue>)] { [("weight", \.weight)] }
  var traits: ObjectiveTermTraits { .ofDraws }
  var weight: ScheduledValue = 0
  func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws {}
  func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule { self }
  func addends(_ context: ObjectiveTermContext) -> [Tensor] {
    [context.z.absoluteValue().mean() * context(self, \.weight)]
  }
}

let families = Families.builtIn.adding(LaplacePrior.self, StudentTLikelihood.self, AttentiveNetwork.self, Sparsity.self)
var configuration = RunConfiguration(
  model: VariationalAutoencoder(
    prior: LaplacePrior(), encoder: .init(network: AttentiveNetwork(), posterior: .diagonalNormal),
    decoder: .init(network: AttentiveNetwork(), likelihood: StudentTLikelihood())),
  optimizer: .adam(learningRate: 2e-3), batchSize: 50, epochs: 4, seed: 1)
configuration.objective.terms[Sparsity.self].weight = .linear(from: 0, to: 0.1, epochs: 2)
let data = Sprites.dataset(train: 500, test: 100)
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("latent-client-\(getpid())").path

@MainActor func train(_ name: String, epochs: [Int]) throws -> RunFolder {
  let run = RunFolder(path: folder + "/" + name)
  try run.create(replacing: false)
  for (index, count) in epochs.enumerated() {
    var part = index == 0 ? configuration : try run.configuration(families: families)
    part.epochs = count
    let last = try Trainer(part, dataset: data, folder: run, resuming: index > 0).run()
    print("\(name): after \(count) epochs the bound is \(last.elbo ?? .nan) nats")
  }
  return run
}

let (whole, halves) = (try train("whole", epochs: [4]), try train("halves", epochs: [2, 4]))
let bytes = try [whole, halves].map { try Data(contentsOf: URL(fileURLWithPath: $0.checkpointPath)) }
precondition(bytes[0] == bytes[1], "a run that was resumed differs from one that was not")
let read = try whole.configuration(families: families)
precondition(read.model == configuration.model && read.objective == configuration.objective, "another model is read")
let evaluator = Evaluator(try TrainedModel(run: whole, families: families), seed: 1)
let bound = try evaluator.bound(data.train)
let likelihood = try evaluator.negativeLogLikelihood(data.train, samples: 50)
try FileManager.default.removeItem(atPath: folder)
print("bound \(bound.elbo), log-likelihood \(-likelihood.nll) ± \(likelihood.error) nats")
precondition(-likelihood.nll > bound.elbo, "importance samples make the bound no tighter")
try trainDenoiser(data)
