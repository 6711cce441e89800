/// A figure that a model is measured by.
public struct Metric: Hashable, Sendable {
  /// What it is called in logs, such as `elbo`.
  public let name: String
  /// In what it is counted.
  public let unit: String
  /// Which way is better.
  public let isBetterLarger: Bool

  /// Names a figure.
  public init(_ name: String, unit: String = "nats per example", isBetterLarger: Bool = false) {
    self.name = name
    self.unit = unit
    self.isBetterLarger = isBetterLarger
  }

  /// A value with the sign under which larger is better.
  func score(_ value: Double) -> Double { isBetterLarger ? value : -value }
}
