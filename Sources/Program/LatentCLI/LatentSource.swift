import Foundation
import Latent

/// What `latent sample` draws latents from: the model's prior, or a sampler that is fitted to the codes of its training
/// data.
struct LatentSource {
  /// The sampler, `nil` for the prior.
  let sampler: (any SamplerFamily)?

  private let hasSettings: Bool
  private let refit: Bool
  private let data: String?
  private let directory: String?

  private static let kinds = Families.builtIn.samplers.map { $0.kind }

  static let help = (["prior"] + kinds).joined(separator: ", ") + " (default prior)"

  /// A model that was trained for reconstruction alone can only be drawn from by a sampler.
  static let noPrior = LatentError.usage(
    "A model that was trained for reconstruction alone has no prior to draw from",
    remedy: "Give --sampler gmm, which is fitted to the codes of the training data")

  /// - Throws: `LatentError` for an unknown sampler, or options that it has no use for.
  init(_ arguments: Arguments) throws {
    let kind = try arguments.choice("--sampler", ["prior"] + Self.kinds)
    let components = try arguments.integer("--components", in: 1...1000)
    let chosen = Families.builtIn.samplers.first { $0.kind == kind }?.init()
    refit = arguments.has("--refit")
    (data, directory) = (arguments.text("--data"), arguments.text("--data-dir"))
    hasSettings = components != nil
    if let components {
      guard var mixture = chosen as? GaussianMixtureSampler else {
        throw LatentError.usage(
          "Only the sampler gmm has components", remedy: "Leave out --components, or give --sampler gmm")
      }
      mixture.components = components
      sampler = mixture
    } else {
      sampler = chosen
    }
    if sampler == nil, let option = ["--refit", "--data", "--data-dir"].first(where: arguments.has) {
      throw LatentError.usage(
        "\(option) is about a sampler that is fitted to data, and the prior is not",
        remedy: "Leave it out, or give --sampler \(Self.kinds.joined(separator: ", "))")
    }
  }

  /// Draws rows of latents, fitting the sampler first where the run keeps none.
  func latents(
    _ count: Int, _ run: RunAccess, _ generator: Generator, _ conditions: [Float], seed: UInt64
  ) throws -> [Float] {
    guard let sampler else {
      guard run.trained.objective.hasPrior else { throw Self.noPrior }
      return try generator.priorSamples(count, conditions: conditions, seed: seed)
    }
    let start = Date()
    defer { Terminal.finishProgress() }
    let samplers = RunSamplers(run.folder, configuration: run.configuration, trained: run.trained)
    let result = try samplers.sampler(sampler, takingOthers: !hasSettings, refit: refit) {
      let examples = try run.configuration.trainingExamples(from: data, directory: directory)
      Terminal.drawProgress("fitting \(sampler.kind) to the codes of \(examples.count) examples")
      return examples
    }
    Terminal.finishProgress()
    if result.wasFitted {
      let seconds = String(format: "%.1f", -start.timeIntervalSinceNow)
      Terminal.writeError("fitted \(sampler.kind) in \(seconds) s, wrote \(result.path)")
    }
    return try result.sampler.sample(count: count, seed: seed)
  }
}
