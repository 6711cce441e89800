import LatentDiagnostics
import LatentRandomness

/// One operation in a graph, with its operands and the shape and element type of its result.
package struct Node: Hashable, Sendable {
  /// What the node computes from its operands.
  package var operation: GraphOperation
  /// The nodes it is computed from, by index in the graph; always smaller than the node's own index.
  package var operands: [Int]
  /// The result's shape.
  package var shape: Shape
  /// The result's element type.
  package var type: ElementType
}

/// A growing list of operations, in an order in which they can be computed.
///
/// Nodes that compute the same thing from the same operands are one node, so common sub-expressions never exist.
public final class Graph {
  /// The nodes, operands before their users.
  package private(set) var nodes: [Node] = []
  /// For each node, the scope in which it was first made, such as `decoder/hidden0`.
  package private(set) var scopes: [String] = []

  private var known: [Node: Int] = [:]
  private var scopePath: [String] = []
  /// How this graph hangs on another one, if it is the body of a loop.
  private let trace: ScanTrace?
  /// How many loops are around it.
  let depth: Int
  private var randomCount = 0
  private let substitutions: [Variable: Variable]
  /// The nodes that are read in place of variables at present; indices, as tensors would hold the graph that holds them.
  private var standIns: [Variable: Int] = [:]
  /// Whether attention is written in other operations, with all weights stored: for programs that go where it is unknown.
  package var spellsOutAttention = false
  /// The element type in which float32 matrix products and convolutions read their operands. With bfloat16 they still
  /// accumulate, and give their results, in float32.
  package private(set) var matrixPrecision: ElementType

  /// The new values that variables get when a run ends, in the order in which they were given.
  public var updates: [(variable: Variable, value: Tensor)] {
    newValues.map { ($0.variable, Tensor(graph: self, index: $0.index)) }
  }
  /// The same by index: tensors would hold the graph that holds them, for ever.
  private var newValues: [(variable: Variable, index: Int)] = []

  /// The name of the input that holds a run's random state.
  package static let randomStateName = "random state"

  /// Creates an empty graph.
  ///
  /// - Parameters:
  ///   - substitutions: variables that are read in place of others, such as running averages in place of weights.
  ///   - matrixPrecision: float32, or bfloat16 to let products and convolutions round their operands to it.
  public init(substituting substitutions: [Variable: Variable] = [:], matrixPrecision: ElementType = .float32) {
    require(matrixPrecision == .float32 || matrixPrecision == .bfloat16, "no products in \(matrixPrecision)")
    self.substitutions = substitutions
    self.matrixPrecision = matrixPrecision
    trace = nil
    depth = 0
  }

  /// Creates the graph of a loop's body.
  init(tracing trace: ScanTrace) {
    substitutions = [:]
    matrixPrecision = trace.parent.matrixPrecision
    scopePath = trace.parent.scopePath
    self.trace = trace
    depth = trace.parent.depth + 1
  }

  /// Creates the graph of a loop's finished body.
  package init(body: ScanBody) {
    substitutions = [:]
    matrixPrecision = .float32
    trace = nil
    depth = 0
    nodes = body.nodes
    scopes = body.scopes
  }

  /// Adds a node, or finds the equal or a simpler one, and returns it as a tensor.
  ///
  /// In the body of a loop it becomes part of the innermost loop that its operands belong to, so that what does not depend
  /// on the step is computed outside, once.
  package func add(_ operation: GraphOperation, _ operands: [Tensor], shape: Shape, type: ElementType) -> Tensor {
    let innermost = operands.max { $0.graph.depth < $1.graph.depth }?.graph ?? outermost
    if innermost !== self { return innermost.add(operation, operands, shape: shape, type: type) }
    if let simpler = simplified(operation, operands, shape: shape, type: type) { return simpler }
    return insert(operation, operands.map(imported), shape: shape, type: type)
  }

  /// The graph around all loops.
  private var outermost: Graph { trace?.parent.outermost ?? self }

  private func insert(_ operation: GraphOperation, _ operands: [Tensor], shape: Shape, type: ElementType) -> Tensor {
    let node = Node(operation: operation, operands: operands.map(\.index), shape: shape, type: type)
    if let index = known[node] { return Tensor(graph: self, index: index) }
    require(trace?.isClosed != true, "a tensor of a loop's body is used outside the loop: return it as an output")
    known[node] = nodes.count
    nodes.append(node)
    scopes.append(scopePath.joined(separator: "/"))
    return Tensor(graph: self, index: nodes.count - 1)
  }

  /// What a tensor of this graph, or of one around it, is called here: in a loop's body a value from outside is a parameter.
  package func imported(_ tensor: Tensor) -> Tensor {
    if tensor.graph === self { return tensor }
    guard let trace, tensor.graph.depth < depth else { stop("operands of one operation belong to one graph") }
    let outer = trace.parent.imported(tensor)
    if case .constant = outer.node.operation {
      return insert(outer.node.operation, [], shape: outer.shape, type: outer.type)
    }
    if let index = trace.captured[outer.index] { return Tensor(graph: self, index: index) }
    let inner = parameter(.capture(trace.captures.count), outer.shape, outer.type)
    trace.captures.append(outer.index)
    trace.captured[outer.index] = inner.index
    return inner
  }

  /// Whether this body uses values from outside that are computed from a tensor there: they stand outside, where a search of
  /// the body does not come.
  package func usesValues(computedFrom tensor: Tensor) -> Bool {
    guard let trace, tensor.graph !== self else { return false }
    guard tensor.graph === trace.parent else { return trace.parent.usesValues(computedFrom: tensor) }
    var depends = [Bool](repeating: false, count: trace.parent.nodes.count)
    for index in depends.indices.dropFirst(tensor.index) {
      depends[index] = index == tensor.index || trace.parent.nodes[index].operands.contains { depends[$0] }
    }
    return trace.captures.contains { $0 != tensor.index && depends[$0] }
  }

  /// A leaf of a loop's body.
  package func parameter(_ parameter: ScanParameter, _ shape: Shape, _ type: ElementType) -> Tensor {
    insert(.parameter(parameter), [], shape: shape, type: type)
  }

  /// Puts a node in the place of one that has the same results.
  func replace(_ index: Int, by node: Node) {
    nodes[index] = node
    known[node] = index
  }

  /// The tensor of a node.
  package func tensor(_ index: Int) -> Tensor {
    require(nodes.indices.contains(index), "no node \(index) in the graph")
    return Tensor(graph: self, index: index)
  }

  /// Names the nodes made in the body after a part of the model.
  public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    scopePath.append(name)
    defer { scopePath.removeLast() }
    return try body()
  }

  /// Lets the products made in the body read their float32 operands as they are, for computations in which rounding grows.
  public func withExactProducts<Result>(_ body: () throws -> Result) rethrows -> Result {
    let precision = matrixPrecision
    matrixPrecision = .float32
    defer { matrixPrecision = precision }
    return try body()
  }

  /// A value that the caller gives for each run, by name.
  public func input(_ name: String, shape: Shape, type: ElementType = .float32) -> Tensor {
    require(name != Graph.randomStateName, "the input `\(name)` is made by the graph itself")
    return add(.input(name), [], shape: shape, type: type)
  }

  /// The value of a variable as it stands when a run begins.
  public func read(_ variable: Variable) -> Tensor {
    if let index = standIns[variable] { return Tensor(graph: self, index: index) }
    if let trace { return trace.parent.read(variable) }
    let variable = substitutions[variable] ?? variable
    return add(.variable(variable), [], shape: variable.shape, type: variable.type)
  }

  /// Lets reads of variables in the body give other tensors, such as draws from a posterior over weights.
  ///
  /// Gradients flow through these tensors to what they are made of. Reads outside the body, and reads of other variables,
  /// are not changed; of several bodies around a read the innermost that has the variable decides.
  ///
  /// - Precondition: the tensors belong to this graph and have their variables' shapes and types.
  public func substituting<Result>(_ values: [Variable: Tensor], _ body: () throws -> Result) rethrows -> Result {
    for (variable, value) in values {
      require(value.graph === self, "the substitute for \(variable) belongs to another graph")
      require(
        value.shape == variable.shape && value.type == variable.type,
        "a substitute for \(variable) cannot be \(value.type) \(value.shape)")
    }
    let outer = standIns
    standIns.merge(values.mapValues(\.index)) { $1 }
    defer { standIns = outer }
    return try body()
  }

  /// Gives a variable a new value when the run ends; all reads in the run see the old one.
  public func update(_ variable: Variable, to value: Tensor) {
    require(trace == nil, "\(variable) cannot be given a new value within a loop: carry it, and do so after the loop")
    require(value.graph === self, "the new value of \(variable) belongs to another graph")
    newValues.append((variable, value.index))
  }

  /// A constant without dimensions, such as a factor; it is rounded to the element type.
  public func constant(_ value: Double, _ type: ElementType = .float32) -> Tensor {
    add(.constant([value]), [], shape: .scalar, type: type)
  }

  /// A constant tensor with the given elements in row-major order, as many as the shape has, or one for all.
  public func constant(
    _ values: [Double], shape: Shape, type: ElementType = .float32, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    require(
      values.count == 1 || values.count == shape.elementCount,
      "constant: \(values.count) elements do not fill shape \(shape)", file: file, line: line)
    return add(.constant(values), [], shape: shape, type: type)
  }

  /// The index along a dimension, at every element.
  public func iota(shape: Shape, dimension: Int, type: ElementType = .int32) -> Tensor {
    require(
      shape.dimensions.indices.contains(dimension) && type != .bool, "iota along \(dimension) of \(type) \(shape)")
    return add(.iota(dimension: dimension), [], shape: shape, type: type)
  }

  /// Fresh random numbers: a new stream for every call, a new draw for every run, and for every step of a loop.
  public func random(_ distribution: RandomDistribution, shape: Shape, type: ElementType = .float32) -> Tensor {
    if let trace {
      // The draws of all steps at once, of which each step takes its slice.
      let all = trace.parent.random(distribution, shape: Shape([trace.length] + shape.dimensions), type: type)
      return parameter(.sequence(trace.addSequence(all)), shape, all.type)
    }
    if type == .bfloat16 { return random(distribution, shape: shape).converted(to: type) }
    let stream = streamIdentifier(scopePath.joined(separator: "/") + "/random\(randomCount)")
    randomCount += 1
    let state = add(.input(Graph.randomStateName), [], shape: [4], type: .int32)
    let type = distribution == .bits ? .int32 : type
    return add(.random(distribution, stream: stream), [state], shape: shape, type: type)
  }
}
