import LatentTensorGraph

/// Joins nodes to clusters.
///
/// The time is that of the number of nodes: a cluster is a linked list of its members, and whether two can be one is mostly
/// seen from `PathTree`.
struct FusionBuilder {
  /// Bounds the registers of a tile program.
  private static let largestCluster = 60
  /// Bounds the search for a path between two clusters, beyond which there is taken to be one. Only graphs of many thousand
  /// nodes come near it.
  private static let longestSearch = 4000

  /// A set of nodes that are computed together; the first of them gives it its number.
  private struct Cluster {
    var first: Int, last: Int
    var count = 1
    /// Where its list of members ends, which begins at the cluster's number.
    var tail: Int
    /// A reduction among the members, if there is one.
    var reduction: Int?
    /// Whether it is a step or a view of its own, which nothing joins.
    var isOpaque: Bool
  }

  private let nodes: [Node]
  private let isLive: [Bool]
  private let roles: [FusionRole]
  private let users: NodeLinks, operands: NodeLinks
  private let tree: PathTree
  private var clusterOf: [Int]
  private var clusters: [Cluster]
  /// For each node the next one of its cluster, or -1.
  private var next: [Int]
  /// For each place the last node of all clusters that begin there or before.
  private var farthest: [Int]
  /// The searches that came by each cluster last, from above and from below.
  private var visited: [Int], visitedFromBelow: [Int]
  private var visit = 0

  init(_ program: Program, fuses: Bool) {
    nodes = program.nodes
    isLive = program.isLive
    let roles = nodes.map(FusionRole.init)
    self.roles = roles
    let isComputed = nodes.indices.map { program.isLive[$0] && roles[$0] != .leaf }
    users = .users(nodes, isComputed)
    operands = .operands(nodes, isComputed)
    tree = PathTree(nodes, isComputed)
    clusterOf = nodes.indices.map { isComputed[$0] ? $0 : -1 }
    clusters = nodes.indices.map { index in
      Cluster(
        first: index, last: index, tail: index, reduction: roles[index] == .reduction ? index : nil,
        isOpaque: roles[index] == .opaque)
    }
    next = nodes.map { _ in -1 }
    farthest = Array(nodes.indices)
    visited = nodes.map { _ in 0 }
    visitedFromBelow = visited
    guard fuses else { return }
    joinEpilogues(Set((program.outputs + program.assignments.map(\.value)).map(\.index)))
    fuse()
  }

  /// The members of a cluster, in no order.
  private func members(_ cluster: Int) -> [Int] {
    var result: [Int] = []
    var member = cluster
    while member >= 0 {
      result.append(member)
      member = next[member]
    }
    return result
  }

  private mutating func append(_ other: Int, to cluster: Int) {
    var member = other
    while member >= 0 {
      clusterOf[member] = cluster
      member = next[member]
    }
    next[clusters[cluster].tail] = other
    clusters[cluster].tail = clusters[other].tail
    clusters[cluster].first = min(clusters[cluster].first, clusters[other].first)
    clusters[cluster].last = max(clusters[cluster].last, clusters[other].last)
    clusters[cluster].count += clusters[other].count
    if clusters[cluster].reduction == nil { clusters[cluster].reduction = clusters[other].reduction }
    noteSpan(of: cluster)
  }

  private mutating func noteSpan(of cluster: Int) {
    let last = clusters[cluster].last
    for place in clusters[cluster].first..<last {
      // It never falls from one place to the next.
      if farthest[place] >= last { break }
      farthest[place] = last
    }
  }

  /// Joins products with the bias and activation that oneDNN can apply; nothing else joins such a cluster.
  private mutating func joinEpilogues(_ roots: Set<Int>) {
    let pattern = EpiloguePattern(nodes: nodes, users: users, isRoot: roots)
    for index in nodes.indices where clusterOf[index] >= 0 {
      for member in (pattern.chain(from: index) ?? []).dropFirst() { append(member, to: index) }
    }
  }

  private func iterationShape(_ index: Int) -> Shape {
    roles[index] == .reduction ? nodes[nodes[index].operands[0]].shape : nodes[index].shape
  }

  private func reducedDimensions(_ cluster: Int) -> [Int]? {
    guard let index = clusters[cluster].reduction, case .reduce(_, let dimensions) = nodes[index].operation else {
      return nil
    }
    return dimensions
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
  /// registers. The first cluster's number is kept.
  private mutating func merge(_ producer: Int, _ consumer: Int) {
    guard producer != consumer, refusal(producer, consumer) == nil else { return }
    append(consumer, to: producer)
  }

  /// Why two clusters cannot be one loop; `nil` if they can.
  mutating func refusal(_ producer: Int, _ consumer: Int) -> FusionRefusal? {
    if clusters[producer].isOpaque || clusters[consumer].isOpaque { return .noLoop }
    if clusters[producer].count + clusters[consumer].count > Self.largestCluster { return .tooLarge }
    if let left = reducedDimensions(producer), let right = reducedDimensions(consumer), left != right {
      return .otherDimensions
    }
    if reaches(consumer, from: producer) || reaches(producer, from: consumer) { return .standsBetween }
    return nil
  }

  /// Whether a path through other clusters leads from one cluster to another.
  private mutating func reaches(_ target: Int, from source: Int) -> Bool {
    hasTreePath(from: source, to: target) || hasPath(from: source, to: target)
  }

  /// Whether the tree of paths alone shows one; most that there are it does.
  private func hasTreePath(from source: Int, to target: Int) -> Bool {
    // A path of the tree goes from node to node, and so forward.
    guard clusters[source].first < clusters[target].last else { return false }
    var member = target
    while member >= 0 {
      var above = tree.parent[member]
      while above >= 0, clusterOf[above] == target { above = tree.parent[above] }
      if above >= 0, clusterOf[above] != source {
        var origin = source
        while origin >= 0 {
          if tree.leads(from: origin, to: above) { return true }
          origin = next[origin]
        }
      }
      member = next[member]
    }
    return false
  }

  /// Searches from both ends in turn: most often the one or the other has nowhere to go at once.
  private mutating func hasPath(from source: Int, to target: Int) -> Bool {
    // Beyond this place no cluster begins that leads back to the target: an edge goes forward, and a cluster entered at a
    // late node is left at an early one only if it spans both.
    var limit = clusters[target].last
    while farthest[limit] > limit { limit = farthest[limit] }
    guard clusters[source].first <= limit else { return false }
    visit += 1
    var (downward, upward) = ([source], [target])
    visited[source] = visit
    visitedFromBelow[target] = visit
    for _ in 0..<Self.longestSearch {
      guard let above = downward.popLast(), let below = upward.popLast() else { return false }
      if goDown(from: above, source, target, limit, &downward) || goUp(from: below, source, target, &upward) {
        return true
      }
    }
    return true
  }

  /// Whether a path goes on from a cluster to the target, or to a cluster that leads there.
  private mutating func goDown(
    from cluster: Int, _ source: Int, _ target: Int, _ limit: Int, _ stack: inout [Int]
  ) -> Bool {
    var member = cluster
    while member >= 0 {
      for place in users.range(of: member) {
        let user = clusterOf[users.list[place]]
        if user == target {
          // What the source itself gives to the target is no path through others.
          if cluster != source { return true }
        } else if visited[user] != visit, clusters[user].first <= limit {
          if visitedFromBelow[user] == visit { return true }
          visited[user] = visit
          stack.append(user)
        }
      }
      member = next[member]
    }
    return false
  }

  /// Whether a path comes to a cluster from the source, or from a cluster that it leads to.
  private mutating func goUp(from cluster: Int, _ source: Int, _ target: Int, _ stack: inout [Int]) -> Bool {
    var member = cluster
    while member >= 0 {
      for place in operands.range(of: member) {
        let operand = clusterOf[operands.list[place]]
        if operand < 0 || operand == target { continue }
        if operand == source {
          if cluster != target { return true }
        } else if visitedFromBelow[operand] != visit {
          if visited[operand] == visit { return true }
          visitedFromBelow[operand] = visit
          stack.append(operand)
        }
      }
      member = next[member]
    }
    return false
  }

  /// The clusters so that operands come first, otherwise in the order in which their last nodes were made.
  func ordered() -> ([[Int]], [Int]) {
    var order: [[Int]] = []
    var place = clusterOf.map { _ in -1 }
    var isStarted = [Bool](repeating: false, count: nodes.count)
    let byLastNode = nodes.indices.filter { clusterOf[$0] == $0 }.sorted { clusters[$0].last < clusters[$1].last }
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
          let members = members(stack.removeLast().cluster).sorted()
          for member in members { place[member] = order.count }
          order.append(members)
        }
      }
    }
    return (order, place)
  }

  private func operandClusters(_ cluster: Int) -> [Int] {
    let operands = members(cluster).flatMap { nodes[$0].operands }.map { clusterOf[$0] }
    return Set(operands).subtracting([-1, cluster]).sorted(by: >)
  }
}
