import LatentDiagnostics
import LatentExecution
import LatentTensorGraph

/// A plan in words: what each step computes, what it reads and writes and where that lies, and why it is not one with the
/// steps that it waits for.
package struct PlanReport: Sendable {
  /// A step, in words.
  package struct Step: Sendable {
    /// The kind of step and its sizes.
    package let label: String
    /// The operations that it computes, each with its place in the model, in order.
    package let operations: [String]
    /// What it reads.
    package let reads: [String]
    /// What it writes.
    package let writes: [String]
    /// The loops before it that it reads from and is not one with: their steps, and the rule.
    package let refusals: [String]
  }

  /// The steps in the order in which they run.
  package let steps: [Step]
  /// The memory of all values between steps.
  package let arenaByteCount: Int

  /// The report, a paragraph for each step.
  package var text: String {
    let paragraphs = steps.enumerated().map { number, step in
      var lines = ["step \(number): \(step.label)"]
      func add(_ title: String, _ items: [String]) { lines += items.map { "  \(title)  \($0)" } }
      add("computes", step.operations)
      add("reads   ", step.reads)
      add("writes  ", step.writes)
      add("apart   ", step.refusals)
      return lines.joined(separator: "\n")
    }
    return (paragraphs + ["\(steps.count) steps, an arena of \(arenaByteCount) bytes"]).joined(separator: "\n\n")
  }
}

extension CPUBackend {
  /// Says how a program would be run.
  ///
  /// - Throws: `LatentError` when this back end cannot run it.
  package func report(on program: Program) throws -> PlanReport {
    PlanReport(program, try Lowering.plan(program, threads: threads))
  }
}

extension PlanReport {
  init(_ program: Program, _ plan: Plan) {
    let memory = MemoryPlan(plan)
    var fusion = FusionBuilder(program, fuses: true)
    let (clusters, clusterOf) = fusion.ordered()
    var stepOf: [Int: Int] = [:]
    var writer: [Int: Int] = [:]
    let computed = plan.steps.enumerated().map { number, step in
      let nodes = step.parts.filter { !$0.isCopy && clusterOf[$0.node] >= 0 }.flatMap { clusters[clusterOf[$0.node]] }
      for node in nodes { stepOf[node] = number }
      for buffer in step.writes where writer[buffer] == nil { writer[buffer] = number }
      return nodes
    }
    let names = plan.buffers.indices.map { buffer in
      Self.name(of: buffer, in: program, plan, memory, writer)
    }
    steps = plan.steps.enumerated().map { number, step in
      var refusals: [String] = []
      for node in computed[number] {
        for operand in program.nodes[node].operands {
          guard let other = stepOf[operand], other != number, let rule = fusion.refusal(of: operand, by: node) else {
            continue
          }
          refusals.append("from step \(other), \(program.describe(operand)): \(rule.rawValue)")
        }
      }
      return Step(
        label: step.label, operations: Self.grouped(computed[number].map(program.describe)),
        reads: Self.unique(step.reads.map { names[$0] }), writes: Self.unique(step.writes.map { names[$0] }),
        refusals: Self.unique(refusals))
    }
    arenaByteCount = memory.byteCount
  }

  private static func name(
    of buffer: Int, in program: Program, _ plan: Plan, _ memory: MemoryPlan, _ writer: [Int: Int]
  ) -> String {
    let bytes = "\(plan.buffers[buffer].byteCount) bytes"
    switch plan.buffers[buffer].place {
    case .variable(let variable): return "variable \(variable.name), \(bytes)"
    case .input(let number?): return "\(program.describe(program.inputs[number].index)), \(bytes)"
    case .input(nil): return "the random state"
    case .constant: return "a constant, \(bytes)"
    case .parameter, .result: return "a value of a loop, \(bytes)"
    case .arena:
      let life = memory.lives[buffer]
      let end = life.last >= plan.steps.count ? "the end" : "step \(life.last)"
      let origin = plan.takeovers[buffer].flatMap { writer[$0] }.map { ", over what step \($0) wrote" } ?? ""
      return
        "arena at \(memory.offsets[buffer]), \(bytes), of step \(writer[buffer] ?? life.first) until \(end)\(origin)"
    }
  }

  /// Equal neighbours as one, with their number.
  private static func grouped(_ items: [String]) -> [String] {
    var result: [(item: String, count: Int)] = []
    for item in items {
      if result.last?.item == item { result[result.count - 1].count += 1 } else { result.append((item, 1)) }
    }
    return result.map { $0.count > 1 ? "\($0.item), \($0.count) times" : $0.item }
  }

  private static func unique(_ items: [String]) -> [String] {
    var known: Set<String> = []
    return items.filter { known.insert($0).inserted }
  }
}

extension PlannedStep {
  /// What it consists of: the loops of a sweep, otherwise itself.
  fileprivate var parts: [any PlannedStep] { (self as? SweepStep).map(\.loops) ?? [self] }
  /// Whether it moves elements and computes nothing.
  fileprivate var isCopy: Bool { (self as? TileStep).map { $0.instructions.isEmpty && $0.folds.isEmpty } ?? false }
}
