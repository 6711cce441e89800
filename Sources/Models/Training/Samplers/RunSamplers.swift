import LatentDatasets
import LatentDiagnostics
import LatentEvaluation
import LatentFileFormats
import Foundation

/// The samplers that are kept with a run, each in a file of its own under `samplers`.
///
/// A file remembers which weights its codes came from, by the SHA-256 of the checkpoint. A sampler of other weights, such as
/// those from before the run was resumed, is fitted again.
public struct RunSamplers {
  /// A sampler and how it was come by.
  public struct Result {
    /// The sampler, of the run's present weights.
    public let sampler: any LatentSampler
    /// Whether it was fitted just now, rather than loaded.
    public let wasFitted: Bool
    /// The path of its file.
    public let path: String
  }

  private let folder: RunFolder
  private let configuration: RunConfiguration
  private let trained: TrainedModel

  /// - Parameters:
  ///   - folder: the run.
  ///   - configuration: the run's.
  ///   - trained: the run's model; codes are computed in float32 whatever its precision.
  public init(_ folder: RunFolder, configuration: RunConfiguration, trained: TrainedModel) {
    self.folder = folder
    self.configuration = configuration
    var trained = trained
    trained.precision = .f32
    self.trained = trained
  }

  /// The path of the file in which a sampler of a kind is kept, whether it is there or not.
  public func path(of kind: SamplerKind) -> String { folder.samplersPath + "/" + kind.rawValue + ".safetensors" }

  /// Loads a sampler, or fits and saves it where there is none for the run's present weights.
  ///
  /// - Parameters:
  ///   - kind: which.
  ///   - components: how many components a mixture has; `nil` takes what is there, or 10.
  ///   - refit: whether to fit even where there is one.
  ///   - examples: the run's training examples (see `RunConfiguration.trainingExamples`), asked for when they are needed.
  /// - Throws: `LatentError` when a file is damaged or cannot be written, or the sampler cannot be fitted.
  public func sampler(
    _ kind: SamplerKind, components: Int? = nil, refit: Bool = false, examples: () throws -> Examples
  ) throws -> Result {
    let path = path(of: kind)
    let weights = SHA256.hexDigest(of: try FileReading.data(at: folder.weightsPath))
    if !refit, FileManager.default.fileExists(atPath: path) {
      let sampler = try kind.load(from: path, backend: trained.backend)
      let isAsAsked = components.map { (sampler as? GaussianMixtureSampler)?.mixture.components.count == $0 } ?? true
      if isAsAsked, sampler.latents == trained.model.latents, SamplerFile.weights(of: path) == weights {
        return Result(sampler: sampler, wasFitted: false, path: path)
      }
    }
    let codes = try trained.codes(of: examples(), seed: configuration.seed)
    let sampler = try kind.fit(
      codes, components: components ?? GaussianMixtureSampler.standardComponents, seed: configuration.seed,
      backend: trained.backend)
    do {
      try FileManager.default.createDirectory(atPath: folder.samplersPath, withIntermediateDirectories: true)
    } catch {
      throw LatentError.failure(
        "The folder \(folder.samplersPath) cannot be made (\(error.localizedDescription))",
        remedy: "Copy the run to a place where you may write")
    }
    try sampler.save(to: path, weights: weights)
    return Result(sampler: sampler, wasFitted: true, path: path)
  }
}
