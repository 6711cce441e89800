import Latent
import TestSupport
import Testing

@testable import LatentCPUBackend

/// What the CPU back end makes of a program, apart from the values.
@Suite(.serialized) struct PlanTests {
  private func steps(_ build: (Graph) -> [Tensor]) throws -> [any PlannedStep] {
    let graph = Graph()
    return try Lowering.plan(Program(graph: graph, outputs: build(graph)), threads: 2).steps
  }

  @Test func aChainOfElementwiseOperationsIsOneLoop() throws {
    let plan = try steps { graph in
      let x = graph.input("x", shape: [40, 30])
      let bias = graph.input("bias", shape: [30])
      return [((x + bias).tanh() * 3).softplus().sum([1])]
    }
    #expect(plan.count == 1)
  }

  @Test func aForwardAndBackwardPassOverTheSameElementsIsOneLoop() throws {
    let plan = try steps { graph in
      let (logits, x) = (graph.input("logits", shape: [8, 50]), graph.input("x", shape: [8, 50]))
      let loss = logits.binaryCrossEntropy(targets: x).sum()
      return [loss, gradient(of: loss, withRespectTo: [logits])[0]]
    }
    #expect(plan.count == 1)
  }

  @Test func transpositionsBecomeFlags() throws {
    let plan = try steps { graph in
      let (x, w) = (graph.input("x", shape: [8, 5]), graph.input("w", shape: [8, 6]))
      return [x.transpose([1, 0]).dot(w)]
    }
    #expect(plan.count == 1)
    #expect((plan.first as? MatrixProductStep)?.transposeLeft == true)
  }

  @Test func buffersThatLiveAtTheSameTimeDoNotOverlap() throws {
    let graph = Graph()
    var x = graph.input("x", shape: [30, 30])
    var kept: [Tensor] = []
    for index in 0..<12 {
      x = x.dot(x).tanh()
      if index % 3 == 0 { kept.append(x.sum([0])) }
    }
    let plan = try Lowering.plan(Program(graph: graph, outputs: kept + [x]), threads: 1)
    let memory = MemoryPlan(plan)
    var lives: [Int: ClosedRange<Int>] = [:]
    for (position, step) in plan.steps.enumerated() {
      for buffer in step.reads + step.writes {
        lives[buffer] = min(lives[buffer]?.lowerBound ?? position, position)...position
      }
    }
    for buffer in plan.outputs { lives[buffer] = (lives[buffer]?.lowerBound ?? 0)...plan.steps.count }
    let arena = lives.keys.filter { if case .arena = plan.buffers[$0].place { true } else { false } }
    for left in arena {
      for right in arena where left < right {
        guard let a = lives[left], let b = lives[right], a.overlaps(b) else { continue }
        // A loop may write where it reads for the last time, and there alone.
        if plan.takeovers[right] == left {
          #expect(a.upperBound == b.lowerBound)
          continue
        }
        let first = memory.offsets[left]..<(memory.offsets[left] + plan.buffers[left].byteCount)
        let second = memory.offsets[right]..<(memory.offsets[right] + plan.buffers[right].byteCount)
        #expect(!first.overlaps(second))
      }
    }
    let total = arena.reduce(0) { $0 + plan.buffers[$1].byteCount }
    #expect(memory.byteCount < total / 2)
  }

  @Test func anOptimiserUpdatesAllParametersInOneSweep() throws {
    let sizes = [300, 200, 100, 50]
    let parameters = zip(sizes, sizes.dropFirst()).map { Variable("w\($0)", shape: [$0, $1]) }
    let graph = Graph()
    let loss = parameters.reduce(graph.input("x", shape: [4, 300])) { $0.dot(graph.read($1)) }.sum()
    let optimizer = OptimizerState(.adam(learningRate: 0.1), over: parameters)
    optimizer.minimize(loss, learningRate: graph.constant(0.1))
    let sweep = try Lowering.plan(Program(graph: graph, outputs: [loss]), threads: 2).steps.compactMap {
      $0 as? SweepStep
    }.last
    let loops = try #require(sweep?.loops)
    #expect(loops.count == 3)
    // Twelve operations, joined where products are added and roots divide.
    #expect(loops.allSatisfy { $0.instructions.count == 7 })
  }

  @Test func loopsThatNeedEachOtherAreNoSweep() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [400, 300])
    let scale = x.exp().sum([1])
    let normalized = x.exp() / scale.reshape([400, 1])
    let plan = try Lowering.plan(Program(graph: graph, outputs: [normalized, normalized.sum([0])]), threads: 2)
    let sweeps = plan.steps.compactMap { $0 as? SweepStep }
    for sweep in sweeps {
      for (place, loop) in sweep.loops.enumerated() {
        for earlier in sweep.loops[..<place] { #expect(Set(earlier.writes).isDisjoint(with: loop.reads + loop.writes)) }
      }
    }
    let values = try CPUBackend(threads: 2).compile(
      Program(graph: graph, outputs: [normalized.sum([1])]), state: VariableStore(seed: 0)
    )
    .run(
      [HostTensor((0..<120_000).map { Float($0 % 17) / 10 }, shape: [400, 300])], random: RandomState(seed: 1))
    #expect(values[0].doubles.allSatisfy { abs($0 - 1) < 1e-5 })
  }

  /// A cluster can be entered late and left early, so that no order of nodes says what leads where.
  @Test func divergencesBothWaysAreOneProgram() throws {
    let graph = Graph()
    let p = DiagonalNormal(
      mean: graph.input("mean", shape: [3]), logVariance: graph.input("logVariance", shape: [3]))
    let q = MultivariateNormal(
      mean: graph.input("means", shape: [4, 3]),
      factor: CholeskyFactor(unconstrained: graph.input("factor", shape: [4, 6])), form: .precision)
    let divergences = [kullbackLeibler(from: q, to: p), kullbackLeibler(from: p, to: q)].compactMap { $0 }
    #expect(try agrees(Program(graph: graph, outputs: divergences), seed: 1))
  }

  @Test(arguments: 0..<60) func anyGraphIsComputedInAnOrderThatWorks(_ seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), name: "graphs")
    let graph = Graph()
    var tensors = (0..<3).map { graph.input("input\($0)", shape: [6, 5]) }
    func pick() -> Tensor { tensors[Int(stream.nextUniform() * Double(tensors.count))] }
    for _ in 0..<80 {
      let (x, y) = (pick(), pick())
      switch Int(stream.nextUniform() * 8) {
      case 0: tensors.append(x + y)
      case 1: tensors.append(x * y.tanh())
      case 2: tensors.append((x - y).logistic())
      case 3: tensors.append(x.tanh() - x.mean([0], keepingDimensions: true))
      case 4: tensors.append(y / (x.squared().sum([1], keepingDimensions: true) + 1))
      case 5: tensors.append(x.reshape([30]).reverse([0]).reshape([6, 5]))
      case 6: tensors.append(x.slice(1, 0..<1) * y)
      default: tensors.append(x.logSumExp([1], keepingDimensions: true) - y)
      }
    }
    let outputs = tensors.suffix(6).map { $0.tanh() }
    let slope = gradient(of: outputs[0].sum(), withRespectTo: [tensors[0]])[0].tanh()
    #expect(try agrees(Program(graph: graph, outputs: outputs + [slope]), seed: UInt64(seed)))
  }

  /// Whether the plan gives what the interpreter gives.
  private func agrees(_ program: Program, seed: UInt64) throws -> Bool {
    var stream = RandomStream(seed: seed, name: "inputs")
    let inputs = program.inputs.map { input in
      HostTensor((0..<input.shape.elementCount).map { _ in Float(stream.nextUniform() * 2 - 1) }, shape: input.shape)
    }
    let results = try [CPUBackend(threads: 2) as any Backend, ReferenceBackend()].map {
      try $0.compile(program, state: VariableStore(seed: 0)).run(inputs, random: RandomState(seed: 1))
    }
    return zip(results[0], results[1]).allSatisfy { largestDifference($0.doubles, $1.doubles) < 1e-3 }
  }

  @Test func aSecondProgramOfTheSameNodesIsNotLoweredAgain() throws {
    let w = Variable("cached", shape: [3], initializer: .values([1, 2, 3]))
    func program(_ factor: Double) -> Program {
      let graph = Graph()
      return Program(graph: graph, outputs: [(graph.read(w) * factor).exp().log()])
    }
    let (cache, threads) = (PlanCache(), CPUBackend().threads)
    #expect(!cache.holds(program(2), threads: threads))
    _ = try cache.plan(program(2), threads: threads)
    #expect(cache.holds(program(2), threads: threads))
    #expect(!cache.holds(program(3), threads: threads))
    let first = try CPUBackend().compile(program(2), state: VariableStore(seed: 0))
    // Each has memory of its own.
    let other = VariableStore(seed: 0)
    try other.set(w, to: HostTensor([10, 20, 30], shape: [3]))
    let second = try CPUBackend().compile(program(2), state: other)
    #expect(try first.run([])[0].doubles.map { $0.rounded() } == [2, 4, 6])
    #expect(try second.run([])[0].doubles.map { $0.rounded() } == [20, 40, 60])
    #expect(try first.run([])[0].doubles.map { $0.rounded() } == [2, 4, 6])
  }

  @Test func float64IsRefusedWithASentence() {
    let graph = Graph()
    let x = graph.input("x", shape: [2], type: .float64)
    let error = #expect(throws: LatentError.self) {
      try CPUBackend().compile(Program(graph: graph, outputs: [x.exp()]), state: VariableStore(seed: 0))
    }
    #expect(error?.description.contains("does not compute in float64") == true)
  }
}
