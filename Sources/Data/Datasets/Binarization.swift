/// How grey values in 0…1 become the binary data that a Bernoulli likelihood is defined for.
public enum Binarization: String, Codable, CaseIterable, Sendable {
  /// The values are used as they are.
  case none
  /// Every value becomes 1 with a probability equal to itself, once, before training.
  case `static`
  /// Every value becomes 1 with a probability equal to itself, anew at each visit.
  case stochastic
}

/// How grey levels that are bytes become the real numbers that a density is defined for.
public enum Dequantization: String, Codable, CaseIterable, Sendable {
  /// The levels are used as they are, k / 255: a density over them can be as high as one likes, and says little.
  case none
  /// Level k becomes a number anywhere between k / 256 and (k + 1) / 256, anew at each visit: the density's bits are then
  /// an upper bound of the levels' (Theis et al. 2015, "A note on the evaluation of generative models", section 3.1).
  case uniform
}
