import Foundation
import Latent
import TestSupport
import Testing

/// Families of the caller's own, and what a configuration says of families.
@Suite struct FamilyTests {
  /// N(0, scale^2 I).
  struct ScaledNormalPrior: PriorFamily {
    static let name = FamilyName("scaledNormal", "N(0, scale^2 I)")
    var traits: PriorTraits { .independentLatents }
    var dimensions = 3
    var scale = 2.0

    func validate(at site: PriorSite) throws {
      guard scale > 0 else { throw LatentError.usage("The scale is \(scale)", remedy: "Set model.prior.scale above 0") }
    }

    func make(at site: PriorSite) -> any PriorModule { Module(latents: site.latents, scale: scale) }

    private struct Module: PriorModule {
      let latents: Int, scale: Double
      var variables: [Variable] { [] }

      func distribution(_ context: PriorContext) -> any Distribution {
        let mean = context.graph.constant(0).broadcast(to: [context.count, latents])
        return DiagonalNormal(mean: mean, logVariance: mean + 2 * log(scale))
      }
    }
  }

  private let families = Families.builtIn.adding(ScaledNormalPrior.self)
  private let configuration = RunConfiguration(
    model: smallModel(latents: 3, hidden: [8]), optimizer: .adam(learningRate: 5e-3), batchSize: 50, epochs: 2, seed: 1)

  @Test func aPriorOfTheCallersOwnTrainsAndIsReadBack() throws {
    var own = configuration
    own.model.prior = ScaledNormalPrior()
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    let trainer = try Trainer(own, dataset: Dataset(name: "bars", train: try smallImages(200)), folder: run)
    try trainer.run()
    #expect(try run.configuration(families: families) == trainer.configuration)
    let trained = try TrainedModel(run: run, families: families)
    // The codes of 2000 draws have the prior's own deviation, and not that of N(0, I).
    let codes = try Generator(trained).priorSamples(2000, seed: 1).map(Double.init)
    let square = codes.reduce(0) { $0 + $1 * $1 } / Double(codes.count)
    #expect(abs(square - 4) < 0.2)
    let error = #expect(throws: LatentError.self) { try TrainedModel(run: run) }
    #expect(error?.problem.hasSuffix("gives model.prior.kind the value scaledNormal, which is no prior") == true)
  }

  @Test func settingsOfTheCallersOwnAreChangedByTheirPath() throws {
    let scaled = try configuration.setting("model.prior.kind", to: "scaledNormal", families: families)
      .setting("model.prior.scale", to: "3", families: families)
    let prior = try #require(scaled.model.prior as? ScaledNormalPrior)
    #expect(prior.scale == 3 && prior.dimensions == configuration.model.prior.dimensions)
    let read = try RunConfiguration(json: scaled.json(), source: "config.json", families: families)
    #expect(read == scaled)
    let error = #expect(throws: LatentError.self) {
      try configuration.setting("model.prior.kind", to: "scaledNorm", families: families)
    }
    #expect(error?.remedy.hasPrefix("Did you mean scaledNormal?") == true)
  }

  @Test func aFamilyAddedLaterTakesThePlaceOfOneOfItsKind() {
    struct Other: PriorFamily {
      static let name = FamilyName("standardNormal", "another")
      var traits: PriorTraits { [] }
      var dimensions = 1
      func validate(at site: PriorSite) throws {}
      func make(at site: PriorSite) -> any PriorModule { StandardNormalPrior().make(at: site) }
    }
    let more = Families.builtIn.adding(Other.self)
    #expect(more.type("standardNormal", on: PriorAxis.self) == Other.self)
    #expect(more.kinds(on: PriorAxis.self) == Families.builtIn.kinds(on: PriorAxis.self))
    #expect(more.type("standardNormal", on: PosteriorAxis.self) == nil)
  }

  @Test func everyFamilyGoesRoundWithItsDefaults() throws {
    var result = configuration
    func check(_ message: String) throws {
      let read = try RunConfiguration(json: result.json(), source: message)
      #expect(read == result, "\(message)")
    }
    for type in Families.builtIn.types {
      let family = type.init()
      #expect(!type.kind.isEmpty && !type.name.summary.isEmpty)
      if let prior = PriorAxis.member(family) { result.model.prior = prior }
      if let posterior = PosteriorAxis.member(family) { result.model.encoder.posterior = posterior }
      if let likelihood = LikelihoodAxis.member(family) { result.model.decoder.likelihood = likelihood }
      if let network = EncoderAxis.member(family) { result.model.encoder.network = network }
      if let network = DecoderAxis.member(family) { result.model.decoder.network = network }
      if let bound = BoundAxis.member(family) { result.objective.bound = bound }
      try check(type.kind)
    }
  }

  @Test func whatTwoKindsHaveInCommonIsKept() throws {
    let mixture = try configuration.setting("model.prior.kind", to: "mixture").setting(
      "model.prior.components", to: "7")
    #expect(mixture.model.prior as? MixturePrior == .mixture(dimensions: 3, components: 7))
    let vamp = try mixture.setting("model.prior", to: "vampPrior")
    #expect(vamp.model.prior as? VampPrior == .vampPrior(dimensions: 3, components: 7))
    let convolutional = try configuration.setting("model.encoder.network.architecture", to: "convolutional")
    let network = try #require(convolutional.model.encoder.network as? ConvolutionalNetwork)
    #expect(network.hidden == [8] && network.channels == [32, 64])
  }

  /// Written by the version before families, for a prior, a posterior, and a likelihood with settings of their own.
  @Test func aConfigurationOfFormat2IsRead() throws {
    let read = try RunConfiguration(json: Data(format2.utf8), source: "config.json")
    #expect(read.model.prior as? MixturePrior == .mixture(dimensions: 6, components: 12))
    #expect(read.model.encoder.posterior as? SylvesterFlowPosterior == .sylvesterFlow(steps: 3))
    let likelihood = NormalLikelihood.normal(variance: .scalar, standardDeviation: 0.3, meanActivation: .logistic)
    #expect(read.model.decoder.likelihood as? NormalLikelihood == likelihood)
    #expect(read.model.encoder.network as? MultilayerPerceptron == .mlp(hidden: [24], activation: .relu))
    #expect(read.format == RunConfiguration.currentFormat)
    let again = try RunConfiguration(json: read.json(), source: "config.json")
    #expect(again == read)
    let wrong = format2.replacingOccurrences(of: "\"reflections\"", with: "\"reflection\"")
    let error = #expect(throws: LatentError.self) {
      try RunConfiguration(json: Data(wrong.utf8), source: "config.json")
    }
    #expect(error?.description.contains("model.encoder.posterior.reflection, which does not exist") == true)
  }

  /// The first files of format 3 had the share of a combined bound whatever the bound was.
  @Test func aShareOfABoundThatHasNoneIsLeftOutOfFilesAndRefusedInSettings() throws {
    var tree = try #require(JSONSerialization.jsonObject(with: configuration.json()) as? [String: Any])
    var objective = try #require(tree["objective"] as? [String: Any])
    objective["combination"] = 0.5
    tree["objective"] = objective
    let json = try JSONSerialization.data(withJSONObject: tree)
    #expect(try RunConfiguration(json: json, source: "config.json") == configuration)
    let error = #expect(throws: LatentError.self) { try configuration.setting("objective.combination", to: "0.3") }
    #expect(error?.problem == "--set sets objective.combination, which does not exist")
    let combined = try configuration.setting("objective.kind", to: "combinedImportanceWeighted")
      .setting("objective.combination", to: "0.3")
    #expect((combined.objective.bound as? CombinedImportanceWeightedBound) == .combinedImportanceWeighted(0.3))
  }

  /// A bound whose setting would be read and written where another stands.
  @Test func aBoundWithASettingThatTheObjectiveHasIsRefused() throws {
    struct Wrong: BoundFamily {
      static let name = FamilyName("wrong", "a bound of the tests")
      var traits: BoundTraits { .bound }
      var samples = 3
      func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
        context.minimizing(-context.terms.elbo.mean())
      }
    }
    var wrong = configuration
    wrong.objective.bound = Wrong()
    let error = #expect(throws: LatentError.self) {
      try wrong.model.validate(exampleShape: [8, 8, 1], objective: wrong.objective)
    }
    #expect(error?.problem.contains("has the name samples") == true)
    // Terms stand there too, whether they were changed or not.
    struct Disguised: BoundFamily {
      static let name = FamilyName("disguised", "a bound of the tests")
      var traits: BoundTraits { .bound }
      var discrepancy = 3
      func losses(_ context: BoundContext) -> [(loss: Tensor, variables: [Variable])] {
        context.minimizing(-context.terms.elbo.mean())
      }
    }
    wrong.objective.bound = Disguised()
    #expect(throws: LatentError.self) {
      try wrong.model.validate(exampleShape: [8, 8, 1], objective: wrong.objective)
    }
  }

  @Test func whatFormat2HadForOtherKindsIsRefusedInFormat3() throws {
    let text = format2.replacingOccurrences(of: "\"format\":2", with: "\"format\":3")
    let error = #expect(throws: LatentError.self) {
      try RunConfiguration(json: Data(text.utf8), source: "config.json")
    }
    #expect(error?.problem.hasSuffix("which does not exist") == true)
  }
}

/// A configuration of format 2, as that version wrote it but for line breaks.
private let format2 = #"""
  {"batchSize":10,"data":{"binarization":"none","dequantization":"none","directory":"","exampleShape":[28,28,1],
  "fingerprint":"3683490c45ae1fbc80eae4bfdfae0d0213155e2a82952551b2fcb5c858aa7e6a","limit":20,"name":"mnist",
  "validation":0},"epochs":1,"format":2,"lagging":{"maximumSteps":0,"window":10},
  "model":{"condition":{"encoder":true,"kind":"none","prior":false,"size":0},
  "decoder":{"likelihood":{"components":5,"kind":"normal","levelKind":"grey","levels":256,
  "meanActivation":"logistic","standardDeviation":0.3,"variance":"scalar"},"network":{"activation":"tanh",
  "architecture":"mlp","channels":[],"hidden":[500],"kernelSize":4,"unit":"plain"}},
  "encoder":{"network":{"activation":"relu","architecture":"mlp","channels":[],"hidden":[24],"kernelSize":4,
  "unit":"plain"},"posterior":{"hidden":[128,128],"kind":"sylvesterFlow","refinementRate":0.1,"refinementSteps":0,
  "reflections":4,"steps":3}},"hierarchy":{"inference":"bottomUp","layers":[]},"missingValues":false,
  "prior":{"components":12,"dimensions":6,"hidden":[128,128],"kind":"mixture","steps":4}},
  "objective":{"beta":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,"value":1},
  "capacity":{"nats":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,"value":0},
  "weight":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,"value":0}},
  "combination":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,"value":0.5},
  "corruption":{"kind":"none","level":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,
  "value":0.25}},"covariance":{"diagonal":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,
  "steepness":1,"value":0},"kind":"means","offDiagonal":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,
  "start":0,"steepness":1,"value":0}},"discrepancy":{"kernel":"inverseMultiquadratic","scale":1,
  "weight":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,"value":0}},
  "estimator":"closedForm","freeBits":{"nats":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,
  "steepness":1,"value":0},"scope":"dimension"},"gradient":"pathwise","importanceSamples":1,
  "kind":"evidenceLowerBound","regularization":{"decoderNorm":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,
  "start":0,"steepness":1,"value":0},"gradientPenalty":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,
  "start":0,"steepness":1,"value":0},"latentNorm":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,
  "steepness":1,"value":0}},"samples":1,"totalCorrelation":{"estimator":"weightedSampling","hidden":[1000,1000,
  1000,1000,1000,1000],"weight":{"cycles":4,"epochs":0,"kind":"constant","ramp":0.5,"start":0,"steepness":1,
  "value":0}}},"optimizer":{"averageDecay":0,"beta1":0.9,"beta2":0.999,"clipNorm":0,"epsilon":1e-08,
  "learningRate":0.001,"momentum":0,"rule":"adam","weightDecay":0},"patience":0,"precision":"f32","preset":"vae",
  "schedule":{"factor":0.5,"interval":10,"kind":"constant","warmupSteps":0},"seed":0,"version":"0.1.0"}
  """#
