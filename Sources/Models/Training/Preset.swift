import LatentDatasets
import LatentDiagnostics
import LatentOptimizers
import LatentVariationalAutoencoders

/// A named model: a configuration with a line that says what it is.
public struct Preset: Sendable {
  /// The name on the command line.
  public let name: String
  /// One line of what it is.
  public let summary: String
  /// The paper, with the section or equation where that is needed to find it.
  public let paper: String
  /// The settings that it stands for.
  public let configuration: RunConfiguration
  /// Whether it is a prior alone, of the model of another run (`RunConfiguration.secondStage`).
  public let isSecondStage: Bool

  init(
    _ name: String, _ summary: String, paper: String, _ configuration: RunConfiguration, isSecondStage: Bool = false
  ) {
    self.isSecondStage = isSecondStage
    self.name = name
    self.summary = summary
    self.paper = paper
    var configuration = configuration
    configuration.preset = name
    self.configuration = configuration
  }

  /// All presets, in the order in which they are listed.
  public static let all: [Preset] =
    basic + bounds + disentangling + regularized + priors + posteriors + conditional + quantized + discrete
    + autoregressive + secondStages

  /// The preset of a name.
  ///
  /// - Throws: `LatentError` that names the nearest one.
  public static func named(_ name: String) throws -> Preset {
    if let preset = all.first(where: { $0.name == name }) { return preset }
    let nearest = nearestName(to: name, among: all.map(\.name))
    throw LatentError.usage(
      "There is no preset \(name)",
      remedy: nearest.map { "Did you mean \($0)?" } ?? "See `latent presets` for those there are")
  }
}
