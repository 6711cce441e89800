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
    var uses = BufferUses(plan)
    let copies = values.filter { source, _, variable in !placeInVariable(source, variable, &uses) }
    for (source, node, variable) in copies {
      let shape = variable.shape
      plan.buffers.append(
        PlannedBuffer(byteCount: plan.buffers[source].byteCount, type: variable.type, place: .variable(variable)))
      let target = StorageView(buffer: plan.buffers.count - 1, shape: shape)
      move(StorageView(buffer: source, shape: shape), to: target, of: node)
    }
  }

  /// Gives a buffer the memory of a variable, if that is safe.
  private mutating func placeInVariable(_ buffer: Int, _ variable: Variable, _ uses: inout BufferUses) -> Bool {
    guard case .arena = plan.buffers[buffer].place, let writer = uses.writers[buffer].first,
      uses.writers[buffer].last == writer
    else { return false }
    for old in uses.buffers[variable, default: []] {
      // A second buffer in the same variable would be another assignment to it.
      guard uses.writers[old].isEmpty, uses.readers[old].allSatisfy({ $0 <= writer }) else { return false }
      if uses.readers[old].contains(writer) {
        guard var tile = plan.steps[writer] as? TileStep, tile.readsElementwise(old, asWritten: buffer) else {
          return false
        }
        tile.writeInPlace(output: buffer, over: old)
        plan.steps[writer] = tile
      }
    }
    plan.buffers[buffer].place = .variable(variable)
    uses.buffers[variable, default: []].append(buffer)
    return true
  }
}

/// Which steps read and write each buffer, and which buffers lie in a variable.
private struct BufferUses {
  var readers: [[Int]]
  var writers: [[Int]]
  var buffers: [Variable: [Int]] = [:]

  init(_ plan: Plan) {
    readers = plan.buffers.map { _ in [] }
    writers = readers
    for (position, step) in plan.steps.enumerated() {
      for buffer in step.reads { readers[buffer].append(position) }
      for buffer in step.writes { writers[buffer].append(position) }
    }
    for (index, buffer) in plan.buffers.enumerated() {
      if case .variable(let variable) = buffer.place { buffers[variable, default: []].append(index) }
    }
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
