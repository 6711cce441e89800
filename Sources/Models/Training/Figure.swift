/// A number that says something of a model, with what is needed to judge it.
public struct Figure: Hashable, Sendable {
  /// Its name in JSON.
  public let key: String
  /// What it is called in a table.
  public let title: String
  /// The number; `nil` where it is not defined.
  public let value: Double?
  /// Its standard error, where it is known.
  public let error: Double?
  /// In what it is counted; empty for shares and counts.
  public let unit: String
  /// How it was measured.
  public let note: String
  /// How many digits stand after the point in a table.
  public let digits: Int

  /// Names a number.
  public init(
    _ key: String, _ title: String, _ value: Double?, error: Double? = nil, unit: String = "", note: String = "",
    digits: Int = 2
  ) {
    self.key = key
    self.title = title
    self.value = value
    self.error = error
    self.unit = unit
    self.note = note
    self.digits = digits
  }
}

/// Figures that belong together.
public struct FigureGroup: Hashable, Sendable {
  /// What they are about, and by which protocol.
  public let title: String
  /// The figures in the order in which they are shown.
  public var figures: [Figure]

  /// Groups figures.
  public init(_ title: String, _ figures: [Figure]) {
    self.title = title
    self.figures = figures
  }
}

/// What can be measured of a model beside its bound and likelihood.
public enum Measure: String, Hashable, Sendable, CaseIterable {
  /// Where the rate goes, which latents are active, what each costs, which codes are used.
  case latents
  /// How near reconstructions are to their pictures.
  case reconstruction
  /// How far samples are from examples.
  case samples
  /// How well classes are told from codes.
  case probes
  /// The likelihood by annealed importance sampling.
  case annealing
}
