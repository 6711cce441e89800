import LatentExecution
import LatentTensorGraph

/// Plans of programs over the variables of one store that were lowered before, so that a second program of the same nodes
/// costs only its memory.
///
/// A plan knows variables but no addresses, so that any number of executables can be bound to it. The cache lives as long as
/// the store: variables are never the same in another one's programs.
final class PlanCache: Sendable {
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

  private static let capacity = 64

  private struct Contents {
    var plans: [Key: Plan] = [:]
    var order: [Key] = []
  }

  private let contents = Guarded(Contents())

  /// The plan of a program, lowered if none like it was before.
  func plan(_ program: Program, threads: Int) throws -> Plan {
    let key = Key(program, threads: threads)
    return try contents.withLock { contents in
      if let plan = contents.plans[key] { return plan }
      let plan = try Lowering.plan(program, threads: threads)
      contents.plans[key] = plan
      contents.order.append(key)
      if contents.order.count > Self.capacity { contents.plans[contents.order.removeFirst()] = nil }
      return plan
    }
  }

  /// Whether a program like this one has been lowered.
  func holds(_ program: Program, threads: Int) -> Bool {
    contents.withLock { $0.plans[Key(program, threads: threads)] != nil }
  }
}
