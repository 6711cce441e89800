extension Plan {
  /// Lets fused loops write their results where they read for the last time: half the memory, and half the traffic.
  mutating func reuseInPlace() {
    var lastUse: [Int: Int] = [:]
    // Concatenations and paddings are written by several steps.
    var writers: [Int: Int] = [:]
    for (position, step) in steps.enumerated() {
      for buffer in step.reads + step.writes { lastUse[buffer] = position }
      for buffer in Set(step.writes) { writers[buffer, default: 0] += 1 }
    }
    for buffer in outputs + settledBuffers { lastUse[buffer] = steps.count }
    var taken: Set<Int> = []
    for position in steps.indices {
      guard var tile = steps[position] as? TileStep else { continue }
      for output in tile.outputs.map(\.buffer) {
        let candidate = tile.inputs.map(\.buffer).first { input in
          lastUse[input] == position && !taken.contains(input) && input < output && isInArena(input)
            && isInArena(output) && takeovers[output] == nil
            && buffers[input].byteCount == buffers[output].byteCount && buffers[input].type == buffers[output].type
            && tile.readsElementwise(input, asWritten: output) && writers[output] == 1
        }
        guard let candidate else { continue }
        taken.insert(candidate)
        takeovers[output] = candidate
        tile.writeInPlace(output: output, over: candidate)
      }
      steps[position] = tile
    }
  }

  private func isInArena(_ buffer: Int) -> Bool {
    if case .arena = buffers[buffer].place { return true }
    return false
  }
}

extension Plan {
  /// Whether a buffer is read by steps alone that look up its address at each run.
  func isLendable(_ buffer: Int) -> Bool {
    steps.filter { $0.reads.contains(buffer) }.allSatisfy {
      $0 is MatrixProductStep || $0 is ConvolutionStep || $0 is VectorProductStep
    }
  }
}
