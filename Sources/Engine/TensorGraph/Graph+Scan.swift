import LatentDiagnostics

extension Graph {
  /// A loop over the first dimension of sequences, with values that each step gets from the one before.
  ///
  /// The body is traced once: it is given the carried values and the step's slices, and returns the carried values of the next
  /// step, of the same shapes and types, and any outputs, which are stacked along a new first dimension. It may use tensors
  /// and variables from outside; what it computes from those alone is computed once, before the loop. Random numbers are
  /// drawn anew for each step. The length of the loop changes neither the time to compile it nor the size of its plan.
  ///
  /// Gradients flow through carried values, slices, and what the body uses from outside. They keep what each step computed, or,
  /// if the loop is rematerialized, compute it again from what was carried into the step, which takes the time of one more pass
  /// and only the memory of the carried values (Griewank & Walther 2008, chapter 12).
  ///
  ///     let (last, sums) = graph.scan([x], carrying: [graph.constant(0)]) { carried, slices in
  ///       let sum = carried[0] + slices[0]
  ///       return ([sum], [sum])
  ///     }
  ///
  /// A loop within a loop's body is made in the graph of its tensors, as `slices[0].graph.scan`.
  ///
  /// - Parameters:
  ///   - sequences: tensors whose first dimensions are equal.
  ///   - initial: what the first step is given.
  ///   - length: the number of steps, needed where there are no sequences.
  ///   - isReversed: whether the steps go from the last slices to the first; outputs stand where their slices do.
  ///   - isRematerialized: whether gradients compute the steps again instead of keeping their values.
  /// - Returns: the carried values after the last step, and the stacked outputs.
  public func scan(
    _ sequences: [Tensor] = [], carrying initial: [Tensor] = [], length: Int? = nil, isReversed: Bool = false,
    isRematerialized: Bool = false, file: StaticString = #fileID, line: UInt = #line,
    _ body: (_ carried: [Tensor], _ slices: [Tensor]) throws -> (carried: [Tensor], outputs: [Tensor])
  ) rethrows -> (carried: [Tensor], outputs: [Tensor]) {
    try loop(
      sequences, carrying: initial, length: length, isReversed: isReversed, isRematerialized: isRematerialized,
      file: file, line: line, body)
  }

  /// A loop, which `goesOn`, the number of a carried truth value, may end before its length is over.
  func loop(
    _ sequences: [Tensor] = [], carrying initial: [Tensor], length: Int?, isReversed: Bool = false,
    isRematerialized: Bool, goesOn: Int? = nil, file: StaticString, line: UInt,
    _ body: (_ carried: [Tensor], _ slices: [Tensor]) throws -> (carried: [Tensor], outputs: [Tensor])
  ) rethrows -> (carried: [Tensor], outputs: [Tensor]) {
    let lengths = Set(sequences.map { $0.rank > 0 ? $0.shape[0] : -1 } + (length.map { [$0] } ?? []))
    guard lengths.count == 1, let length = lengths.first, length >= 0 else {
      shapeMistake(
        "scan", sequences, "expected sequences whose first dimensions are equal, or a length", file: file, line: line)
    }
    // A loop over a loop's values belongs into that loop.
    let home = (sequences + initial).reduce(self) { $1.graph.depth > $0.depth ? $1.graph : $0 }
    let builder = ScanBuilder(around: home, length: length)
    let (next, outputs) = try body(initial.map(builder.carried), sequences.map(builder.slice))
    guard next.count == initial.count, zip(next, initial).allSatisfy({ $0.shape == $1.shape && $0.type == $1.type })
    else {
      let expected = initial.map { "\($0.type) \($0.shape)" }.joined(separator: " and ")
      shapeMistake(
        "scan", next, "the carried values must keep their shapes and types, \(expected)", file: file, line: line)
    }
    return builder.finish(
      carrying: next, outputs: outputs, isReversed: isReversed, isRematerialized: isRematerialized, goesOn: goesOn)
  }

  /// Adds a loop, or finds the equal one, and returns its results.
  package func add(_ scan: Scan, _ operands: [Tensor]) -> [Tensor] {
    let results = scan.body.results.enumerated().map { (scan.shape(ofResult: $0), scan.body.nodes[$1].type) }
    return add(.scan(scan), operands, results: results)
  }

  /// Adds an operation of several results, whose own node has no elements, and returns them.
  package func add(
    _ operation: GraphOperation, _ operands: [Tensor], results: [(shape: Shape, type: ElementType)]
  ) -> [Tensor] {
    let node = add(operation, operands, shape: [0], type: .float32)
    return results.enumerated().map { node.graph.add(.result($0), [node], shape: $1.shape, type: $1.type) }
  }

  /// One of the results of a loop.
  package func result(_ number: Int, of loop: Tensor) -> Tensor {
    guard case .scan(let scan) = loop.node.operation else { stop("\(loop.node.operation) has one result") }
    let type = scan.body.nodes[scan.body.results[number]].type
    return add(.result(number), [loop], shape: scan.shape(ofResult: number), type: type)
  }

  /// Stacks a node of a loop's body as a further output of the loop, and returns it.
  ///
  /// Programs that do not read it do not compute it.
  package func stack(_ bodyNode: Int, of loop: Tensor) -> Tensor {
    guard case .scan(var scan) = loop.node.operation else { stop("\(loop.node.operation) is no loop") }
    let (body, number) = scan.body.adding(output: bodyNode)
    scan.body = body
    var node = loop.node
    node.operation = .scan(scan)
    replace(loop.index, by: node)
    return result(number, of: loop)
  }
}
