import LatentDiagnostics
import LatentTensorGraph

/// The gradient of a loop: a loop that goes through the steps the other way round.
///
/// Its body is the loop's own body with its gradient, of which only what the gradient needs is left. A step's values are read
/// from what the loop kept of them (`ScanResiduals`), or computed again. What a value from outside is worth is a sum over the
/// steps: products of matrices among its terms are one product over all steps, after the loop (`DeferredSum`); the rest is
/// carried along.
struct ScanGradient {
  private let scan: Scan
  private let loop: Tensor
  private let operands: [Tensor]
  /// What the loop's results are worth, by number.
  private let cotangents: [Int: Tensor]
  private let wanted: [Bool]

  init(_ scan: Scan, loop: Tensor, operands: [Tensor], cotangents: [Int: Tensor], wanted: [Bool]) {
    self.scan = scan
    self.loop = loop
    self.operands = operands
    self.cotangents = cotangents
    self.wanted = wanted
  }

  /// What the operands are worth, in order; `nil` where one is worth nothing.
  func operandCotangents() -> [Tensor?] {
    var shares = operands.map { _ in Tensor?.none }
    guard scan.length > 0 else {
      for number in 0..<scan.body.carriedCount { shares[number] = cotangents[number] }
      return shares
    }
    let active = activeParameters()
    let builder = ScanBuilder(around: loop.graph, length: scan.length)
    let replay = ScanReplay(scan, operands: operands, into: builder, watching: active)
    let boundary = builder.graph.nodes.count

    var accumulation = ReverseAccumulation(
      graph: builder.graph, withRespectTo: active.map { replay.parameters[$0] ?? replay.values[0] }, upTo: boundary - 1)
    let carried = active.compactMap { parameter in if case .carried(let number) = parameter { number } else { nil } }
    for number in carried {
      let first = cotangents[number] ?? zeros(like: operands[number])
      seed(scan.body.results[number], with: builder.carried(first), replay, &accumulation)
    }
    for (number, cotangent) in cotangents.sorted(by: { $0.key < $1.key }) where number >= scan.body.carriedCount {
      seed(scan.body.results[number], with: builder.slice(of: cotangent), replay, &accumulation)
    }
    accumulation.run()

    func worth(_ parameter: ScanParameter) -> Tensor? {
      replay.parameters[parameter].flatMap { accumulation.cotangent(of: $0) }
    }
    var next = carried.map { worth(.carried($0)) ?? zeros(like: operands[$0]) }
    var outputs: [Tensor] = []
    var sequences: [(operand: Int, output: Int)] = []
    var captures: [(operand: Int, deferred: [DeferredSum], accumulator: Int?)] = []
    let waiting =
      scan.isRematerialized ? [] : stackedOperands(active.compactMap { isCapture($0) ? worth($0) : nil }, builder)
    for parameter in active {
      guard let share = worth(parameter) else { continue }
      switch parameter {
      case .carried: break
      case .sequence:
        sequences.append((scan.operand(of: parameter), outputs.count))
        outputs.append(share)
      case .capture:
        let operand = scan.operand(of: parameter)
        var (deferred, rest): ([DeferredSum], [Tensor]) = ([], [share])
        if !scan.isRematerialized {
          (deferred, rest) = DeferredSum.split(share, in: builder.graph, stacked: waiting)
        }
        var accumulator: Int?
        if let sum = Self.sum(rest) {
          accumulator = next.count
          next.append(builder.carried(zeros(like: operands[operand])) + sum)
        }
        captures.append((operand, deferred, accumulator))
      }
    }
    let firstDeferred = outputs.count
    let deferredOperands = captures.flatMap { $0.deferred.flatMap(\.operands) }
    outputs += deferredOperands
    let residuals = ScanResiduals(scan, loop: loop, operands: operands, replay: replay, boundary: boundary)
    residuals.substitute(in: builder, for: next + outputs, keeping: deferredOperands)
    let result = builder.finish(
      carrying: next, outputs: outputs, isReversed: !scan.isReversed, isRematerialized: scan.isRematerialized)

    for (place, number) in carried.enumerated() { shares[number] = result.carried[place] }
    for (operand, output) in sequences { shares[operand] = result.outputs[output] }
    var stacked = result.outputs[firstDeferred...]
    for (operand, deferred, accumulator) in captures {
      var terms = accumulator.map { [result.carried[$0]] } ?? []
      for sum in deferred { terms.append(sum.total(of: sum.operands.compactMap { _ in stacked.popFirst() })) }
      shares[operand] = Self.sum(terms)
    }
    return shares
  }

  private static func sum(_ terms: [Tensor]) -> Tensor? {
    terms.first.map { terms.dropFirst().reduce($0, +) }
  }

  private func isCapture(_ parameter: ScanParameter) -> Bool {
    if case .capture = parameter { true } else { false }
  }

  /// The nodes that products over all steps need.
  private func stackedOperands(_ shares: [Tensor], _ builder: ScanBuilder) -> Set<Tensor> {
    Set(shares.flatMap { DeferredSum.split($0, in: builder.graph, stacked: []).deferred.flatMap(\.operands) })
  }

  private func zeros(like tensor: Tensor) -> Tensor {
    loop.graph.constant([0], shape: tensor.shape, type: tensor.type)
  }

  private func seed(
    _ node: Int, with cotangent: Tensor, _ replay: ScanReplay, _ accumulation: inout ReverseAccumulation
  ) {
    let value = replay.values[node]
    if accumulation.needed.indices.contains(value.index), accumulation.needed[value.index] {
      accumulation.add(cotangent, to: value)
    }
  }

  /// The parameters of the body through which gradients flow: those of wanted operands, and what is carried from them on.
  private func activeParameters() -> [ScanParameter] {
    let body = scan.body
    var isCarried = (0..<body.carriedCount).map { wanted[$0] }
    var isNeeded: [Bool] = []
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      isNeeded = []
      for node in body.nodes {
        switch node.operation {
        case .parameter(.carried(let number)): isNeeded.append(isCarried[number])
        case .parameter(let parameter): isNeeded.append(wanted[scan.operand(of: parameter)])
        case .stopGradient: isNeeded.append(false)
        default: isNeeded.append(node.type.isFloatingPoint && node.operands.contains { isNeeded[$0] })
        }
      }
      for number in isCarried.indices where !isCarried[number] && isNeeded[body.results[number]] {
        isCarried[number] = true
        hasGrown = true
      }
    }
    let isReal = { (parameter: ScanParameter) in operands[scan.operand(of: parameter)].type.isFloatingPoint }
    let carried = isCarried.indices.filter { isCarried[$0] }.map { ScanParameter.carried($0) }
    let others = body.nodes.indices.compactMap { index -> ScanParameter? in
      guard isNeeded[index], case .parameter(let parameter) = body.nodes[index].operation else { return nil }
      if case .carried = parameter { return nil }
      return parameter
    }
    return (carried + others).filter(isReal)
  }
}

/// A loop's body once more, in the body of its gradient.
struct ScanReplay {
  /// The values of the body's nodes, by index.
  private(set) var values: [Tensor] = []
  /// The values of the body's parameters.
  private(set) var parameters: [ScanParameter: Tensor] = [:]

  /// - Parameter active: parameters that gradients flow through, which stand for something even where no node reads them.
  init(_ scan: Scan, operands: [Tensor], into builder: ScanBuilder, watching active: [ScanParameter]) {
    let graph = builder.graph
    func value(of parameter: ScanParameter, _ shape: Shape, _ type: ElementType) -> Tensor {
      switch parameter {
      case .carried(let number): builder.placeholder(number, shape, type)
      case .sequence: builder.slice(of: operands[scan.operand(of: parameter)])
      case .capture: graph.imported(operands[scan.operand(of: parameter)])
      }
    }
    for case .carried(let number) in active {
      parameters[.carried(number)] = value(of: .carried(number), operands[number].shape, operands[number].type)
    }
    for node in scan.body.nodes {
      if case .parameter(let parameter) = node.operation {
        let known = parameters[parameter] ?? value(of: parameter, node.shape, node.type)
        parameters[parameter] = known
        values.append(known)
      } else {
        let result = graph.add(node.operation, node.operands.map { values[$0] }, shape: node.shape, type: node.type)
        values.append(graph.imported(result))
      }
    }
  }
}
