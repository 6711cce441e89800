import LatentTensorGraph

/// Which values of a loop's steps are kept for its gradient.
///
/// Those that the gradient reads and that take more than arithmetic to compute: products, exponentials, reductions. Sums and
/// products of what is kept, or given, are computed again, which costs less than writing and reading them. A rematerialized
/// loop keeps nothing but what was carried into each step.
struct ScanResiduals {
  private let scan: Scan
  private let loop: Tensor
  private let operands: [Tensor]
  private let replay: ScanReplay
  /// The nodes below it are the body's own.
  private let boundary: Int

  init(_ scan: Scan, loop: Tensor, operands: [Tensor], replay: ScanReplay, boundary: Int) {
    self.scan = scan
    self.loop = loop
    self.operands = operands
    self.replay = replay
    self.boundary = boundary
  }

  /// Lets the gradient's body read what is kept; also what is carried in, where it is needed.
  func substitute(in builder: ScanBuilder, for results: [Tensor], keeping operandsOfSums: [Tensor]) {
    let nodes = builder.graph.nodes
    let roots = results.map { builder.graph.imported($0).index }
    let kept = scan.isRematerialized ? [] : keptNodes(nodes, roots, Set(operandsOfSums.map(\.index)))
    for index in kept.sorted() {
      guard let own = replay.values.firstIndex(where: { $0.index == index }) else { continue }
      builder.substitute(builder.graph.tensor(index), bySliceOf: loop.graph.stack(own, of: loop))
    }
    let isLive = Self.liveNodes(builder.graph.nodes, roots)
    for number in 0..<scan.body.carriedCount {
      guard let value = replay.parameters[.carried(number)], isLive[value.index] else { continue }
      builder.substitute(value, bySliceOf: carriedIn(number))
    }
  }

  private func keptNodes(_ nodes: [Node], _ roots: [Int], _ asked: Set<Int>) -> Set<Int> {
    let isLive = Self.liveNodes(nodes, roots)
    var frontier = Set(roots.filter { $0 < boundary })
    // A loop within the loop has no elements that could be kept: where its gradient reads it, it runs again.
    var runsAgain = Set<Int>()
    for index in nodes.indices.reversed() where isLive[index] && (index >= boundary || runsAgain.contains(index)) {
      for operand in nodes[index].operands where operand < boundary {
        if nodes[operand].operation.hasSeveralResults { runsAgain.insert(operand) } else { frontier.insert(operand) }
      }
    }
    var kept = frontier.filter { !isGiven(nodes[$0]) && (asked.contains($0) || !isArithmetic(nodes[$0])) }
    var isAvailable = [Bool?](repeating: nil, count: boundary)
    func available(_ index: Int) -> Bool {
      if let known = isAvailable[index] { return known }
      let node = nodes[index]
      let result = kept.contains(index) || isGiven(node) || (isArithmetic(node) && node.operands.allSatisfy(available))
      isAvailable[index] = result
      return result
    }
    for index in frontier.sorted() where !available(index) {
      kept.insert(index)
      isAvailable[index] = true
    }
    return kept
  }

  /// What is carried into each step: the first value, and what each step but the last leaves.
  private func carriedIn(_ number: Int) -> Tensor {
    let left = loop.graph.stack(scan.body.results[number], of: loop)
    let first = operands[number].expandingDimension(0)
    let length = scan.length
    return scan.isReversed
      ? Tensor.concatenate([left.slice(0, 1..<length), first], dimension: 0)
      : Tensor.concatenate([first, left.slice(0, 0..<(length - 1))], dimension: 0)
  }

  private static func liveNodes(_ nodes: [Node], _ roots: [Int]) -> [Bool] {
    var isLive = nodes.map { _ in false }
    for root in roots { isLive[root] = true }
    for index in nodes.indices.reversed() where isLive[index] {
      for operand in nodes[index].operands { isLive[operand] = true }
    }
    return isLive
  }

  /// Whether a node is there before the step begins.
  private func isGiven(_ node: Node) -> Bool {
    switch node.operation {
    case .parameter, .constant: true
    default: false
    }
  }

  /// Whether computing a node again costs less than keeping it.
  private func isArithmetic(_ node: Node) -> Bool {
    switch node.operation {
    case .unary(let operation):
      switch operation {
      case .negate, .abs, .sign, .floor, .ceil, .roundNearestEven, .isFinite, .not: true
      default: false
      }
    case .binary(let operation): operation != .power && operation != .remainder
    case .compare, .select, .convert, .reshape, .transpose, .broadcast, .slice, .reverse, .stopGradient, .gradientRule,
      .barrier:
      true
    default: false
    }
  }
}
