extension Graph {
  /// A loop that goes on while a condition holds, and at most so many steps.
  ///
  /// It ends as soon as the condition fails, unless a gradient needs what its steps computed: then all `limit` steps are gone
  /// through, of which those after the end change nothing. Gradients are those of the steps that were taken; the condition has
  /// none. What is said of the body of a `scan` holds for body and condition.
  ///
  ///     let root = graph.while([x], limit: 50) { ($0[0].squared() - 2).absoluteValue().compare(.greater, 1e-6) } body: {
  ///       [($0[0] + 2 / $0[0]) / 2]
  ///     }
  ///
  /// - Parameters:
  ///   - initial: what the first step is given.
  ///   - limit: how many steps there are at most.
  ///   - isRematerialized: whether gradients compute the steps again instead of keeping their values.
  ///   - condition: from the carried values to one truth value; it is asked before each step.
  ///   - body: from the carried values to those of the next step, of the same shapes and types.
  /// - Returns: the carried values for which the condition failed, or those after `limit` steps.
  public func `while`(
    _ initial: [Tensor], limit: Int, isRematerialized: Bool = false, file: StaticString = #fileID, line: UInt = #line,
    condition: (_ carried: [Tensor]) throws -> Tensor, body: (_ carried: [Tensor]) throws -> [Tensor]
  ) rethrows -> [Tensor] {
    guard limit >= 0 else { shapeMistake("while", initial, "expected a limit from 0", file: file, line: line) }
    func goesOn(_ carried: [Tensor]) throws -> Tensor {
      let answer = try condition(carried)
      guard answer.type == .bool, answer.shape.elementCount == 1 else {
        shapeMistake("while", [answer], "the condition must be one truth value", file: file, line: line)
      }
      return answer.reshape(.scalar)
    }
    let first = try goesOn(initial)
    let last = try loop(
      carrying: [first] + initial, length: limit, isRematerialized: isRematerialized, goesOn: 0, file: file, line: line
    ) { carried, _ in
      let (isOn, values) = (carried[0], Array(carried.dropFirst()))
      let next = try body(values)
      guard next.map(\.shape) == values.map(\.shape), next.map(\.type) == values.map(\.type) else {
        shapeMistake("while", next, "the carried values must keep their shapes and types", file: file, line: line)
      }
      let kept = zip(next, values).map { isOn.broadcast(to: $0.shape).select($0, $1) }
      return ([try isOn & goesOn(kept)] + kept, [])
    }
    return Array(last.carried.dropFirst())
  }
}
