import LatentDistributions
import LatentTensorGraph

/// Something that is added to the loss: a penalty of the codes, of the weights, of the decoder.
///
/// A configuration has the settings of each term under its kind: `objective.totalCorrelation.weight`. A term of yours is
/// read where its type is in the `Families` that are handed in, and set by `objective.terms[MyTerm.self]`.
public protocol ObjectiveTerm: Family, Scheduled {
  /// What objectives and models may rely on.
  var traits: ObjectiveTermTraits { get }
  /// Whether it is added at all.
  var isOn: Bool { get }

  /// Refuses settings that make no term, and objectives and models that it does not go with. Only terms that are on are asked.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws

  /// The term with its variables.
  func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule
}

extension ObjectiveTerm {
  /// Whether any of its scheduled numbers is ever above 0.
  public var isOn: Bool { Self.schedules.contains { self[keyPath: $0.path].isOn } }
  /// `objective.`, its kind, and a point.
  public static var schedulePrefix: String { "objective.\(kind)." }
}

/// What is true of a term of an objective.
public struct ObjectiveTermTraits: OptionSet, Sendable {
  /// A bit for each trait.
  public let rawValue: Int

  /// Creates traits from bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// It is a function of draws, through which its gradient reaches the encoder.
  public static let ofDraws = ObjectiveTermTraits(rawValue: 1)
  /// It pulls the encoded data towards the prior, so that what is drawn from that can be decoded.
  public static let towardsPrior = ObjectiveTermTraits(rawValue: 2)
}

/// A term with its variables.
public protocol ObjectiveTermModule {
  /// Everything that it learns of its own.
  var variables: [Variable] { get }

  /// What is added to the loss of the model, scalars, one after another.
  func addends(_ context: ObjectiveTermContext) -> [Tensor]
  /// What is minimised over the term's own variables, a scalar; `nil` if it has none.
  func ownLoss(_ context: ObjectiveTermContext) -> Tensor?
}

extension ObjectiveTermModule {
  /// None: it learns nothing of its own.
  public var variables: [Variable] { [] }
  /// None: it learns nothing of its own.
  public func ownLoss(_ context: ObjectiveTermContext) -> Tensor? { nil }
}

/// For what a term is asked.
public struct ObjectiveTermContext {
  /// The model that is trained.
  public let model: Model
  /// The examples of the step.
  public let batch: ExampleBatch
  /// q(z|x) of the batch, for a model with one layer of latents.
  public let posterior: (any Distribution)?
  /// A draw for each example, of all that the decoder takes: [B, latents].
  public let z: Tensor
  /// How many examples the training set has.
  public let examples: Int
  let schedule: ObjectiveSchedule

  /// A number of a term as a scalar, whether it changes while a model trains or not.
  public func callAsFunction<Term: ObjectiveTerm>(_ term: Term, _ path: KeyPath<Term, ScheduledValue>) -> Tensor {
    schedule(term, path, in: z.graph)
  }
}

/// The axis of terms.
public enum ObjectiveTermAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "term of an objective"

  /// The term itself.
  public static func family(_ member: any ObjectiveTerm) -> any Family { member }
  /// The family, if it is a term.
  public static func member(_ family: any Family) -> (any ObjectiveTerm)? { family as? any ObjectiveTerm }
}

/// The terms of an objective, at most one of a type; one that was not set has its `init()`'s settings.
public struct ObjectiveTerms: Sendable {
  /// Those that differ from their `init()`, by kind.
  private(set) var changed: [any ObjectiveTerm] = []

  /// The term of a type.
  public subscript<Term: ObjectiveTerm>(type: Term.Type) -> Term {
    get { changed.lazy.compactMap { $0 as? Term }.first ?? Term() }
    set { set(newValue) }
  }

  /// Those that are added to the loss.
  public var on: [any ObjectiveTerm] { changed.filter(\.isOn) }

  /// Those of some types, and any others that were changed.
  func all(of types: [any Family.Type]) -> [any ObjectiveTerm] {
    let others = types.compactMap { type in ObjectiveTermAxis.member(type.init()) }
      .filter { other in !changed.contains { $0.kind == other.kind } }
    return (changed + others).sorted { $0.kind < $1.kind }
  }

  mutating func set<Term: ObjectiveTerm>(_ term: Term) {
    changed.removeAll { $0.kind == Term.kind }
    if term != Term() { changed.append(term) }
    changed.sort { $0.kind < $1.kind }
  }
}

extension ObjectiveTerms: Hashable {
  /// Whether all terms have equal settings.
  public static func == (left: ObjectiveTerms, right: ObjectiveTerms) -> Bool {
    left.changed.map { AnyHashable($0) } == right.changed.map { AnyHashable($0) }
  }

  /// Hashes the terms with their settings.
  public func hash(into hasher: inout Hasher) { hasher.combine(changed.map { AnyHashable($0) }) }
}
