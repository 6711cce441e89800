import CLatentKernels
import LatentDiagnostics
import LatentExecution
import LatentTensorGraph

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A plan with memory: a run is one pass over its steps.
final class CPUExecutable: Executable {
  let program: Program
  private let plan: Plan
  private let threads: Int
  private let memory: PlanMemory
  private let owned = OwnedMemory()
  private let steps: [any Step]
  /// The steps of every run, and those that run only when variables have changed.
  private let usual: [any Step], settled: [any Step]
  /// The version of the variables that the settled steps last saw.
  private var settledVersion: Int?
  private let inputs: [UnsafeMutableRawBufferPointer]
  /// For inputs that only products and convolutions read, where their present address stands.
  private let cells: [Int: UnsafeMutablePointer<UnsafeMutableRawPointer>]
  private let randomState: UnsafeMutableRawPointer?
  /// Keeps the variables' memory alive.
  private let state: VariableStore

  init(_ program: Program, plan: Plan, threads: Int, state: VariableStore) throws {
    self.program = program
    self.plan = plan
    self.threads = threads
    self.state = state
    let arenaPlan = MemoryPlan(plan)
    let arena = try owned.allocate(arenaPlan.byteCount)
    var inputs = program.inputs.map { _ in UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    var randomState: UnsafeMutableRawPointer?
    var addresses: [UnsafeMutableRawPointer] = []
    for (index, buffer) in plan.buffers.enumerated() {
      switch buffer.place {
      case .arena:
        addresses.append(arena + arenaPlan.offsets[index])
        continue
      case .variable(let variable):
        addresses.append(try state.buffer(of: variable).baseAddress ?? arena)
        continue
      case .input(let number):
        let pointer = try owned.allocate(buffer.byteCount)
        if let number {
          inputs[number] = UnsafeMutableRawBufferPointer(start: pointer, count: buffer.byteCount)
        } else {
          randomState = pointer
        }
        addresses.append(pointer)
      case .constant(let bytes):
        addresses.append(try owned.allocate(bytes))
      case .parameter, .result:
        stop("a value of a loop outside its body")
      }
    }
    self.inputs = inputs
    self.randomState = randomState
    var cells: [Int: UnsafeMutablePointer<UnsafeMutableRawPointer>] = [:]
    var bufferCells: [Int: UnsafeMutablePointer<UnsafeMutableRawPointer>] = [:]
    for (index, buffer) in plan.buffers.enumerated() {
      guard case .input(let number?) = buffer.place, plan.isLendable(index) else { continue }
      let cell = try owned.cell(addresses[index])
      cells[number] = cell
      bufferCells[index] = cell
    }
    self.cells = cells
    let memory = PlanMemory(addresses: addresses, cells: bufferCells)
    self.memory = memory
    let steps = try plan.steps.map { try $0.bind(memory) }
    self.steps = steps
    let scratch = try owned.allocate(steps.map(\.scratchByteCount).max() ?? 0)
    for step in steps { step.lendScratch(scratch) }
    usual = steps.indices.filter { !plan.settled.contains($0) }.map { steps[$0] }
    settled = plan.settled.sorted().map { steps[$0] }
  }

  func withInput<Result>(_ index: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(inputs[index])
  }

  func lendInput<Result>(
    _ index: Int, _ memory: UnsafeRawBufferPointer, during body: () throws -> Result
  ) throws -> Result {
    try checkInput(index, byteCount: memory.count)
    guard let cell = cells[index], let base = memory.baseAddress else {
      inputs[index].copyMemory(from: memory)
      return try body()
    }
    let own = cell.pointee
    cell.pointee = UnsafeMutableRawPointer(mutating: base)
    defer { cell.pointee = own }
    return try body()
  }

  func withOutput<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let buffer = plan.outputs[index]
    return try body(UnsafeRawBufferPointer(start: memory.address(buffer), count: plan.buffers[buffer].byteCount))
  }

  func run(_ random: RandomState) throws {
    setRandomState(random)
    try withThreads(threads) {
      if !settled.isEmpty, settledVersion != state.version {
        for step in settled { try step.run() }
        settledVersion = state.version
      }
      for step in usual { try step.run() }
    }
    if !program.assignments.isEmpty { state.noteAssignment() }
  }

  func profile(_ random: RandomState) throws -> [StepProfile] {
    setRandomState(random)
    defer { if !program.assignments.isEmpty { state.noteAssignment() } }
    let clock = ContinuousClock()
    return try zip(plan.steps, steps).map { planned, step in
      let time = try clock.measure { try withThreads(threads) { try step.run() } }
      // A buffer that is read and written is moved twice, one that is read through two views once.
      let bytes = (Set(planned.reads) + planned.writes).reduce(0) { $0 + plan.buffers[$1].byteCount }
      return StepProfile(
        label: planned.label, place: program.scope(of: planned.node),
        seconds: Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds), flop: planned.flop,
        bytes: bytes)
    }
  }

  func firstNonFinite(_ random: RandomState) throws -> String? {
    // A plan without fusion, so that every value can be looked at.
    let plan = try Lowering.plan(program, threads: 1, fuses: false)
    let watched = try withThreads(1) { try CPUExecutable(program, plan: plan, threads: 1, state: state) }
    for (source, copy) in zip(inputs, watched.inputs) { copy.copyMemory(from: UnsafeRawBufferPointer(source)) }
    // Steps write variables in place, so what they held is put back at the end.
    let saved = try program.assignments.map { ($0.variable, try state.value(of: $0.variable)) }
    let culprit = try watched.watchedRun(random)
    for (variable, value) in saved { try state.set(variable, to: value) }
    return culprit
  }

  private func watchedRun(_ random: RandomState) throws -> String? {
    setRandomState(random)
    for (index, buffer) in plan.buffers.enumerated() where !isFinite(index) {
      if case .input(let number?) = buffer.place { return program.describe(program.inputs[number].index) }
      if case .variable(let variable) = buffer.place { return "variable \(variable.name)" }
    }
    for (planned, step) in zip(plan.steps, steps) {
      try withThreads(threads) { try step.run() }
      if !planned.writes.allSatisfy(isFinite) { return program.describe(planned.node) }
    }
    return nil
  }

  private func isFinite(_ buffer: Int) -> Bool {
    guard plan.buffers[buffer].type == .float32 else { return true }
    let floats = memory.address(buffer).assumingMemoryBound(to: Float.self)
    return latent_all_finite(floats, plan.buffers[buffer].byteCount / 4) != 0
  }

  private func setRandomState(_ random: RandomState) {
    guard let randomState else { return }
    randomState.storeBytes(of: random.words, as: SIMD4<Int32>.self)
  }
}
