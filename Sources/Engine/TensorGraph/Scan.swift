import LatentDiagnostics

/// A loop of a known number of steps, each of which computes the same from other values: `Graph.scan`.
///
/// The node's operands are the first values of what is carried, the sequences, and what the body uses from outside, in this
/// order; its results, which `.result` nodes name, are the last values of what is carried, and the outputs of all steps.
package struct Scan: Hashable, Sendable {
  /// What one step computes.
  package var body: ScanBody
  /// The number of steps: the size of the first dimension of every sequence and of every stacked output.
  package var length: Int
  /// Whether the last slices of the sequences come first; outputs stand at the place of their step's slices.
  package var isReversed: Bool
  /// Whether the gradient computes a step's values anew from what was carried into it, instead of keeping them.
  package var isRematerialized: Bool
  /// The carried truth value, by number, that says whether the loop goes on: once it is false, steps change nothing of what is
  /// carried. Back ends may leave them out where nothing is stacked.
  package var goesOn: Int?

  /// The indices of the sequences, in the order in which the steps take them.
  package var steps: [Int] { isReversed ? (0..<length).reversed() : Array(0..<length) }

  /// The operand of the node that a parameter of the body stands for.
  package func operand(of parameter: ScanParameter) -> Int {
    switch parameter {
    case .carried(let number): number
    case .sequence(let number): body.carriedCount + number
    case .capture(let number): body.carriedCount + body.sequenceCount + number
    }
  }

  /// The shape of a result of the node.
  package func shape(ofResult number: Int) -> Shape {
    let shape = body.nodes[body.results[number]].shape
    return number < body.carriedCount ? shape : Shape([length] + shape.dimensions)
  }
}

/// What a leaf of a loop's body stands for.
package enum ScanParameter: Hashable, Sendable {
  /// What the step before left, by number.
  case carried(Int)
  /// The step's slice of a sequence, by number.
  case sequence(Int)
  /// A value from outside, the same for all steps, by number.
  case capture(Int)
}

/// The nodes of one step of a loop. Two bodies are equal if they compute the same.
package final class ScanBody: Hashable, Sendable {
  /// Operands before their users, by index among these nodes; leaves are parameters and constants.
  package let nodes: [Node]
  /// For each node the scope in which it was made.
  package let scopes: [String]
  /// How many values are carried, and how many sequences are cut.
  package let carriedCount: Int, sequenceCount: Int
  /// The nodes of the carried values after the step, and those of the outputs.
  package let results: [Int]
  private let hash: Int

  package init(nodes: [Node], scopes: [String], carriedCount: Int, sequenceCount: Int, results: [Int]) {
    self.nodes = nodes
    self.scopes = scopes
    self.carriedCount = carriedCount
    self.sequenceCount = sequenceCount
    self.results = results
    var hasher = Hasher()
    hasher.combine(nodes)
    hasher.combine(results)
    hash = hasher.finalize()
  }

  /// The same body with one more output, or as it is when the node is an output already; and the number of that result.
  package func adding(output node: Int) -> (body: ScanBody, result: Int) {
    if let known = results[carriedCount...].firstIndex(of: node) { return (self, known) }
    let extended = ScanBody(
      nodes: nodes, scopes: scopes, carriedCount: carriedCount, sequenceCount: sequenceCount,
      results: results + [node])
    return (extended, results.count)
  }

  package static func == (left: ScanBody, right: ScanBody) -> Bool {
    left === right
      || (left.hash == right.hash && left.results == right.results && left.carriedCount == right.carriedCount
        && left.sequenceCount == right.sequenceCount && left.nodes == right.nodes)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
