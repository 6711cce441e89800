import Foundation
import Latent

/// What `latent sample` draws latents from: the model's prior, or a sampler that is fitted to the codes of its training
/// data.
struct LatentSource {
  /// The sampler, `nil` for the prior.
  let kind: SamplerKind?

  private let components: Int?
  private let refit: Bool
  private let data: String?
  private let directory: String?

  private static let names = ["prior"] + SamplerKind.allCases.map(\.rawValue)

  static let help = names.joined(separator: ", ") + " (default prior)"

  /// A model that was trained for reconstruction alone can only be drawn from by a sampler.
  static let noPrior = LatentError.usage(
    "A model that was trained for reconstruction alone has no prior to draw from",
    remedy: "Give --sampler gmm, which is fitted to the codes of the training data")

  /// - Throws: `LatentError` for an unknown sampler, or options that it has no use for.
  init(_ arguments: Arguments) throws {
    kind = try arguments.choice("--sampler", Self.names).flatMap(SamplerKind.init)
    components = try arguments.integer("--components", in: 1...1000)
    refit = arguments.has("--refit")
    (data, directory) = (arguments.text("--data"), arguments.text("--data-dir"))
    if components != nil, kind != .gaussianMixture {
      throw LatentError.usage(
        "Only the sampler gmm has components", remedy: "Leave out --components, or give --sampler gmm")
    }
    if kind == nil, let option = ["--refit", "--data", "--data-dir"].first(where: arguments.has) {
      throw LatentError.usage(
        "\(option) is about a sampler that is fitted to data, and the prior is not",
        remedy: "Leave it out, or give --sampler \(SamplerKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
  }

  /// Draws rows of latents, fitting the sampler first where the run keeps none.
  func latents(
    _ count: Int, _ run: RunAccess, _ generator: Generator, _ conditions: [Float], seed: UInt64
  ) throws -> [Float] {
    guard let kind else {
      guard run.trained.objective.hasPrior else { throw Self.noPrior }
      return try generator.priorSamples(count, conditions: conditions, seed: seed)
    }
    let start = Date()
    defer { Terminal.finishProgress() }
    let samplers = RunSamplers(run.folder, configuration: run.configuration, trained: run.trained)
    let result = try samplers.sampler(kind, components: components, refit: refit) {
      let examples = try run.configuration.trainingExamples(from: data, directory: directory)
      Terminal.drawProgress("fitting \(kind.rawValue) to the codes of \(examples.count) examples")
      return examples
    }
    Terminal.finishProgress()
    if result.wasFitted {
      let seconds = String(format: "%.1f", -start.timeIntervalSinceNow)
      Terminal.writeError("fitted \(kind.rawValue) in \(seconds) s, wrote \(result.path)")
    }
    return try result.sampler.sample(count: count, seed: seed)
  }
}
