import LatentDiagnostics

extension Tensor {
  /// The same values with a gradient by a rule: none flows into what they are computed with, but into the operands.
  ///
  /// - Precondition: the values are of a floating-point type.
  public func withGradient(
    to operands: [Tensor], by rule: CustomGradient, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard type.isFloatingPoint else {
      shapeMistake("withGradient", [self], "the element type must be floating-point", file: file, line: line)
    }
    return graph.add(.gradientRule(.custom(rule)), [self] + operands, shape: shape, type: type)
  }

  /// The same values with the gradient of another tensor of their shape and type: a straight-through estimator (Bengio et
  /// al. 2013), such as `x.round().withGradient(of: x)`.
  public func withGradient(
    of surrogate: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    guard surrogate.shape == shape, surrogate.type == type else {
      shapeMistake("withGradient", [self, surrogate], "shapes and types must be equal", file: file, line: line)
    }
    return withGradient(to: [surrogate], by: .passing, file: file, line: line)
  }

  /// A value computed by one function whose gradient is given by another.
  ///
  /// - Parameters:
  ///   - operands: what the value depends on; no gradient flows to what `forward` reads besides.
  ///   - forward: the value of the operands.
  ///   - backward: of operands, value, and the value's cotangent the operands' cotangents, as `CustomGradient` has it.
  public static func customGradient(
    of operands: [Tensor], forward: ([Tensor]) -> Tensor,
    backward: @escaping @Sendable (_ operands: [Tensor], _ result: Tensor, _ cotangent: Tensor) -> [Tensor?],
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    forward(operands).withGradient(to: operands, by: CustomGradient(backward), file: file, line: line)
  }

  /// The same values, to be computed from when another tensor is there, and never merged with what is computed from this.
  package func barrier(after other: Tensor) -> Tensor {
    graph.add(.barrier, [self, other], shape: shape, type: type)
  }
}

extension Graph {
  /// A value whose gradient computes it again, from what the body reads, instead of keeping what lies between: memory
  /// for time (Chen et al. 2016).
  ///
  /// The body's computation may be as long as one likes; a chain of such parts keeps what stands between them alone.
  /// Random numbers in the body are the same when they are drawn again, and updates that it makes happen once.
  public func checkpointed(_ body: () -> Tensor) -> Tensor {
    let start = nodes.count
    let value = body()
    require(value.graph === self, "the value of a checkpointed part belongs to another graph")
    guard value.index >= start, value.type.isFloatingPoint else { return value }
    var inputs: Set<Int> = []
    var seen: Set<Int> = [value.index]
    var rest = [value.index]
    while let index = rest.popLast() {
      // What is made from nothing is neither kept nor computed again.
      if case .constant = nodes[index].operation { continue }
      if case .iota = nodes[index].operation { continue }
      if index < start || nodes[index].operands.isEmpty {
        inputs.insert(index)
      } else {
        rest += nodes[index].operands.filter { seen.insert($0).inserted }
      }
    }
    return add(
      .gradientRule(.recomputation), [value] + inputs.sorted().map(value.sibling), shape: value.shape, type: value.type)
  }
}
