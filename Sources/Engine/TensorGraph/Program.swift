import LatentDiagnostics

/// What one run computes: outputs for the caller and new values for variables, all from one graph.
public struct Program {
  /// The graph that the outputs and assignments belong to.
  public let graph: Graph
  /// The graph's nodes as they were when the program was made; the graph may grow afterwards.
  package let nodes: [Node]
  private let scopes: [String]
  /// What the caller gets back, in order.
  public let outputs: [Tensor]
  /// The variables that change and their new values; all reads see the values before any assignment.
  public let assignments: [(variable: Variable, value: Tensor)]
  /// The inputs that the outputs and assignments depend on, in the order in which they were made; the random state is
  /// not among them.
  public let inputs: [Tensor]
  /// Whether the program draws random numbers.
  package let isRandom: Bool
  /// Which nodes of the graph the outputs and assignments depend on.
  package let isLive: [Bool]

  /// Collects what the outputs and assignments depend on; without a list, the assignments are the graph's updates.
  ///
  /// - Precondition: an assigned value has its variable's shape and type, and no variable is assigned twice.
  public init(graph: Graph, outputs: [Tensor], assignments: [(variable: Variable, value: Tensor)]? = nil) {
    let assignments = assignments ?? graph.updates
    for (variable, value) in assignments {
      require(
        variable.shape == value.shape && variable.type == value.type,
        "assign \(value.type) \(value.shape) to variable \(variable): shapes and types must be equal")
    }
    require(Set(assignments.map(\.variable)).count == assignments.count, "a variable is assigned twice")
    var isLive = [Bool](repeating: false, count: graph.nodes.count)
    for root in outputs + assignments.map(\.value) { isLive[root.index] = true }
    for index in graph.nodes.indices.reversed() where isLive[index] {
      for operand in graph.nodes[index].operands { isLive[operand] = true }
    }
    var inputs: [Tensor] = []
    var isRandom = false
    for index in graph.nodes.indices where isLive[index] {
      guard case .input(let name) = graph.nodes[index].operation else { continue }
      if name == Graph.randomStateName { isRandom = true } else { inputs.append(Tensor(graph: graph, index: index)) }
    }
    self.graph = graph
    nodes = graph.nodes
    scopes = graph.scopes
    self.outputs = outputs
    self.assignments = assignments
    self.inputs = inputs
    self.isRandom = isRandom
    self.isLive = isLive
  }

  /// One step of a loop as a program, whose outputs are the given results of the body.
  package init(body: ScanBody, results: [Int]) {
    let graph = Graph(body: body)
    self.init(graph: graph, outputs: results.map { graph.tensor(body.results[$0]) }, assignments: [])
  }

  /// The variables that the program reads or assigns, in the order in which they appear.
  public var variables: [Variable] {
    var seen = Set<Variable>()
    var result: [Variable] = []
    for index in nodes.indices where isLive[index] {
      if case .variable(let variable) = nodes[index].operation, seen.insert(variable).inserted {
        result.append(variable)
      }
    }
    for (variable, _) in assignments where seen.insert(variable).inserted { result.append(variable) }
    return result
  }
}

extension Program {
  /// Where in the model a node stands, such as `decoder/hidden0`.
  package func scope(of index: Int) -> String { scopes[index] }

  /// A node in words, for messages: its operation and where in the model it stands.
  package func describe(_ index: Int) -> String {
    let scope = scopes[index]
    let place = scope.isEmpty ? "" : " in \(scope)"
    switch nodes[index].operation {
    case .variable(let variable): return "variable \(variable.name)"
    case .input(let name): return "input \(name)"
    case .unary(let operation): return operation.rawValue + place
    case .binary(let operation): return operation.rawValue + place
    case .compare(let operation): return operation.rawValue + place
    case .reduce(let reduction, _): return "reduce (\(reduction.rawValue))" + place
    case .convolution(let direction, _): return "convolution (\(direction.rawValue))" + place
    case .scan: return "scan" + place
    case .attention: return "attention" + place
    case .attentionGradient: return "gradient of attention" + place
    case .constant, .iota, .random, .select, .convert, .argumentReduce, .cumulativeSum, .argumentSort, .dot, .gather,
      .scatterAdd, .reshape, .transpose, .broadcast, .slice, .pad, .concatenate, .reverse, .stopGradient, .gradientRule,
      .barrier, .result, .parameter:
      let name = String(describing: nodes[index].operation)
      return name.prefix { $0.isLetter } + place
    }
  }
}

extension Program {
  /// How many operations there are, those that nothing needs among them.
  public var nodeCount: Int { nodes.count }
}
