import Distributions
import TensorGraph

/// p(z): what latents look like before any example is seen.
public struct Prior: Codable, Hashable, Sendable {
  /// The family of the distribution.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// N(0, I) (Kingma & Welling 2013).
    case standardNormal
  }

  /// The family of the distribution.
  public var kind: Kind
  /// How many latents an example has.
  public var dimensions: Int

  /// N(0, I) in a number of dimensions.
  public static func standardNormal(dimensions: Int) -> Prior { Prior(kind: .standardNormal, dimensions: dimensions) }

  /// The distribution of [count, dimensions] latents in a graph.
  func distribution(count: Int, in graph: Graph) -> any Distribution {
    switch kind {
    case .standardNormal: StandardNormal(shape: [count, dimensions], in: graph)
    }
  }
}
