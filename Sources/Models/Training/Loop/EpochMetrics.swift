import LatentDiagnostics

/// One line of `metrics.jsonl`: an epoch's figures for one split.
public struct EpochMetrics: Hashable, Sendable {
  /// A figure by its name.
  public struct Value: Hashable, Sendable {
    /// What it is called, such as `elbo`.
    public let name: String
    /// What was measured.
    public let value: Double
  }

  /// The epoch, counted from 1.
  public var epoch: Int
  /// `train`, `validation`, or `test`.
  public var split: String
  /// The figures that were measured, in the order of the model's metrics.
  public var values: [Value]
  /// The first figure, with the sign under which larger is better.
  public var score: Double
  /// The learning rate at the epoch's end (train only).
  public var learningRate: Double?
  /// How long the epoch, or the evaluation, took.
  public var seconds: Double
  /// How many examples the figures are averaged over.
  public var examples: Int

  init(
    epoch: Int, split: String, _ figures: [Double?], of metrics: [Metric], learningRate: Double? = nil, seconds: Double,
    examples: Int
  ) {
    self.epoch = epoch
    self.split = split
    let measured = zip(metrics, figures).compactMap { metric, value in value.map { (metric, $0) } }
    values = measured.map { Value(name: $0.name, value: $1) }
    score = measured.first.map { $0.score($1) } ?? -.infinity
    self.learningRate = learningRate
    self.seconds = seconds
    self.examples = examples
  }

  /// A figure by its name, if it was measured.
  public subscript(name: String) -> Double? { values.first { $0.name == name }?.value }

  /// The evidence lower bound of an autoencoder that has one, in nats per example.
  public var elbo: Double? { self["elbo"] }
  /// The divergence of an autoencoder's posterior from its prior, in nats per example.
  public var rate: Double? { self["rate"] }
  /// The negative expected log-likelihood of an autoencoder, in nats per example.
  public var distortion: Double? { self["distortion"] }
  /// What is maximised, where that is not the evidence lower bound (train only).
  public var objective: Double? { self["objective"] }
}

extension EpochMetrics: Codable {
  private enum Key: String, CaseIterable { case epoch, split, learningRate, seconds, examples }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(_ key: Key) { stringValue = key.rawValue }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Writes the figures by their names, beside the rest.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    try container.encode(epoch, forKey: Name(.epoch))
    try container.encode(split, forKey: Name(.split))
    for value in values { try container.encode(value.value, forKey: Name(value.name)) }
    try container.encodeIfPresent(learningRate, forKey: Name(.learningRate))
    try container.encode(seconds, forKey: Name(.seconds))
    try container.encode(examples, forKey: Name(.examples))
  }

  /// Refuses metrics that a line could not hold beside each other.
  ///
  /// - Throws: `LatentError` that names one.
  static func validate(_ metrics: [Metric]) throws {
    var names = Set(Key.allCases.map(\.rawValue))
    for metric in metrics where !names.insert(metric.name).inserted {
      throw LatentError.usage(
        "A metric is called \(metric.name), as something else in a line of metrics.jsonl is",
        remedy: "Give each metric a name of its own")
    }
  }

  /// Reads a line: every number that is none of the other members is a figure. Those of an autoencoder come first, in their
  /// order, and others after them by name. The score is that of an autoencoder, else unknown: minus infinity.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    epoch = try container.decode(Int.self, forKey: Name(.epoch))
    split = try container.decode(String.self, forKey: Name(.split))
    learningRate = try container.decodeIfPresent(Double.self, forKey: Name(.learningRate))
    seconds = try container.decode(Double.self, forKey: Name(.seconds))
    examples = try container.decode(Int.self, forKey: Name(.examples))
    let usual = AutoencoderTask.metrics.map(\.name)
    let names = Set(container.allKeys.map(\.stringValue)).subtracting(Key.allCases.map(\.rawValue))
    let ordered = usual.filter(names.contains) + names.subtracting(usual).sorted()
    values = ordered.compactMap { name in
      (try? container.decode(Double.self, forKey: Name(name))).map { Value(name: name, value: $0) }
    }
    guard !values.isEmpty else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no figure"))
    }
    score = -.infinity
    score = elbo ?? distortion.map { -$0 } ?? score
  }
}
