import Foundation
import Latent
import TestSupport
import Testing

/// Every combination of the axes: one that makes sense trains, saves, and reloads; one that does not is refused by name.
@Suite(.serialized) struct DesignSpaceTests {
  typealias Model = VariationalAutoencoder

  static let priors: [any PriorFamily] = [
    .standardNormal(dimensions: 3), .normal(dimensions: 3), .mixture(dimensions: 3, components: 4),
    .vampPrior(dimensions: 3, components: 5), .realNVP(dimensions: 3, steps: 2, hidden: [8]),
    .maskedAutoregressiveFlow(dimensions: 3, steps: 2, hidden: [8]),
    .autoregressive(dimensions: 3, components: 2, hidden: [8]), .uniformCodes,
    .uniformChoices(dimensions: 3), .autoregressiveCodes(.transformer(features: 8, heads: 2, blocks: 1)), NoPrior(),
  ]
  static let posteriors: [any PosteriorFamily] = [
    .diagonalNormal, .fullNormal, .planarFlow(steps: 2), .radialFlow(steps: 2), .sylvesterFlow(steps: 2),
    .inverseAutoregressiveFlow(steps: 2, hidden: [8]), .point,
    .quantized(.vector(codes: 8, learning: .movingAverage), codeDimensions: 3),
    .categorical(3), .bernoulli(draws: .straightThrough), NoPosterior(),
  ]

  /// Quantisers, and how many numbers their vectors have.
  static let quantizers: [(family: any QuantizerFamily, dimensions: Int)] = [
    (.vector(codes: 8, gradient: .rotation), 4), (.finiteScalar(levels: [4, 3]), 2), (LookupFreeQuantizer(), 3),
    (.product(2, of: .vector(codes: 4, learning: .linear)), 4),
    (.residual(2, of: living(.vector(codes: 4, learning: .movingAverage)), dropout: true), 4),
  ]

  private static func living(_ quantizer: VectorQuantizer) -> VectorQuantizer {
    var result = quantizer
    (result.deadBelow, result.startIterations) = (0.5, 3)
    return result
  }

  /// Posteriors of one layer, and hierarchies.
  static let inferences: [(name: String, posterior: any PosteriorFamily, hierarchy: Hierarchy)] =
    posteriors.map { ($0.kind, $0, .single) } + [
      ("semi-amortised", .semiAmortized(steps: 2), .single),
      ("bottom-up", .diagonalNormal, .bottomUp([.init(latents: 2, hidden: [6])])),
      ("ladder", .diagonalNormal, .ladder([.init(latents: 2, hidden: [6])])),
      ("flow over layers", .planarFlow(steps: 2), .bottomUp([.init(latents: 2, hidden: [6])])),
    ]

  @Test func everyBuiltInFamilyIsHere() {
    let families = Families.builtIn
    #expect(Self.priors.map(\.kind) == families.kinds(on: PriorAxis.self))
    #expect(Self.posteriors.map(\.kind) == families.kinds(on: PosteriorAxis.self))
    #expect(Self.quantizers.map(\.family.kind) == families.kinds(on: QuantizerAxis.self))
    #expect(Self.networks.map(\.kind) == families.kinds(on: AutoregressiveAxis.self))
    #expect(Set(Self.likelihoods.map(\.kind)) == Set(families.kinds(on: LikelihoodAxis.self)))
    #expect(Set(Self.objectives.map(\.objective.bound.kind)) == Set(families.kinds(on: BoundAxis.self)))
  }

  static let objectives: [(name: String, objective: Objective)] = [
    ("bound, closed form", .elbo()), ("bound, Monte Carlo", .elbo(estimator: .monteCarlo, samples: 2)),
    ("annealed", .elbo(beta: .linear(epochs: 2))), ("importance weights", .importanceWeighted(3)),
    ("doubly reparameterised", .importanceWeighted(3, gradient: .doublyReparameterized)),
    ("path derivative", Objective(.evidenceLowerBound, estimator: .monteCarlo, gradient: .doublyReparameterized)),
    ("partial", Objective(.partiallyImportanceWeighted, samples: 2, importanceSamples: 2)),
    ("combined", Objective(.combinedImportanceWeighted(), importanceSamples: 3)),
    ("renyi", Objective(.renyi(.linear(from: 0.9, to: 0.1, epochs: 2)), importanceSamples: 3)),
    ("score function", Objective(.evidenceLowerBound, estimator: .monteCarlo, gradient: .scoreFunctionWithBaseline)),
    ("free bits", Objective.elbo().with { $0.freeBits.nats = 0.1 }),
    (
      "free bits by layer",
      Objective.elbo().with {
        $0.freeBits.nats = 0.1
        $0.freeBits.scope = .group
      }
    ),
    (
      "capacity",
      Objective.elbo().with {
        $0.capacity.weight = 1
        $0.capacity.nats = .linear(from: 0, to: 3, epochs: 2)
      }
    ),
    ("total correlation", Objective.elbo().with { $0.totalCorrelation.weight = .constant(1) }),
    (
      "density ratio",
      Objective.elbo().with {
        $0.totalCorrelation.weight = .constant(1)
        $0.totalCorrelation.estimator = .densityRatio
        $0.totalCorrelation.hidden = [8]
      }
    ),
    ("covariance", Objective.elbo().with { $0.covariance.offDiagonal = 1 }),
    ("discrepancy", Objective.elbo().with { $0.discrepancy.weight = .constant(1) }),
    ("reconstruction", .reconstruction),
    ("Wasserstein", Objective.reconstruction.with { $0.discrepancy.weight = .constant(1) }),
    (
      "regularised",
      Objective.reconstruction.with {
        $0.regularization.latentNorm = 0.1
        $0.regularization.decoderNorm = 1e-4
        $0.regularization.gradientPenalty = 0.01
      }
    ),
    ("denoising", Objective.elbo().with { $0.corruption.kind = .saltAndPepper }),
  ]

  private func configuration(
    _ prior: any PriorFamily, _ posterior: any PosteriorFamily, _ hierarchy: Hierarchy, _ objective: Objective,
    likelihood: any LikelihoodFamily = .bernoulli
  ) -> RunConfiguration {
    RunConfiguration(
      model: Model(
        prior: prior, encoder: .mlp(hidden: [12], posterior: posterior),
        decoder: .mlp(hidden: [12], likelihood: likelihood), hierarchy: hierarchy),
      objective: objective, optimizer: .adam(learningRate: 0.01), batchSize: 25, epochs: 4, seed: 1)
  }

  /// Trains for a few steps, and holds what every model must do. Returns whether it was refused.
  private func train(_ configuration: RunConfiguration, _ examples: Examples, _ name: String) throws -> Bool {
    let dataset = Dataset(name: "bars", train: examples)
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.path + "/run")
    let trainer: Trainer
    do {
      trainer = try Trainer(configuration, dataset: dataset, folder: run)
    } catch let error as LatentError {
      #expect(error.category == .usage && !error.remedy.isEmpty, "\(name): \(error)")
      return true
    }
    try run.create(replacing: false)
    var scores: [Double] = []
    do {
      try trainer.run { event in
        if case .metrics(let metrics) = event { scores.append(metrics.objective ?? metrics.score) }
      }
    } catch {
      Issue.record("\(name) does not train: \(error)")
      return false
    }
    #expect(scores.allSatisfy { $0.isFinite }, "\(name): \(scores)")
    // Where the weight of the rate grows, what is maximised falls.
    let isAnnealed = configuration.objective.beta.kind != .constant || configuration.objective.capacity.weight != 0
    #expect(isAnnealed || scores[3] > scores[0], "\(name): \(scores)")
    let reloaded = try TrainedModel(run: run)
    #expect(try samples(of: trainer.trained) == samples(of: reloaded), "\(name)")
    return false
  }

  private func samples(of trained: TrainedModel) throws -> [Float] {
    let generator = Generator(trained)
    let isConditional = trained.model.specification.condition.isOn
    let conditions = isConditional ? try generator.conditions(labels: [0, 1, 2, 0, 1]) : []
    let z =
      trained.objective.hasPrior
      ? try generator.priorSamples(5, conditions: conditions, seed: 3)
      : [Float](repeating: 0.3, count: 5 * generator.latents)
    return try generator.decode(z, conditions: conditions)
  }

  @Test(arguments: Self.priors) func priorsGoWithPosteriorsAndObjectives(_ prior: any PriorFamily) throws {
    let examples = try smallImages(100)
    var refused: [String] = []
    for inference in Self.inferences {
      for objective in Self.objectives {
        let name = "\(prior.kind), \(inference.name), \(objective.name)"
        let configuration = configuration(prior, inference.posterior, inference.hierarchy, objective.objective)
        if try train(configuration, examples, name) { refused.append("\(inference.name), \(objective.name)") }
      }
    }
    // The reasons are tested one by one below; here, that exactly these are refused and nothing else.
    #expect(
      Set(refused) == Self.expectedRefusals(prior.kind),
      "\(Set(refused).symmetricDifference(Self.expectedRefusals(prior.kind)).sorted())")
  }

  /// The combinations that make no sense with a prior, from the definitions.
  static func expectedRefusals(_ prior: String) -> Set<String> {
    var result: Set<String> = []
    for inference in inferences {
      for (name, objective) in objectives where isNonsense(prior, inference, name, objective) {
        result.insert("\(inference.name), \(name)")
      }
    }
    return result
  }

  private static func isNonsense(
    _ prior: String, _ inference: (name: String, posterior: any PosteriorFamily, hierarchy: Hierarchy), _ name: String,
    _ objective: Objective
  ) -> Bool {
    let isSingle = inference.hierarchy.layers.isEmpty
    let kind = inference.posterior.kind
    let isNormal = isSingle && kind == "diagonalNormal"
    if inference.name == "flow over layers" { return true }
    // A model without latents has no encoder, which these have.
    if prior == "none" || kind == "none" { return true }
    if ["uniformCodes", "autoregressiveCodes"].contains(prior) != (kind == "quantized") { return true }
    let isChoice = ["categorical", "bernoulli"].contains(kind)
    if (prior == "uniformChoices") != isChoice { return true }
    let needsDensity = objective.bound.traits.contains(.importanceWeights) || objective.gradient != .pathwise
    if isChoice, needsDensity || objective.estimator == .monteCarlo { return true }
    if prior == "vampPrior", !isNormal { return true }
    if objective.hasBound, kind == "point" { return true }
    if !objective.hasBound, !objective.hasPrior, !["standardNormal", "uniformCodes", "uniformChoices"].contains(prior) {
      return true
    }
    // Draws of codes carry no gradient, with or without a discrepancy.
    if !objective.hasBound, prior == "autoregressiveCodes" { return true }
    let isRefined = inference.name == "semi-amortised"
    let knowsDensity = isSingle && ["diagonalNormal", "fullNormal"].contains(kind) && !isRefined
    switch name {
    case "doubly reparameterised", "path derivative": return !knowsDensity || prior == "vampPrior"
    case "score function": return !knowsDensity
    case "free bits": return kind != "diagonalNormal" || prior != "standardNormal" || isRefined
    case "free bits by layer", "capacity": return isRefined
    case "total correlation", "covariance": return !isNormal
    default: return false
    }
  }

  @Test(arguments: Self.quantizers.indices) func quantizersGoWithNetworksAndLabels(_ index: Int) throws {
    let (quantizer, dimensions) = Self.quantizers[index]
    var values = [Float](repeating: 0, count: 100 * 64)
    try values.withUnsafeMutableBufferPointer { try smallImages(100).copyRange(0..<100, into: $0) }
    let examples = try Examples(floats: values, shape: [8, 8, 1], labels: (0..<100).map { $0 % 3 })
    for isResidual in [false, true] {
      var configuration = configuration(
        .uniformCodes, .quantized(quantizer, codeDimensions: dimensions), .single, .elbo())
      configuration.model.condition.kind = isResidual ? .label : .none
      if isResidual {
        var network = ResidualNetwork()
        (network.channels, network.groups, network.keepsGrid) = ([8, 8], 4, true)
        (configuration.model.encoder.network, configuration.model.decoder.network) = (network, network)
      } else {
        var network = ConvolutionalNetwork()
        (network.channels, network.hidden, network.blocks, network.keepsGrid) = ([8, 8], [], 1, true)
        (configuration.model.encoder.network, configuration.model.decoder.network) = (network, network)
      }
      let title = "\(quantizer.kind), \(isResidual)"
      #expect(try !train(configuration, examples, title), "\(title) was refused")
    }
  }

  /// Networks that go through the pixels of small pictures.
  static let networks: [any AutoregressiveFamily] = [
    .masked(hidden: [16]), .nade(hidden: 8), .gatedPixelCNN(features: 4, blocks: 2, headFeatures: 8),
    .transformer(features: 8, heads: 2, blocks: 1),
  ]

  @Test func modelsWithoutLatentsTrain() throws {
    for network in Self.networks {
      let likelihoods: [AutoregressiveLikelihood] = [
        .autoregressive(network), .autoregressive(network, output: .greyLevels(4)),
        .autoregressive(network, output: .laplace()),
      ]
      for likelihood in likelihoods {
        var configuration = configuration(.standardNormal(dimensions: 3), .diagonalNormal, .single, .elbo())
        configuration.model = .withoutLatents(likelihood)
        let title = "\(network.kind), \(likelihood.output.kind)"
        #expect(try !train(configuration, smallImages(100), title), "\(title) was refused")
      }
    }
  }

  static let likelihoods: [any LikelihoodFamily] =
    [
      .bernoulli, .continuousBernoulli, .laplace(), .greyLevels(), .tokens(levels: 4), .discretizedLogistic,
      .discretizedLogisticMixture, .poisson, .negativeBinomial, .zeroInflatedNegativeBinomial, .binaryPatterns,
      .logitLaplace, .columns(numbers: 64),
    ] + networks.map { .autoregressive($0, context: 2) }
    + [.autoregressive(networks[2], output: .discretizedLogisticMixture, context: 1)]
    + NormalLikelihood.Variance.allCases.map { .normal(variance: $0, standardDeviation: 0.5) }

  @Test(arguments: Self.likelihoods) func likelihoodsGoWithBoundsAndDecoders(_ likelihood: any LikelihoodFamily) throws
  {
    let examples = try data(for: likelihood)
    for (name, objective) in Self.objectives
    where ["bound, closed form", "importance weights", "discrepancy", "Wasserstein", "regularised"].contains(name) {
      for isConvolutional in [false, true] {
        var configuration = configuration(
          .standardNormal(dimensions: 3), .diagonalNormal, .single, objective, likelihood: likelihood)
        if isConvolutional { configuration.model.decoder.network = .convolutional(channels: [4, 6], hidden: [8]) }
        let title = "\(likelihood), \(name), \(isConvolutional)"
        if likelihood.kind == "binaryPatterns" { configuration.data.binarization = .stochastic }
        // What is decoded is drawn, and has no Jacobian.
        let isRefused = likelihood.kind == "autoregressive" && name == "regularised"
        #expect(try train(configuration, examples, title) == isRefused, "\(title)")
      }
    }
  }

  /// Data of the kind that a likelihood is about.
  private func data(for likelihood: any LikelihoodFamily) throws -> Examples {
    let grey = try smallImages(100)
    var values = [Float](repeating: 0, count: 100 * 64)
    try values.withUnsafeMutableBufferPointer { try grey.copyRange(0..<100, into: $0) }
    if likelihood.traits.contains(.counts) {
      return try Examples(floats: values.map { ($0 * 6).rounded(.down) }, shape: [8, 8, 1])
    }
    guard (likelihood as? CategoricalLikelihood)?.levelKind == .tokens else { return grey }
    return try Examples(floats: values.map { ($0 * 3.9).rounded(.down) }, shape: [8, 8, 1])
  }
}
