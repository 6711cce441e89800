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
    case .input, .variable, .constant: self = .leaf
    case .iota, .random, .argumentReduce, .cumulativeSum, .argumentSort, .dot, .convolution, .gather, .scatterAdd,
      .reshape, .transpose, .broadcast, .slice, .pad, .concatenate, .reverse, .stopGradient, .gradientRule, .barrier:
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

struct FusionBuilder {
  /// Bounds the registers of a tile program.
  private static let largestCluster = 60

  private let nodes: [Node]
  private let isLive: [Bool]
  private let roles: [FusionRole]
  private var users: [[Int]]
  private var clusterOf: [Int]
  private var members: [[Int]]
  /// For each place the last node of all clusters that begin there or before.
  private var farthest: [Int]
  private var visited: [Int]
  private var visit = 0

  init(_ program: Program, fuses: Bool) {
    nodes = program.nodes
    isLive = program.isLive
    roles = nodes.map(FusionRole.init)
    users = nodes.map { _ in [] }
    clusterOf = nodes.map { _ in -1 }
    members = nodes.map { _ in [] }
    farthest = Array(nodes.indices)
    visited = nodes.map { _ in 0 }
    for index in nodes.indices where isLive[index] && roles[index] != .leaf {
      for operand in nodes[index].operands { users[operand].append(index) }
      clusterOf[index] = index
      members[index] = [index]
    }
    guard fuses else { return }
    joinEpilogues(Set((program.outputs + program.assignments.map(\.value)).map(\.index)))
    fuse()
  }

  /// Joins products with the bias and activation that oneDNN can apply; nothing else joins such a cluster.
  private mutating func joinEpilogues(_ roots: Set<Int>) {
    let pattern = EpiloguePattern(nodes: nodes, users: users, isRoot: roots)
    for index in nodes.indices where clusterOf[index] >= 0 {
      guard let chain = pattern.chain(from: index) else { continue }
      members[index] = chain
      for member in chain {
        if member != index { members[member] = [] }
        clusterOf[member] = index
      }
      noteSpan(of: index)
    }
  }

  private mutating func noteSpan(of cluster: Int) {
    guard let first = members[cluster].first, let last = members[cluster].last else { return }
    for place in first..<last where farthest[place] < last { farthest[place] = last }
  }

  private func iterationShape(_ index: Int) -> Shape {
    roles[index] == .reduction ? nodes[nodes[index].operands[0]].shape : nodes[index].shape
  }

  private func reducedDimensions(_ cluster: Int) -> [Int]? {
    for member in members[cluster] {
      if case .reduce(_, let dimensions) = nodes[member].operation { return dimensions }
    }
    return nil
  }

  private mutating func fuse() {
    for index in nodes.indices where isLoop(index) {
      for operand in nodes[index].operands
      where clusterOf[operand] >= 0 && roles[operand] == .elementwise
        && nodes[operand].shape == iterationShape(index)
      {
        merge(clusterOf[operand], clusterOf[index])
      }
    }
    joinReaders()
  }

  private func isLoop(_ index: Int) -> Bool {
    clusterOf[index] >= 0 && (roles[index] == .elementwise || roles[index] == .reduction)
  }

  /// Why a node and an operand of it that both belong to loops are not in one; `nil` if they are, or either is in none.
  mutating func refusal(of operand: Int, by index: Int) -> FusionRefusal? {
    guard isLoop(index), isLoop(operand), clusterOf[operand] != clusterOf[index] else { return nil }
    if roles[operand] == .reduction { return .unfinished }
    if nodes[operand].shape != iterationShape(index) { return .otherShape }
    return refusal(clusterOf[operand], clusterOf[index])
  }

  /// Joins clusters that read the same elements, so that they are read once.
  private mutating func joinReaders() {
    for index in nodes.indices where isLive[index] {
      if case .constant = nodes[index].operation { continue }
      let readers = users[index].filter { user in
        (roles[user] == .elementwise || roles[user] == .reduction) && iterationShape(user) == nodes[index].shape
      }
      for (left, right) in zip(readers, readers.dropFirst()) {
        let clusters = [clusterOf[left], clusterOf[right]].sorted()
        merge(clusters[0], clusters[1])
      }
    }
  }

  /// Makes one cluster of two, if they can be one loop; otherwise leaves both as they are.
  ///
  /// The loop computes for each element all that either cluster computes for it, so that values between them stay in
  /// registers. The first cluster's number is kept, and its nodes stay in ascending order, which is an order to compute them in.
  private mutating func merge(_ producer: Int, _ consumer: Int) {
    guard producer != consumer, refusal(producer, consumer) == nil else { return }
    members[producer] = (members[producer] + members[consumer]).sorted()
    for member in members[consumer] { clusterOf[member] = producer }
    members[consumer] = []
    noteSpan(of: producer)
  }

  /// Why two clusters cannot be one loop; `nil` if they can.
  mutating func refusal(_ producer: Int, _ consumer: Int) -> FusionRefusal? {
    if roles[members[producer][0]] == .opaque || roles[members[consumer][0]] == .opaque { return .noLoop }
    if members[producer].count + members[consumer].count > Self.largestCluster { return .tooLarge }
    if let left = reducedDimensions(producer), let right = reducedDimensions(consumer), left != right {
      return .otherDimensions
    }
    if reaches(consumer, from: producer) || reaches(producer, from: consumer) { return .standsBetween }
    return nil
  }

  /// Whether a path through other clusters leads from one cluster to another.
  private mutating func reaches(_ target: Int, from source: Int) -> Bool {
    visit += 1
    // Beyond this place no cluster begins that leads back to the target: an edge goes forward, and a cluster entered at a
    // late node is left at an early one only if it spans both.
    var limit = members[target].last ?? 0
    while farthest[limit] > limit { limit = farthest[limit] }
    var stack: [Int] = []
    visited[source] = visit
    for member in members[source] {
      for user in users[member] where clusterOf[user] != target { push(clusterOf[user], limit, &stack) }
    }
    while let cluster = stack.popLast() {
      if cluster == target { return true }
      for member in members[cluster] {
        for user in users[member] { push(clusterOf[user], limit, &stack) }
      }
    }
    return false
  }

  private mutating func push(_ cluster: Int, _ limit: Int, _ stack: inout [Int]) {
    guard visited[cluster] != visit, let first = members[cluster].first, first <= limit else { return }
    visited[cluster] = visit
    stack.append(cluster)
  }

  /// The clusters so that operands come first, otherwise in the order in which their last nodes were made.
  func ordered() -> ([[Int]], [Int]) {
    var order: [[Int]] = []
    var place = clusterOf.map { _ in -1 }
    var isStarted = [Bool](repeating: false, count: nodes.count)
    let byLastNode = members.indices.filter { !members[$0].isEmpty }.sorted {
      (members[$0].last ?? 0) < (members[$1].last ?? 0)
    }
    for root in byLastNode where !isStarted[root] {
      var stack: [(cluster: Int, operands: [Int])] = [(root, operandClusters(root))]
      isStarted[root] = true
      while let top = stack.indices.last {
        if let next = stack[top].operands.popLast() {
          if !isStarted[next] {
            isStarted[next] = true
            stack.append((next, operandClusters(next)))
          }
        } else {
          let cluster = stack.removeLast().cluster
          for member in members[cluster] { place[member] = order.count }
          order.append(members[cluster])
        }
      }
    }
    return (order, place)
  }

  private func operandClusters(_ cluster: Int) -> [Int] {
    let operands = members[cluster].flatMap { nodes[$0].operands }.map { clusterOf[$0] }
    return Set(operands).subtracting([-1, cluster]).sorted(by: >)
  }
}
