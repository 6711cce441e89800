import LatentCPUBackend
import LatentEvaluation
import LatentExecution

/// A distribution of codes that is fitted after training, to be drawn from in place of the prior.
///
/// The codes of the training data seldom follow the prior exactly, and those of a deterministic autoencoder follow none;
/// what is decoded from a density of the codes themselves looks more like the data (Ghosh et al. 2020, section 4).
public protocol LatentSampler {
  /// Its kind, by which its file is named and read again.
  var kind: SamplerKind { get }

  /// How many latents a code has.
  var latents: Int { get }

  /// Draws codes: `count` rows of `latents`; the same seed gives the same codes.
  func sample(count: Int, seed: UInt64) throws -> [Float]

  /// Writes the sampler under a temporary name, then renames it.
  ///
  /// - Parameters:
  ///   - path: the file, in a folder that exists.
  ///   - weights: what identifies the weights that made the codes; see `RunSamplers`.
  /// - Throws: `LatentError` when the file cannot be written.
  func save(to path: String, weights: String) throws
}

/// The kinds of samplers, by the names that users give.
public enum SamplerKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// A mixture of Normals with full covariances: see `GaussianMixtureSampler`.
  case gaussianMixture = "gmm"
  /// A masked autoregressive flow: see `FlowSampler`.
  case maskedAutoregressive = "maf"
  /// An inverse autoregressive flow: see `FlowSampler`.
  case inverseAutoregressive = "iaf"
  /// A second autoencoder, over the codes of the first: see `TwoStageSampler`.
  case twoStage = "two-stage"

  /// Fits a sampler of this kind.
  ///
  /// - Parameters:
  ///   - codes: the codes of the training examples.
  ///   - components: how many components a mixture has; other kinds have none.
  ///   - seed: the same seed gives the same sampler.
  ///   - backend: where flows and second stages are trained and drawn from.
  /// - Throws: `LatentError` when there are too few codes, one is not a finite number, or the fit fails.
  public func fit(
    _ codes: CodeMatrix, components: Int = GaussianMixtureSampler.standardComponents, seed: UInt64,
    backend: any Backend = CPUBackend()
  ) throws -> any LatentSampler {
    switch self {
    case .gaussianMixture: try GaussianMixtureSampler.fit(codes, components: components, seed: seed)
    case .maskedAutoregressive, .inverseAutoregressive:
      try FlowSampler.fit(codes, kind: self, seed: seed, backend: backend)
    case .twoStage: try TwoStageSampler.fit(codes, seed: seed, backend: backend)
    }
  }

  /// Loads a sampler of this kind that was saved.
  ///
  /// - Throws: `LatentError` that names the file when it is missing, damaged, or of another kind.
  public func load(from path: String, backend: any Backend = CPUBackend()) throws -> any LatentSampler {
    let file = try SamplerFile(path: path, kind: self)
    return switch self {
    case .gaussianMixture: try GaussianMixtureSampler(file)
    case .maskedAutoregressive, .inverseAutoregressive: try FlowSampler(file, backend: backend)
    case .twoStage: try TwoStageSampler(file, backend: backend)
    }
  }
}
