import LatentDiagnostics
import Foundation

/// A number that may change while a model trains, as a function of the epochs gone by.
public struct ScheduledValue: Codable, Hashable, Sendable {
  /// How the number goes from `start` to `value`.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The number `value` from the first step to the last.
    case constant
    /// A straight line over `epochs`, then `value` (Bowman et al. 2016; Sonderby et al. 2016).
    case linear
    /// 1 / (1 + exp(-steepness (t - epochs / 2))) of the way (Bowman et al. 2016).
    case sigmoid
    /// `cycles` times a straight line over the share `ramp` of a cycle, then `value` until its end (Fu et al. 2019). The
    /// cycles together take `epochs`.
    case cyclical
  }

  /// The course from `start` to `value`.
  public var kind: Kind
  /// The number at the end, and throughout if it is constant.
  public var value: Double
  /// What it starts from, unless it is constant.
  public var start: Double
  /// How many epochs the change takes, fractions included.
  public var epochs: Double
  /// The steepness of a sigmoid, per epoch.
  public var steepness: Double
  /// How many cycles there are.
  public var cycles: Int
  /// The share of a cycle that rises.
  public var ramp: Double

  /// The same number from the first step to the last.
  public static func constant(_ value: Double) -> ScheduledValue {
    ScheduledValue(kind: .constant, value: value, start: 0, epochs: 0, steepness: 1, cycles: 4, ramp: 0.5)
  }

  /// A straight line from one number to another.
  public static func linear(from start: Double = 0, to value: Double = 1, epochs: Double) -> ScheduledValue {
    ScheduledValue(kind: .linear, value: value, start: start, epochs: epochs, steepness: 1, cycles: 4, ramp: 0.5)
  }

  /// An S-shaped way from one number to another, half of it done at half of the epochs.
  public static func sigmoid(
    from start: Double = 0, to value: Double = 1, epochs: Double, steepness: Double = 1
  ) -> ScheduledValue {
    ScheduledValue(
      kind: .sigmoid, value: value, start: start, epochs: epochs, steepness: steepness, cycles: 4, ramp: 0.5)
  }

  /// Several straight lines from one number to another, each followed by a rest.
  public static func cyclical(
    from start: Double = 0, to value: Double = 1, epochs: Double, cycles: Int = 4, ramp: Double = 0.5
  ) -> ScheduledValue {
    ScheduledValue(
      kind: .cyclical, value: value, start: start, epochs: epochs, steepness: 1, cycles: cycles, ramp: ramp)
  }

  /// The number after some epochs, fractions included.
  public func value(after elapsed: Double) -> Double {
    let share: Double
    switch kind {
    case .constant: return value
    case .linear: share = epochs > 0 ? min(1, elapsed / epochs) : 1
    case .sigmoid: share = 1 / (1 + exp(-steepness * (elapsed - epochs / 2)))
    case .cyclical:
      let length = epochs / Double(max(1, cycles))
      let isOver = elapsed >= epochs || length <= 0
      share = isOver ? 1 : min(1, elapsed.truncatingRemainder(dividingBy: length) / length / ramp)
    }
    return start + (value - start) * share
  }

  /// After how many epochs it changes no more; a sigmoid, which never ends, counts as ended after its `epochs`.
  public var end: Double { kind == .constant ? 0 : epochs }

  /// Whether it is ever above 0.
  var isOn: Bool { value > 0 || (kind != .constant && start > 0) }

  /// Refuses numbers that make no schedule.
  func validate(_ name: String) throws {
    let numbers = [value, start, epochs, steepness, ramp]
    guard numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), kind == .constant || epochs > 0, cycles >= 1,
      ramp > 0, ramp <= 1
    else {
      throw LatentError.usage(
        "\(name) is no schedule: its numbers must be 0 or more, and epochs, cycles, and ramp (at most 1) above 0",
        remedy: "Set \(name) to a number, or \(name).kind, .value, .start, and .epochs together")
    }
  }
}

extension ScheduledValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A number written in place of a schedule is constant.
  public init(floatLiteral value: Double) { self = .constant(value) }

  /// A number written in place of a schedule is constant.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

extension ScheduledValue {
  private enum Key: String, CodingKey { case kind, value, start, epochs, steepness, cycles, ramp }

  /// Reads a schedule, or a plain number, which stands for a constant.
  public init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Double.self) {
      self = .constant(number)
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    self = .constant(1)
    kind = try container.decodeIfPresent(Kind.self, forKey: .kind) ?? kind
    value = try container.decodeIfPresent(Double.self, forKey: .value) ?? value
    start = try container.decodeIfPresent(Double.self, forKey: .start) ?? start
    epochs = try container.decodeIfPresent(Double.self, forKey: .epochs) ?? epochs
    steepness = try container.decodeIfPresent(Double.self, forKey: .steepness) ?? steepness
    cycles = try container.decodeIfPresent(Int.self, forKey: .cycles) ?? cycles
    ramp = try container.decodeIfPresent(Double.self, forKey: .ramp) ?? ramp
  }
}
