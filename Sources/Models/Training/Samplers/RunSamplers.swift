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
    public let sampler: any FittedSampler
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
  package func path(of kind: String) -> String { folder.path(ofSampler: kind) }

  /// Loads a sampler, or fits and saves it where there is none for the run's present weights.
  ///
  /// - Parameters:
  ///   - family: which, and with what settings.
  ///   - takingOthers: whether one of the kind that is there already will do, whatever its settings.
  ///   - refit: whether to fit even where there is one.
  ///   - examples: the run's training examples (see `RunConfiguration.trainingExamples`), asked for when they are needed.
  /// - Throws: `LatentError` when a file is damaged or cannot be written, or the sampler cannot be fitted.
  public func sampler(
    _ family: any SamplerFamily, takingOthers: Bool = false, refit: Bool = false, examples: () throws -> Examples
  ) throws -> Result {
    let path = path(of: family.kind)
    let weights = SHA256.hexDigest(of: try FileReading.data(at: folder.weightsPath))
    if !refit, FileManager.default.fileExists(atPath: path) {
      let file = try SamplerFile(path: path, kind: family.kind)
      let sampler = try type(of: family).read(file, backend: trained.backend)
      let isAsAsked = takingOthers || AnyHashable(sampler.family) == AnyHashable(family)
      if isAsAsked, sampler.latents == trained.model.latents, file.weights == weights {
        return Result(sampler: sampler, wasFitted: false, path: path)
      }
    }
    let codes = try trained.codes(of: examples(), seed: configuration.seed)
    let sampler = try family.fit(codes, seed: configuration.seed, backend: trained.backend)
    do {
      try FileManager.default.createDirectory(atPath: folder.samplersPath, withIntermediateDirectories: true)
    } catch {
      throw LatentError.failure(
        "The folder \(folder.samplersPath) cannot be made (\(error.localizedDescription))",
        remedy: "Copy the run to a place where you may write")
    }
    try SamplerFile.write(sampler, weights: weights, to: path)
    return Result(sampler: sampler, wasFitted: true, path: path)
  }
}
