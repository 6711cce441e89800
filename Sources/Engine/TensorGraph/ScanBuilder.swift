import LatentDiagnostics

/// Builds the body of a loop.
package final class ScanBuilder {
  /// The body's graph while it grows.
  package let graph: Graph
  private let trace: ScanTrace

  /// Begins a loop in a graph.
  package init(around parent: Graph, length: Int) {
    trace = ScanTrace(parent: parent, length: length)
    graph = Graph(tracing: trace)
  }

  /// A value that each step gets from the one before; the first gets the given one.
  package func carried(_ initial: Tensor) -> Tensor {
    trace.initial.append(trace.parent.imported(initial).index)
    return graph.parameter(.carried(trace.initial.count - 1), initial.shape, initial.type)
  }

  /// The step's slice of a tensor of the graph around.
  package func slice(of sequence: Tensor) -> Tensor {
    require(
      sequence.rank > 0 && sequence.shape[0] == trace.length, "a sequence of \(trace.length), not \(sequence.shape)")
    return graph.parameter(
      .sequence(trace.addSequence(sequence)), Shape(Array(sequence.shape.dimensions.dropFirst())), sequence.type)
  }

  /// A leaf that must be substituted, or turn out to be used by nothing, before the body is finished.
  package func placeholder(_ number: Int, _ shape: Shape, _ type: ElementType) -> Tensor {
    graph.parameter(.sequence(-1 - number), shape, type)
  }

  /// Reads a node from a sequence in place of computing it.
  package func substitute(_ node: Tensor, bySliceOf sequence: Tensor) {
    require(node.graph === graph, "only nodes of the body are substituted")
    graph.replace(
      node.index,
      by: Node(
        operation: .parameter(.sequence(trace.addSequence(sequence))), operands: [], shape: node.shape, type: node.type)
    )
  }

  /// Adds the loop to the graph around it; what no result needs is left out.
  ///
  /// - Returns: the last carried values, and the stacked outputs.
  package func finish(
    carrying next: [Tensor], outputs: [Tensor], isReversed: Bool, isRematerialized: Bool, goesOn: Int? = nil
  ) -> (carried: [Tensor], outputs: [Tensor]) {
    let results = next.map { graph.imported($0).index }
    let given = outputs.map { graph.imported($0).index }
    // An output that is given twice is stacked once.
    var stacked: [Int] = []
    for output in given where !stacked.contains(output) { stacked.append(output) }
    trace.isClosed = true
    let (body, sequences, captures) = compacted(results + stacked)
    let scan = Scan(
      body: body, length: trace.length, isReversed: isReversed, isRematerialized: isRematerialized, goesOn: goesOn)
    let operands = (trace.initial + sequences + captures).map(trace.parent.tensor)
    let all = trace.parent.add(scan, operands)
    let places = given.map { next.count + (stacked.firstIndex(of: $0) ?? 0) }
    return (Array(all.prefix(next.count)), places.map { all[$0] })
  }

  /// The nodes that the results need, and the sequences and captures that those read.
  private func compacted(_ results: [Int]) -> (ScanBody, sequences: [Int], captures: [Int]) {
    var isLive = graph.nodes.map { _ in false }
    for result in results { isLive[result] = true }
    for index in graph.nodes.indices.reversed() where isLive[index] {
      for operand in graph.nodes[index].operands { isLive[operand] = true }
    }
    var place = graph.nodes.map { _ in -1 }
    var nodes: [Node] = []
    var scopes: [String] = []
    var (sequences, captures): ([Int], [Int]) = ([], [])
    var (newSequence, newCapture): ([Int: Int], [Int: Int]) = ([:], [:])
    for index in graph.nodes.indices where isLive[index] {
      var node = graph.nodes[index]
      node.operands = node.operands.map { place[$0] }
      switch node.operation {
      case .parameter(.sequence(let number)):
        require(number >= 0, "a placeholder in the body of a loop was never substituted")
        if newSequence[number] == nil {
          newSequence[number] = sequences.count
          sequences.append(trace.sequences[number])
        }
        node.operation = .parameter(.sequence(newSequence[number] ?? 0))
      case .parameter(.capture(let number)):
        if newCapture[number] == nil {
          newCapture[number] = captures.count
          captures.append(trace.captures[number])
        }
        node.operation = .parameter(.capture(newCapture[number] ?? 0))
      default: break
      }
      place[index] = nodes.count
      nodes.append(node)
      scopes.append(graph.scopes[index])
    }
    let body = ScanBody(
      nodes: nodes, scopes: scopes, carriedCount: trace.initial.count, sequenceCount: sequences.count,
      results: results.map { place[$0] })
    return (body, sequences, captures)
  }
}

/// How the graph of a loop's body hangs on the graph around it while it grows.
final class ScanTrace {
  let parent: Graph
  let length: Int
  /// Nodes of the parent: the first carried values, the sequences, and what the body uses from outside.
  var initial: [Int] = [], sequences: [Int] = [], captures: [Int] = []
  /// The body's node for each captured node of the parent.
  var captured: [Int: Int] = [:]
  /// Whether the body is finished, so that nothing can be added to it.
  var isClosed = false

  init(parent: Graph, length: Int) {
    self.parent = parent
    self.length = length
  }

  func addSequence(_ sequence: Tensor) -> Int {
    sequences.append(parent.imported(sequence).index)
    return sequences.count - 1
  }
}
