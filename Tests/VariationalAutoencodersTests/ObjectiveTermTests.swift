import Foundation
import Latent
import TestSupport
import Testing

/// Terms of the caller's own, and the schedules of terms.
@Suite struct ObjectiveTermTests {
  /// weight times the mean of |z|, and a scale that it learns of its own to be near the mean of z^2.
  struct Sparsity: ObjectiveTerm {
    static let name = FamilyName("sparsity", "the mean of |z|")
    static var schedules: [(name: String, path: KeyPath<Sparsity, ScheduledValue>)] { [("weight", \.weight)] }
    var traits: ObjectiveTermTraits { .ofDraws }
    var weight: ScheduledValue = 0
    /// Changes nothing, and is not among the schedules.
    var forgotten: ScheduledValue = 0

    func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws {}
    func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule { Module(term: self) }

    struct Module: ObjectiveTermModule {
      let term: Sparsity
      static let scale = Variable("sparsity/scale", shape: [])
      var variables: [Variable] { [Self.scale] }

      func addends(_ context: ObjectiveTermContext) -> [Tensor] {
        [context.z.absoluteValue().mean() * context(term, \.weight)]
      }

      func ownLoss(_ context: ObjectiveTermContext) -> Tensor? {
        (context.z.graph.read(Self.scale) - context.z.squared().mean().stopGradient()).squared()
      }
    }
  }

  private func objective(_ weight: ScheduledValue) -> Objective {
    Objective.elbo().with { $0.terms[Sparsity.self].weight = weight }
  }

  private func trained(_ objective: Objective) throws -> (size: Double, scale: Double) {
    let configuration = RunConfiguration(
      model: smallModel(latents: 3, hidden: [12]), objective: objective, optimizer: .adam(learningRate: 0.01),
      batchSize: 25, epochs: 12, seed: 1)
    let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: try smallImages(200)))
    try trainer.run()
    let codes = try Generator(trainer.trained).encode(try smallImages(200))
    let scale = objective.terms.on.isEmpty ? 0 : try trainer.trained.store.value(of: Sparsity.Module.scale).doubles[0]
    return (codes.reduce(0) { $0 + Double(abs($1)) } / Double(codes.count), scale)
  }

  @Test func aTermOfTheCallersOwnChangesWhatIsLearned() throws {
    let (plain, sparse) = (try trained(.elbo()), try trained(objective(20)))
    #expect(sparse.size < 0.5 * plain.size)
    #expect(sparse.scale > 0.02)
  }

  @Test func aTermsScheduleIsFollowed() throws {
    let graph = Graph()
    let schedule = ObjectiveSchedule(objective(.linear(from: 0, to: 4, epochs: 10)), in: graph)
    #expect(schedule.names == ["objective.sparsity.weight"])
    #expect(schedule.values(after: 5) == [2])
    #expect(objective(.linear(from: 0, to: 4, epochs: 10)).warmUpEpochs == 10)
  }

  @Test func aScheduleThatNobodyFollowsIsRefused() {
    var wrong = objective(1)
    wrong.terms[Sparsity.self].forgotten = .linear(epochs: 3)
    let error = #expect(throws: LatentError.self) { try smallModel().validate(exampleShape: [8], objective: wrong) }
    #expect(error?.problem.hasPrefix("objective.sparsity.forgotten changes while a model trains") == true)
    wrong.terms[Sparsity.self].forgotten = 2
    #expect(throws: Never.self) { try smallModel().validate(exampleShape: [8], objective: wrong) }
  }

  @Test func aWeightBelowZeroIsRefusedThoughItTurnsTheTermOff() {
    for weight in [ScheduledValue.constant(-1), .linear(from: -1, to: 0, epochs: 3)] {
      let error = #expect(throws: LatentError.self) {
        try smallModel().validate(exampleShape: [8], objective: objective(weight))
      }
      #expect(error?.problem.hasPrefix("objective.sparsity.weight is no schedule") == true)
    }
  }

  @Test(arguments: ["4", "[1]", "true", "\"draws\""]) func aTermThatIsNoGroupOfSettingsIsRefused(_ value: String) throws
  {
    let plain = RunConfiguration(model: smallModel(latents: 3, hidden: [8]))
    let error = #expect(throws: LatentError.self) { try plain.setting("objective.discrepancy", to: value) }
    #expect(error?.problem.contains("objective.discrepancy a value that is no group of settings") == true)
  }

  @Test func aConfigurationHasTheTermsThatItIsToldOf() throws {
    let families = Families.builtIn.adding(Sparsity.self)
    let plain = RunConfiguration(model: smallModel(latents: 3, hidden: [8]))
    let changed = try plain.setting("objective.sparsity.weight", to: "3", families: families)
    #expect(changed.objective.terms[Sparsity.self].weight == 3)
    let read = try RunConfiguration(json: changed.json(), source: "config.json", families: families)
    #expect(read == changed)
    let error = #expect(throws: LatentError.self) { try RunConfiguration(json: changed.json(), source: "config.json") }
    #expect(error?.problem == "config.json sets objective.sparsity, which does not exist")
    #expect(try plain.setting("objective.totalCorrelation.weight", to: "0").objective == plain.objective)
  }

  @Test func termsAreEqualWhateverTheOrderInWhichTheyWereSet() {
    let first = Objective.elbo().with {
      $0.discrepancy.weight = 2
      $0.covariance.diagonal = 3
    }
    var second = Objective.elbo().with {
      $0.covariance.diagonal = 3
      $0.discrepancy.weight = 2
    }
    #expect(first == second && first.hashValue == second.hashValue)
    #expect(first.terms.on.map(\.kind) == ["covariance", "discrepancy"])
    second.covariance.diagonal = 0
    second.discrepancy = Discrepancy()
    #expect(second == .elbo())
  }
}
