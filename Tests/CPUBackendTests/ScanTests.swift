import Latent
import TestSupport
import Testing

@testable import LatentCPUBackend

/// What loops promise beyond their numbers: the size of plans, memory, and randomness.
@Suite(.serialized) struct ScanTests {
  /// The loss of a recurrence over so many steps and its gradients.
  private func recurrence(_ length: Int, isRematerialized: Bool = false) -> Program {
    let graph = Graph()
    let x = graph.input("x", shape: [length, 4, 8])
    let kernel = graph.input("kernel", shape: [8, 8])
    let last = graph.scan([x], carrying: [graph.constant([0], shape: [4, 8])], isRematerialized: isRematerialized) {
      carried, slices in
      let inner = (carried[0].dot(kernel) + slices[0]).tanh()
      return ([(inner.exp() * carried[0]).sine() + inner], [])
    }.carried[0]
    let loss = last.squared().sum()
    return Program(graph: graph, outputs: [loss] + gradient(of: loss, withRespectTo: [kernel]))
  }

  @Test func aPlanDoesNotGrowWithTheLength() throws {
    let plans = try [10, 10_000].map { try Lowering.plan(recurrence($0), threads: 2) }
    #expect(plans[0].steps.count == plans[1].steps.count)
    #expect(plans[0].buffers.count == plans[1].buffers.count)
    let bodies = plans.map { $0.steps.compactMap { ($0 as? ScanStep)?.body.steps.count } }
    #expect(bodies[0] == bodies[1] && bodies[0].count == 2)
  }

  @Test func rematerializationKeepsWhatIsCarriedAlone() throws {
    let length = 1000
    let kept = try MemoryPlan(Lowering.plan(recurrence(length), threads: 1)).byteCount
    let again = try MemoryPlan(Lowering.plan(recurrence(length, isRematerialized: true), threads: 1)).byteCount
    let carried = length * 4 * 8 * 4
    // The stack of what each step left, and the same moved by one step, which is what each was given.
    #expect(again >= 2 * carried && again < 2 * carried + 20_000)
    #expect(kept > again + 2 * carried)
  }

  @Test func whatIsRematerializedIsTheSame() throws {
    let inputs = [
      HostTensor((0..<(50 * 32)).map { Double($0 % 7) * 0.1 }, shape: [50, 4, 8]),
      HostTensor((0..<64).map { Double($0 % 5) * 0.1 - 0.2 }, shape: [8, 8]),
    ]
    let results = try [false, true].map {
      try CPUBackend().compile(recurrence(50, isRematerialized: $0), state: VariableStore(seed: 0)).run(inputs)
    }
    #expect(largestDifference(results[0][1].doubles, results[1][1].doubles) < 1e-5)
  }

  @Test func whatNobodyReadsIsNotComputed() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [6, 4])
    let (_, outputs) = graph.scan([x]) { _, slices in ([], [slices[0] * 2, slices[0].dot0()]) }
    let whole = try Lowering.plan(Program(graph: graph, outputs: outputs), threads: 1)
    let part = try Lowering.plan(Program(graph: graph, outputs: [outputs[0]]), threads: 1)
    let steps = { (plan: Plan) in plan.steps.compactMap { $0 as? ScanStep }[0].body.steps.count }
    #expect(steps(part) == 1 && steps(whole) > 1)
  }

  @Test func whatDoesNotDependOnTheStepIsComputedOnce() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [6, 4])
    let weights = Variable("weights", shape: [4], initializer: .constant(2))
    let (_, outputs) = graph.scan([x]) { _, slices in
      // Read within the body, as a layer would.
      ([], [slices[0] * slices[0].graph.read(weights).exp().sum()])
    }
    let program = Program(graph: graph, outputs: outputs)
    let loops = program.nodes.compactMap { node in if case .scan(let scan) = node.operation { scan } else { nil } }
    #expect(loops.count == 1)
    #expect(!loops[0].body.nodes.contains { $0.operation == .unary(.exponential) })
  }

  @Test func everyStepDrawsNoiseOfItsOwn() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [50, 3])
    let (_, outputs) = graph.scan([x]) { _, slices in
      ([], [slices[0] * 0 + slices[0].graph.random(.uniform, shape: [3])])
    }
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: outputs), state: VariableStore(seed: 0))
    let zeros = HostTensor([Float](repeating: 0, count: 150), shape: [50, 3])
    let first = try executable.run([zeros], random: RandomState(seed: 1))[0].doubles
    #expect(Set(first).count == 150)
    #expect(try executable.run([zeros], random: RandomState(seed: 1))[0].doubles == first)
    #expect(try executable.run([zeros], random: RandomState(seed: 1, step: 1))[0].doubles != first)
  }

  @Test func aLoopEndsWithItsCondition() throws {
    let graph = Graph()
    let x = graph.input("x", shape: .scalar)
    // Without an end it would go on for hours.
    let results = graph.while([x, graph.constant(0, .int32)], limit: Int(Int32.max)) {
      ($0[0].squared() - 2).absoluteValue().compare(.greater, 1e-5)
    } body: {
      [($0[0] + 2 / $0[0]) * 0.5, $0[1] + graph.constant(1, .int32)]
    }
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: results), state: VariableStore(seed: 0))
    for (start, steps) in [(1.0, 3.0), (1e6, 23), (1.4142135, 0)] {
      let values = try executable.run([HostTensor([start], shape: .scalar)]).map(\.doubles)
      #expect(abs(values[0][0] - 2.0.squareRoot()) < 1e-4 && values[1] == [steps])
    }
  }

  @Test func aHundredSlicesGetOneGradient() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [8, 100, 4])
    let loss = (0..<100).map { (x.slice(1, $0..<($0 + 1)) * Double($0)).sine().sum() }.reduce(graph.constant(0), +)
    let share = gradient(of: loss, withRespectTo: [x])[0]
    let program = Program(graph: graph, outputs: [share])
    let isPad = { (node: Node) in if case .pad = node.operation { true } else { false } }
    #expect(!program.nodes.indices.contains { program.isLive[$0] && isPad(program.nodes[$0]) })
  }

  @Test func aTensorOfABodyIsOfNoUseOutside() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      var inner: Tensor?
      _ = graph.scan([graph.input("x", shape: [3, 2])]) { _, slices in
        inner = slices[0]
        return ([], [slices[0]])
      }
      _ = inner.map { $0 * 2 }
    }
  }

  @Test func aVariableIsNotUpdatedWithinALoop() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let variable = Variable("v", shape: [2])
      _ = graph.scan([graph.input("x", shape: [3, 2])]) { _, slices in
        slices[0].graph.update(variable, to: slices[0])
        return ([], [slices[0]])
      }
    }
  }
}

extension Tensor {
  /// A product with itself, which is no loop over elements.
  fileprivate func dot0() -> Tensor { reshape([1, -1]).dot(reshape([-1, 1])) }
}
