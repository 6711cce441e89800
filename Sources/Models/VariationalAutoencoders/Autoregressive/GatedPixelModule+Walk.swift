import LatentTensorGraph

extension GatedPixelModule {
  /// A loop over the rows, each with the work of one row in the upper stack, and in it a loop over the columns.
  ///
  /// Kept are, for each layer, the last rows that its window above reaches, and within a row the last pixels to the left.
  func walk(_ walk: PlaceWalk) -> (outputs: Tensor, values: Tensor) {
    let graph = walk.graph
    let count = walk.count
    let rows = layers.map { layer in
      graph.constant([0], shape: [count, layer.reach, width, layer.isFirst ? inputs : features])
    }
    // [N, places, ...] as [H, W, N, ...].
    func byPlace(_ tensor: Tensor) -> Tensor {
      let rest = tensor.shape.dimensions.dropFirst(2)
      return tensor.firstTwoSwapped.reshape(Shape([height, width, count] + rest))
    }
    let sequences = walk.sequences.map(byPlace)
    let context = walk.context.map { [byPlace($0)] } ?? []
    let stacked = graph.scan(context + sequences, carrying: rows, length: height) { kept, slices in
      // [W, N, C] as [N, 1, W, C].
      let given = context.isEmpty ? nil : slices[0].firstTwoSwapped.expandingDimension(1)
      let (offsets, next) = rowAbove(kept, given)
      let row = walkRow(walk, offsets, Array(slices.dropFirst(context.count)), in: kept[0].graph)
      let newest = row.inputs.firstTwoSwapped.expandingDimension(1)
      let rows = Tensor.concatenate([kept[0], newest], dimension: 1)
      return ([rows.slice(1, 1..<rows.shape[1])] + next, [row.outputs, row.values])
    }.outputs
    let places = stacked.map { tensor in
      let rest = Array(tensor.shape.dimensions.dropFirst(3))
      return tensor.reshape(Shape([height * width, count] + rest)).firstTwoSwapped
    }
    return (places[0], places[1])
  }

  /// The upper stack for one row: what each layer adds to the pixels of the row, [W, N, 2 features], and the rows that the later
  /// layers keep for the next one.
  private func rowAbove(_ kept: [Tensor], _ context: Tensor?) -> (offsets: [Tensor], next: [Tensor]) {
    var (offsets, next): ([Tensor], [Tensor]) = ([], [])
    var window = kept[0]
    for (index, layer) in layers.enumerated() {
      let sum = layer.above(window, context)
      let offset = layer.offset(left: sum, context)
      offsets.append(offset.reshape([offset.shape[0], width, -1]).firstTwoSwapped)
      guard index + 1 < layers.count else { break }
      window = Tensor.concatenate([kept[index + 1], sum.gated], dimension: 1)
      next.append(window.slice(1, 1..<window.shape[1]))
    }
    return (offsets, next)
  }

  /// One row, pixel by pixel.
  private func walkRow(
    _ walk: PlaceWalk, _ offsets: [Tensor], _ sequences: [Tensor], in graph: Graph
  ) -> (outputs: Tensor, values: Tensor, inputs: Tensor) {
    let pixels = layers.map { layer in
      graph.constant([0], shape: [walk.count, layer.reach * (layer.isFirst ? inputs : features)])
    }
    let stacked = graph.scan(offsets + sequences, carrying: pixels) { kept, slices in
      var value = layers[0].left(step: kept[0], slices[0])
      var next: [Tensor] = []
      for (index, layer) in layers.enumerated().dropFirst() {
        let window = Tensor.concatenate([kept[index], value], dimension: 1)
        next.append(window.slice(1, features..<window.shape[1]))
        value = value + layer.left(step: window, slices[index])
      }
      let outputs = outputs(value)
      let (drawn, input) = walk.next(outputs, Array(slices.dropFirst(layers.count)))
      let pixels = Tensor.concatenate([kept[0], input], dimension: 1)
      return ([pixels.slice(1, inputs..<pixels.shape[1])] + next, [outputs, drawn, input])
    }.outputs
    return (stacked[0], stacked[1], stacked[2])
  }
}
