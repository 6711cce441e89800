import LatentDiagnostics
import LatentTensorGraph

/// Settings of which some are numbers that may change while a model trains.
public protocol Scheduled {
  /// These numbers, by the names of their settings.
  static var schedules: [(name: String, path: KeyPath<Self, ScheduledValue>)] { get }
  /// What stands before the names in a configuration.
  static var schedulePrefix: String { get }
}

extension Scheduled {
  /// Each number with its path in a configuration.
  var namedSchedules: [(name: String, schedule: ScheduledValue)] {
    Self.schedules.map { (Self.schedulePrefix + $0.name, self[keyPath: $0.path]) }
  }

  /// Refuses numbers that make no schedules, and schedules that are not among those that are followed.
  ///
  /// - Throws: `LatentError` that names the setting.
  func validateSchedules() throws {
    for (name, schedule) in namedSchedules { try schedule.validate(name) }
    let followed = Set(Self.schedules.map(\.name))
    let forgotten = Self.scheduledValues(of: self).first {
      $0.schedule.kind != .constant && !followed.contains($0.name)
    }
    guard let forgotten else { return }
    throw LatentError.usage(
      "\(Self.schedulePrefix)\(forgotten.name) changes while a model trains, but \(Self.self).schedules does not name it",
      remedy: "Add it there, or give it a constant value")
  }

  /// All stored properties that are schedules, those of properties included; a family that is a part has its own to follow.
  private static func scheduledValues(of value: Any) -> [(name: String, schedule: ScheduledValue)] {
    Mirror(reflecting: value).children.flatMap { label, child -> [(name: String, schedule: ScheduledValue)] in
      guard let label else { return [] }
      if let schedule = child as? ScheduledValue { return [(label, schedule)] }
      guard Mirror(reflecting: child).displayStyle == .struct, !(child is any FamilyChoice) else { return [] }
      return scheduledValues(of: child).map { (label + "." + $0.name, $0.schedule) }
    }
  }
}

/// The numbers of an objective that change while a model trains, as inputs of a program.
public struct ObjectiveSchedule {
  /// The paths of the settings, in the order of the values.
  package let names: [String]
  private let schedules: [ScheduledValue]
  private let tensors: [String: Tensor]

  /// Adds an input to the graph for every number that changes.
  public init(_ objective: Objective, in graph: Graph) {
    self.init(objective) { name, _ in graph.input(name, shape: .scalar) }
  }

  /// Makes a scalar for every number that changes.
  ///
  /// - Parameter input: gives the tensor, from the path of the setting and its schedule.
  package init(_ objective: Objective, input: (_ name: String, _ schedule: ScheduledValue) -> Tensor) {
    let changing = objective.allSchedules.filter { $0.schedule.kind != .constant }
    names = changing.map(\.name)
    schedules = changing.map(\.schedule)
    tensors = Dictionary(uniqueKeysWithValues: changing.map { ($0.name, input($0.name, $0.schedule)) })
  }

  /// The values after some epochs, fractions included.
  public func values(after epochs: Double) -> [Double] { schedules.map { $0.value(after: epochs) } }

  /// A number of the objective, or of a part of it, as a scalar, whether it changes or not.
  func callAsFunction<Owner: Scheduled>(
    _ owner: Owner, _ path: KeyPath<Owner, ScheduledValue>, in graph: Graph
  ) -> Tensor {
    let schedule = owner[keyPath: path]
    let name = Owner.schedules.first { $0.path == path }.map { Owner.schedulePrefix + $0.name }
    if let tensor = name.flatMap({ tensors[$0] }) { return tensor }
    require(
      schedule.kind == .constant,
      "\(name ?? "a number of \(Owner.self)") changes while a model trains, but it is not among the schedules of this program"
    )
    return graph.constant(schedule.value)
  }
}
