import LatentTensorGraph

extension Lowering {
  /// The buffer of an output: its own if it has one, else a copy.
  mutating func outputBuffer(_ index: Int) -> Int {
    let view = view(of: index)
    if case .arena = plan.buffers[view.buffer].place, view.offset == 0, view.isContiguous,
      plan.buffers[view.buffer].byteCount == nodes[index].shape.elementCount * nodes[index].type.byteCount
    {
      return view.buffer
    }
    return copy(view, of: index).buffer
  }

  /// Writes the new values of variables: in place by the step that computes them where no later step reads the old
  /// value, else by a copy at the end.
  mutating func lowerAssignments() {
    // All values first: one of them may be the old value of another variable.
    let values = program.assignments.map { (outputBuffer($0.value.index), $0.value.index, $0.variable) }
    let copies = values.filter { source, _, variable in !placeInVariable(source, variable) }
    for (source, node, variable) in copies {
      let shape = variable.shape
      plan.buffers.append(
        PlannedBuffer(byteCount: plan.buffers[source].byteCount, type: variable.type, place: .variable(variable)))
      let target = StorageView(buffer: plan.buffers.count - 1, shape: shape)
      move(StorageView(buffer: source, shape: shape), to: target, of: node)
    }
  }

  /// Gives a buffer the memory of a variable, if that is safe.
  private mutating func placeInVariable(_ buffer: Int, _ variable: Variable) -> Bool {
    guard case .arena = plan.buffers[buffer].place,
      let writer = plan.steps.firstIndex(where: { $0.writes.contains(buffer) }),
      plan.steps.lastIndex(where: { $0.writes.contains(buffer) }) == writer
    else { return false }
    for old in plan.buffers.indices {
      guard case .variable(let other) = plan.buffers[old].place, other == variable else { continue }
      // A second buffer in the same variable would be another assignment to it.
      guard !plan.steps[..<writer].contains(where: { $0.writes.contains(old) }),
        !plan.steps[writer...].contains(where: { $0.writes.contains(old) }),
        !plan.steps[(writer + 1)...].contains(where: { $0.reads.contains(old) })
      else { return false }
      if plan.steps[writer].reads.contains(old) {
        guard var tile = plan.steps[writer] as? TileStep, tile.readsElementwise(old, asWritten: buffer) else {
          return false
        }
        tile.writeInPlace(output: buffer, over: old)
        plan.steps[writer] = tile
      }
    }
    plan.buffers[buffer].place = .variable(variable)
    return true
  }
}

extension TileStep {
  /// Whether every element of an input is read by the very iteration that writes it to an output.
  func readsElementwise(_ input: Int, asWritten output: Int) -> Bool {
    guard let written = outputs.first(where: { $0.buffer == output }) else { return false }
    let sizes = Dictionary(uniqueKeysWithValues: zip(space.order, space.sizes))
    return inputs.filter { $0.buffer == input }.allSatisfy { read in
      read.offset == written.offset
        && read.strides.indices.allSatisfy { sizes[$0] == 1 || read.strides[$0] == written.strides[$0] }
    }
  }
}
