import Foundation

/// Nats of an example as bits of a dimension, and what they can be compared with.
public struct BitsPerDimension: Sendable {
  /// What the bits are of.
  public enum Kind: String, Sendable {
    /// Of values that can be counted.
    case values
    /// Of grey levels, from above, by a density over dequantised ones.
    case levels
    /// Of a density.
    case density
  }

  /// What the bits are of.
  public let kind: Kind
  private let dimensions: Double

  /// For a run's model.
  ///
  /// - Parameter dimensions: how many values of an example are there, on average.
  public init(_ configuration: RunConfiguration, dimensions: Double) {
    self.dimensions = dimensions
    let isDensity = configuration.model.decoder.likelihood.traits.contains(.density)
    kind = !isDensity ? .values : configuration.data.dequantization == .none ? .density : .levels
  }

  /// A level is 1 / 256 wide, so that a density of 1 gives it eight bits.
  public func perDimension(_ nats: Double) -> Double { nats / log(2) / dimensions + (kind == .levels ? 8 : 0) }

  /// A standard error in nats as one in bits.
  public func error(_ nats: Double) -> Double { nats / log(2) / dimensions }

  /// What the bits are of, in words.
  public var note: String {
    switch kind {
    case .values: "the nll in bits per dimension"
    case .levels: "bits per grey level, from above: the nll of dequantised levels"
    case .density: "bits of a density, not comparable with those of values (train with --dequantize)"
    }
  }
}
