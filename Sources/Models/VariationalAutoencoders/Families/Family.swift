/// One value of an axis of the design space: a struct with its own settings, in one file.
///
/// A prior, a posterior, a likelihood, and a network are each a family of their axis. What a configuration says of one is
/// `{"kind": …}` and the family's stored properties. A family of yours is used like those built in: pass its type in a
/// `Families` value to whatever reads a configuration.
public protocol Family: Codable, Hashable, Sendable {
  /// The word for it in a configuration, and what it is.
  static var name: FamilyName { get }

  /// The family with the settings it has where a configuration says none.
  init()
}

extension Family {
  /// The word for it in a configuration.
  public static var kind: String { name.kind }
  /// The word for it in a configuration.
  public var kind: String { Self.kind }
}

/// What a family is called.
public struct FamilyName: Hashable, Sendable {
  /// The word for it in a configuration, such as `standardNormal`; no other family of its axis has the same.
  public let kind: String
  /// What it is, in one line, for listings.
  public let summary: String

  /// Names a family.
  public init(_ kind: String, _ summary: String) {
    self.kind = kind
    self.summary = summary
  }
}

/// An axis of the design space, of which every model has one value or several.
public protocol FamilyAxis {
  /// What a model holds: `any PriorFamily` and so on.
  associatedtype Member: Sendable

  /// What a value of the axis is called in a sentence.
  static var name: String { get }
  /// The member of a configuration that says which family it is.
  static var kindKey: String { get }

  /// The member, as a family.
  static func family(_ member: Member) -> any Family
  /// The family as a member, or `nil` if it is of another axis.
  static func member(_ family: any Family) -> Member?
}

extension FamilyAxis {
  /// Whether a type is of this axis.
  static func includes(_ type: any Family.Type) -> Bool { member(type.init()) != nil }

  /// The word `kind`.
  public static var kindKey: String { "kind" }
}
