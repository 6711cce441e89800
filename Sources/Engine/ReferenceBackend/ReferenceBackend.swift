import LatentDiagnostics
import LatentExecution
import LatentTensorGraph

/// The oracle: an interpreter that is slow and obvious, in double precision throughout.
///
/// Values of type float32 are not rounded between operations, only when they leave; every result of type
/// bfloat16 is. Other back ends are tested against this one.
public struct ReferenceBackend: Backend {
  /// `reference`, the name by which messages call it.
  public let name = "reference"

  /// Creates the back end, which has no settings.
  public init() {}

  /// Prepares a program; nothing can go wrong but memory.
  public func compile(_ program: Program, state: VariableStore) throws -> any Executable {
    try state.checkAssignments(of: program)
    return try ReferenceExecutable(program, state)
  }
}

/// A program on the reference back end.
final class ReferenceExecutable: Executable {
  let program: Program
  private let inputMemory: [UnsafeMutableRawBufferPointer]
  private let variables: [Variable: UnsafeMutableRawBufferPointer]
  private let state: VariableStore
  private var outputBytes: [HostTensor] = []

  init(_ program: Program, _ state: VariableStore) throws {
    self.program = program
    self.state = state
    inputMemory = program.inputs.map {
      .allocate(byteCount: $0.shape.elementCount * $0.type.byteCount, alignment: 64)
    }
    for memory in inputMemory { memory.initializeMemory(as: UInt8.self, repeating: 0) }
    variables = try Dictionary(
      uniqueKeysWithValues: program.variables.map { ($0, try state.buffer(of: $0)) })
  }

  deinit {
    for memory in inputMemory { memory.deallocate() }
  }

  func withInput<Result>(_ index: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(inputMemory[index])
  }

  func withOutput<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try outputBytes[index].bytes.withUnsafeBytes(body)
  }

  func run(_ random: RandomState) throws {
    let values = evaluate(random)
    outputBytes = program.outputs.map {
      HostTensor(values[$0.index]?.elements ?? [], shape: $0.shape, type: $0.type)
    }
    for (variable, value) in program.assignments {
      guard let buffer = variables[variable], let result = values[value.index] else { continue }
      encode(result.elements, as: variable.type, into: buffer)
    }
    if !program.assignments.isEmpty { state.noteAssignment() }
  }

  func firstNonFinite(_ random: RandomState) throws -> String? {
    let values = evaluate(random)
    return program.nodes.indices.first { index in
      program.isLive[index] && program.nodes[index].type.isFloatingPoint
        && !(values[index]?.elements.allSatisfy(\.isFinite) ?? true)
    }.map(program.describe)
  }

  func profile(_ random: RandomState) throws -> [StepProfile] {
    try run(random)
    return []
  }

  private func evaluate(_ random: RandomState) -> [Int: ReferenceArray] {
    interpret(program.nodes, program.isLive) { node in
      switch node.operation {
      case .input(let name):
        if name == Graph.randomStateName { return (0..<4).map { Double(random.words[$0]) } }
        let index = program.inputs.firstIndex { $0.node == node }
        return index.map { decode(UnsafeRawBufferPointer(inputMemory[$0]), as: node.type) } ?? []
      case .variable(let variable):
        return variables[variable].map { decode(UnsafeRawBufferPointer($0), as: node.type) } ?? []
      default: return nil
      }
    }
  }
}

/// The elements of all live nodes, the given leaves among them; those of several results, which have none of their own, are left out.
func interpret(
  _ nodes: [Node], _ isLive: [Bool], leaves: (Node) -> [Double]?
) -> [Int: ReferenceArray] {
  var values: [Int: ReferenceArray] = [:]
  var results: [Int: [ReferenceArray]] = [:]
  for (index, node) in nodes.enumerated() where isLive[index] {
    let operands = node.operands.compactMap { values[$0] }
    switch node.operation {
    case .scan(let scan):
      results[index] = scanned(scan, operands)
    case .attention(let settings):
      results[index] = attended(settings, operands)
    case .attentionGradient(let settings):
      results[index] = attendedGradient(settings, operands)
    case .result(let number):
      values[index] = results[node.operands[0]]?[number]
    default:
      let elements = leaves(node) ?? interpret(node, operands)
      values[index] = ReferenceArray(
        node.shape, node.type == .bfloat16 ? elements.map { converted($0, to: .bfloat16) } : elements)
    }
  }
  return values
}
