extension Plan {
  /// Finds the steps that compute the same at every run as long as variables keep their values, such as weights rounded to
  /// bfloat16 or multiplied with a mask.
  mutating func settle() {
    var isSettled = buffers.map { buffer in
      switch buffer.place {
      case .variable, .constant: true
      case .arena, .input, .parameter, .result: false
      }
    }
    for (position, step) in steps.enumerated() where step.reads.allSatisfy({ isSettled[$0] }) {
      settled.insert(position)
      for buffer in step.writes { isSettled[buffer] = true }
    }
    // A buffer that a later step changes is settled for none of its readers.
    let changed = Set(steps.indices.filter { !settled.contains($0) }.flatMap { steps[$0].writes })
    if settled.contains(where: { !changed.isDisjoint(with: steps[$0].reads + steps[$0].writes) }) { settled = [] }
  }

  /// The buffers whose contents must outlive a run.
  var settledBuffers: Set<Int> { Set(settled.flatMap { steps[$0].writes }) }
}
