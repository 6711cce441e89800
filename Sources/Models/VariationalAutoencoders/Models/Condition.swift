import LatentDiagnostics

/// What a model is given beside the examples: a class or a vector for each of them (Sohn et al. 2015).
public struct Condition: Codable, Hashable, Sendable {
  /// What a model can be given of each example.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing: a model of the examples alone.
    case none
    /// The example's class, as one of `size` numbers that is 1.
    case label
    /// `size` numbers that come with the example.
    case vector
  }

  /// What the model is given of each example: nothing, its class, or a vector.
  public var kind: Kind
  /// How many classes there are, or how long the vector is; 0 to take it from the data.
  public var size: Int
  /// Whether the encoder sees it.
  public var encoder: Bool
  /// Whether the prior depends on it.
  public var prior: Bool

  /// Creates a condition; a size of 0 is taken from the data.
  public init(_ kind: Kind, size: Int = 0, encoder: Bool = true, prior: Bool = false) {
    self.kind = kind
    self.size = size
    self.encoder = encoder
    self.prior = prior
  }

  /// No condition: a model of the examples alone.
  public static let none = Condition(.none)
  /// The class of each example, for the encoder and the decoder; how many classes there are comes from the data.
  public static let label = Condition(.label)

  /// Whether anything is given.
  public var isOn: Bool { kind != .none }

  /// How many numbers the model is given; 0 for none.
  var width: Int { isOn ? size : 0 }

  /// Refuses a condition without numbers.
  func validate() throws {
    guard kind == .none || (1...65_536).contains(size) else {
      throw LatentError.usage(
        "A model cannot be conditioned on \(size) numbers",
        remedy: "Set model.condition.size, or 0 to take it from the data")
    }
  }
}
