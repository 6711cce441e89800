import LatentTensorGraph

/// Which nodes are computed together, and in what order.
///
/// A cluster is one step: either a single node, or element-wise nodes of one shape with the reductions that end them.
/// A producer joins its consumer's cluster unless that would make two clusters wait for each other.
struct FusionPlan {
  /// The nodes of each cluster, ascending; the clusters in the order in which they run.
  let clusters: [[Int]]
  /// The cluster of each node, in the same numbering; -1 for nodes that are not computed by a step.
  let clusterOf: [Int]

  /// - Parameter fuses: whether nodes are joined at all; if not, every value can be looked at after its step.
  init(_ program: Program, fuses: Bool) {
    (clusters, clusterOf) = FusionBuilder(program, fuses: fuses).ordered()
  }
}

/// How a node takes part in fusion.
enum FusionRole {
  /// Computed element by element over its own shape.
  case elementwise
  /// Folds elements of its operand's shape.
  case reduction
  /// Has a step, or a view, of its own.
  case opaque
  /// Is there before the run begins.
  case leaf

  init(_ node: Node) {
    switch node.operation {
    case .unary, .binary, .compare, .select, .convert: self = .elementwise
    case .reduce: self = .reduction
    case .input, .variable, .constant, .parameter: self = .leaf
    case .iota, .random, .argumentReduce, .cumulativeSum, .argumentSort, .dot, .convolution, .gather, .scatterAdd,
      .reshape, .transpose, .broadcast, .slice, .pad, .concatenate, .reverse, .stopGradient, .gradientRule, .barrier,
      .scan, .attention, .attentionGradient, .result:
      self = .opaque
    }
  }
}

/// Why two loops are not one.
enum FusionRefusal: String {
  /// A cluster is no loop over elements but a step of another kind: a product of matrices, a convolution.
  case noLoop = "a product or a convolution is joined by a bias and an activation alone"
  /// The value is a sum or an extremum, which is complete only when its loop is over.
  case unfinished = "its reduction is complete only when its loop is over"
  /// The elements of the one are not those of the other.
  case otherShape = "they loop over different shapes"
  /// The loop would need more registers than a tile program has.
  case tooLarge = "together they have more operations than a tile program has registers for"
  /// Both end in reductions, over different dimensions: a loop has one order in which it reduces.
  case otherDimensions = "they reduce over different dimensions"
  /// A third cluster needs the result of the one and gives an operand to the other, so that it would have to run after the
  /// joint loop and before it. In `e / sum(e)` the exponential and the sum can be one loop, but the division cannot join it:
  /// the sum's broadcast, a view, lies between and is complete only when the loop is over. A path may lead either way round:
  /// of two readers of one value, neither is the other's producer.
  case standsBetween = "a step between them needs the one and is needed by the other"
}
