/// The families that a configuration may name.
///
/// There is no register that code adds itself to: whoever reads a configuration says which families it knows.
///
///     let families = Families.builtIn.adding(StudentTLikelihood.self)
///     let configuration = try RunConfiguration(json: json, source: "config.json", families: families)
public struct Families: Sendable {
  /// All of them, of all axes, in the order in which they are listed.
  public private(set) var types: [any Family.Type]

  /// Creates a list of families.
  public init(_ types: [any Family.Type]) { self.types = types }

  /// These and others; of two with one kind on one axis, the one added later counts.
  public func adding(_ more: any Family.Type...) -> Families { Families(types + more) }

  /// The families of an axis: of two with one kind, the one that was added later.
  public func members<Axis: FamilyAxis>(of axis: Axis.Type) -> [any Family.Type] {
    kinds(on: axis).compactMap { type($0, on: axis) }
  }

  /// The kinds of an axis, each once.
  public func kinds<Axis: FamilyAxis>(on axis: Axis.Type) -> [String] {
    var known: Set<String> = []
    return types.filter(axis.includes).map { $0.kind }.filter { known.insert($0).inserted }
  }

  /// Those that a decoder or an encoder was told of, else those built in.
  static func known(to userInfo: [CodingUserInfoKey: Any]) -> Families {
    CodingUserInfoKey.families.flatMap { userInfo[$0] as? Families } ?? .builtIn
  }

  /// The family of a kind on an axis, if it is known.
  public func type<Axis: FamilyAxis>(_ kind: String, on axis: Axis.Type) -> (any Family.Type)? {
    types.last { axis.includes($0) && $0.kind == kind }
  }
}

extension CodingUserInfoKey {
  /// The `Families` that are known where a configuration is decoded.
  public static let families = CodingUserInfoKey(rawValue: "families")
}
