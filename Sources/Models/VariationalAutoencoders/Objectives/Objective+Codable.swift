import LatentDiagnostics

extension Objective: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case estimator, gradient, samples, importanceSamples, beta, freeBits, capacity, corruption, temperature
  }

  /// Reads an objective; of terms that are not there, the settings are those of their `init()`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      EvidenceLowerBound(), estimator: try container.decode(Estimator.self, forKey: .estimator),
      gradient: try container.decode(Gradient.self, forKey: .gradient),
      samples: try container.decode(Int.self, forKey: .samples),
      importanceSamples: try container.decode(Int.self, forKey: .importanceSamples),
      beta: try container.decode(ScheduledValue.self, forKey: .beta))
    bound = try Chosen<BoundAxis>(from: decoder).wrappedValue
    freeBits = try container.decode(FreeBits.self, forKey: .freeBits)
    capacity = try container.decode(Capacity.self, forKey: .capacity)
    corruption = try container.decode(Corruption.self, forKey: .corruption)
    temperature = try container.decodeIfPresent(ScheduledValue.self, forKey: .temperature) ?? temperature
    let settings = try decoder.container(keyedBy: SettingKey.self)
    for type in Families.known(to: decoder.userInfo).members(of: ObjectiveTermAxis.self) {
      guard let type = type as? any ObjectiveTerm.Type, settings.contains(SettingKey(type.kind)) else { continue }
      try read(type, from: settings.superDecoder(forKey: SettingKey(type.kind)))
    }
  }

  private mutating func read<Term: ObjectiveTerm>(_ type: Term.Type, from decoder: any Decoder) throws {
    terms.set(try type.overlaid(from: decoder))
  }

  /// Writes the objective with all terms that the encoder's `userInfo` knows, else those built in, and those that it has.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try Chosen<BoundAxis>(wrappedValue: bound).encode(to: encoder)
    try container.encode(estimator, forKey: .estimator)
    try container.encode(gradient, forKey: .gradient)
    try container.encode(samples, forKey: .samples)
    try container.encode(importanceSamples, forKey: .importanceSamples)
    try container.encode(beta, forKey: .beta)
    try container.encode(freeBits, forKey: .freeBits)
    try container.encode(capacity, forKey: .capacity)
    try container.encode(corruption, forKey: .corruption)
    try container.encode(temperature, forKey: .temperature)
    var settings = encoder.container(keyedBy: SettingKey.self)
    for term in terms.all(of: Families.known(to: encoder.userInfo).members(of: ObjectiveTermAxis.self)) {
      try settings.encode(term, forKey: SettingKey(term.kind))
    }
  }

  /// Refuses a bound or terms whose settings would stand where others do.
  func validateNames() throws {
    let own = Mirror(reflecting: bound).children.compactMap(\.label)
    let known = terms.all(of: Families.builtIn.members(of: ObjectiveTermAxis.self)).map(\.kind)
    var taken = Set(Key.allCases.map(\.rawValue) + [BoundAxis.kindKey])
    for name in known + own where !taken.insert(name).inserted {
      throw LatentError.usage(
        "The bound \(bound.kind) or a term has the name \(name), which another setting of the objective has",
        remedy: "Give it another name")
    }
  }
}
