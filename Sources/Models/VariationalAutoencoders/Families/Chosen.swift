import LatentDiagnostics
import Foundation

/// One family of an axis, as a setting of a model: written as its settings with its kind beside them.
///
/// Read from a configuration, settings that are not there are those of the family's `init()`. Of a family without settings
/// the kind alone, as a word, is enough.
@propertyWrapper
public struct Chosen<Axis: FamilyAxis>: Sendable {
  /// The family that was chosen.
  public var wrappedValue: Axis.Member

  /// Chooses a family.
  public init(wrappedValue: Axis.Member) { self.wrappedValue = wrappedValue }

  private var family: any Family { Axis.family(wrappedValue) }
}

/// A family as a part of something, of whatever axis.
protocol FamilyChoice {}

extension Chosen: FamilyChoice {}

extension Chosen: Hashable {
  /// Whether both are of one kind, with equal settings.
  public static func == (left: Chosen, right: Chosen) -> Bool {
    AnyHashable(left.family) == AnyHashable(right.family)
  }

  /// Hashes the family with its settings.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(family)) }
}

extension Chosen: Codable {
  /// Writes the family's settings, and its kind beside them.
  public func encode(to encoder: any Encoder) throws {
    try family.encode(to: encoder)
    var container = encoder.container(keyedBy: SettingKey.self)
    try container.encode(type(of: family).kind, forKey: SettingKey(Axis.kindKey))
  }

  /// Reads a family that `Families` knows: those in the decoder's `userInfo`, else those built in.
  ///
  /// - Throws: `UnknownFamily` for a kind that is not among them.
  public init(from decoder: any Decoder) throws {
    let families = Families.known(to: decoder.userInfo)
    let word = try? decoder.singleValueContainer().decode(String.self)
    let kind =
      try word ?? decoder.container(keyedBy: SettingKey.self).decode(String.self, forKey: SettingKey(Axis.kindKey))
    guard let type = families.type(kind, on: Axis.self) else {
      let path = decoder.codingPath.map(\.stringValue) + [Axis.kindKey]
      throw UnknownFamily(path: path, axis: Axis.name, kind: kind, known: families.kinds(on: Axis.self))
    }
    guard let member = Axis.member(try type.overlaid(from: decoder, isNamedAlone: word != nil)) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: kind))
    }
    wrappedValue = member
  }
}

extension Family {
  /// The family with the settings that a configuration has for it, and its own where it has none.
  ///
  /// - Parameter isNamedAlone: whether its kind stands there as a word, without settings.
  static func overlaid(from decoder: any Decoder, isNamedAlone: Bool = false) throws -> Self {
    let settings = isNamedAlone ? [:] : try [String: Setting](from: decoder)
    let standard = try Setting(encoding: Self())
    let json = try JSONEncoder().encode(standard.overlaid(with: .group(settings)))
    let inner = JSONDecoder()
    if let key = CodingUserInfoKey.families { inner.userInfo[key] = Families.known(to: decoder.userInfo) }
    do {
      return try inner.decode(Self.self, from: json)
    } catch let error as DecodingError {
      throw error.within(decoder.codingPath)
    } catch let error as UnknownFamily {
      throw UnknownFamily(
        path: decoder.codingPath.map(\.stringValue) + error.path, axis: error.axis, kind: error.kind, known: error.known
      )
    }
  }
}

/// A configuration names a family that nobody knows.
public struct UnknownFamily: Error {
  /// Where it is named, from the outside in.
  public let path: [String]
  /// What should have been named: a prior, a likelihood.
  public let axis: String
  /// The word that was found.
  public let kind: String
  /// The words that would have been understood.
  public let known: [String]
}

/// A member of a configuration, by any name.
struct SettingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// A value of a configuration whose type is not known yet.
private enum Setting: Codable {
  case none, truth(Bool), whole(Int), number(Double), word(String), list([Setting]), group([String: Setting])

  init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(Setting.self, from: JSONEncoder().encode(value))
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let truth = try? container.decode(Bool.self) {
      self = .truth(truth)
    } else if let whole = try? container.decode(Int.self) {
      self = .whole(whole)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let word = try? container.decode(String.self) {
      self = .word(word)
    } else if let list = try? container.decode([Setting].self) {
      self = .list(list)
    } else {
      self = .group(try container.decode([String: Setting].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .truth(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .word(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .group(let value): try container.encode(value)
    }
  }

  /// This value with members of another in place of its own.
  func overlaid(with other: Setting) -> Setting {
    guard case .group(let old) = self, case .group(let new) = other else { return other }
    return .group(old.merging(new) { $1 })
  }
}

extension DecodingError {
  /// The error, with a path to where the value stands that could not be read.
  fileprivate func within(_ path: [any CodingKey]) -> DecodingError {
    func moved(_ context: Context) -> Context {
      Context(
        codingPath: path + context.codingPath, debugDescription: context.debugDescription,
        underlyingError: context.underlyingError)
    }
    return switch self {
    case .keyNotFound(let key, let context): .keyNotFound(key, moved(context))
    case .typeMismatch(let type, let context): .typeMismatch(type, moved(context))
    case .valueNotFound(let type, let context): .valueNotFound(type, moved(context))
    case .dataCorrupted(let context): .dataCorrupted(moved(context))
    @unknown default: self
    }
  }
}
