import Foundation
import TensorGraph

/// Plans of programs that were lowered before, so that a second program of the same nodes costs only its memory.
///
/// A plan knows variables but no addresses, so that any number of executables can be bound to it. Unchecked, because plans
/// are values that never change and the table is only touched under the lock.
final class PlanCache: @unchecked Sendable {
  /// What makes two programs the same to the lowering.
  private struct Key: Hashable {
    let nodes: [Node]
    let outputs: [Int]
    let variables: [Variable]
    let values: [Int]
    let threads: Int

    init(_ program: Program, threads: Int) {
      nodes = program.nodes
      outputs = program.outputs.map(\.index)
      variables = program.assignments.map(\.variable)
      values = program.assignments.map(\.value.index)
      self.threads = threads
    }
  }

  /// The cache of this process.
  static let shared = PlanCache()

  private static let capacity = 64

  private let lock = NSLock()
  private var plans: [Key: Plan] = [:]
  private var order: [Key] = []

  /// The plan of a program, lowered if none like it was before.
  func plan(_ program: Program, threads: Int) throws -> Plan {
    let key = Key(program, threads: threads)
    if let plan = lock.withLock({ plans[key] }) { return plan }
    let plan = try Lowering.plan(program, threads: threads)
    lock.withLock {
      if plans.updateValue(plan, forKey: key) == nil { order.append(key) }
      if order.count > Self.capacity { plans[order.removeFirst()] = nil }
    }
    return plan
  }

  /// Whether a program like this one has been lowered.
  func holds(_ program: Program, threads: Int) -> Bool {
    lock.withLock { plans[Key(program, threads: threads)] != nil }
  }
}
