/// How grey values in 0…1 become the binary data that a Bernoulli likelihood is defined for.
public enum Binarization: String, Codable, CaseIterable, Sendable {
  /// The values are used as they are.
  case none
  /// Every value becomes 1 with a probability equal to itself, once, before training.
  case `static`
  /// Every value becomes 1 with a probability equal to itself, anew at each visit.
  case stochastic
}
