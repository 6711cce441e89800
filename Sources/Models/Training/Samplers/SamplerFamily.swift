import LatentDiagnostics
import LatentEvaluation
import LatentExecution
import LatentFileFormats
import LatentVariationalAutoencoders

/// A distribution of codes that is fitted after training, to be drawn from in place of the prior: how to fit it, and its
/// settings.
///
/// The codes of the training data seldom follow the prior exactly, and those of a deterministic autoencoder follow none;
/// what is decoded from a density of the codes themselves looks more like the data (Ghosh et al. 2020, section 4).
public protocol SamplerFamily: Family {
  /// Fits it to codes; the same seed gives the same sampler.
  ///
  /// - Throws: `LatentError` when there are too few codes, one is not a finite number, or the fit fails.
  func fit(_ codes: CodeMatrix, seed: UInt64, backend: any Backend) throws -> any FittedSampler

  /// Reads one that was fitted.
  ///
  /// - Throws: `LatentError`, best the file's `damage`, for contents that make no sampler.
  static func read(_ file: SamplerFile, backend: any Backend) throws -> any FittedSampler
}

/// A sampler that was fitted.
public protocol FittedSampler {
  /// With which settings it was fitted.
  var family: any SamplerFamily { get }
  /// How many latents a code has.
  var latents: Int { get }

  /// Draws codes: `count` rows of `latents`; the same seed gives the same codes.
  func sample(count: Int, seed: UInt64) throws -> [Float]
  /// What a file keeps of it.
  func contents() throws -> SamplerContents
}

/// What a file keeps of a sampler.
public struct SamplerContents {
  /// What the arrays are the parameters of.
  public let shape: any Encodable
  /// Its parameters by name.
  public let arrays: [(name: String, array: NumericArray)]

  /// Creates contents from arrays and what they are the parameters of.
  public init(shape: any Encodable, arrays: [(name: String, array: NumericArray)]) {
    self.shape = shape
    self.arrays = arrays
  }
}

/// The axis of samplers.
public enum SamplerAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "sampler"

  /// The sampler itself.
  public static func family(_ member: any SamplerFamily) -> any Family { member }
  /// The family, if it is a sampler.
  public static func member(_ family: any Family) -> (any SamplerFamily)? { family as? any SamplerFamily }
}

extension Families {
  private static let builtInSamplers: [any Family.Type] = [
    GaussianMixtureSampler.self, MaskedFlowSampler.self, InverseFlowSampler.self, TwoStageSampler.self,
  ]

  /// The samplers that come with Latent, and those that were added; of two of one kind, the one that was added.
  public var samplers: [any SamplerFamily.Type] {
    Families(Self.builtInSamplers + types).members(of: SamplerAxis.self).compactMap { $0 as? any SamplerFamily.Type }
  }
}

extension CodeMatrix {
  /// Refuses codes that nothing can be fitted to.
  ///
  /// - Throws: `LatentError` when there are fewer than `least`, or one is not a finite number.
  func check(for kind: String, least: Int) throws {
    guard count >= least else {
      throw LatentError.usage(
        "The sampler \(kind) needs \(least) codes or more, and there are \(count)",
        remedy: "Train the run on more examples, or give --sampler gmm, which needs 2, with fewer --components")
    }
    guard let place = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw LatentError.failure(
      "The sampler \(kind) cannot be fitted because latent \(place % width) of example \(place / width) is "
        + "\(values[place]), not a finite number",
      remedy: "Use a run that did not diverge, and data without extreme values")
  }
}
