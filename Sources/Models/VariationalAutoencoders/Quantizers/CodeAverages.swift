import LatentTensorGraph

/// Moving averages of the vectors that chose each code, whose quotient is the codebook.
///
/// The codebook has no variable of its own, so that it is what the averages say at every moment. With N a code's moving count
/// and m the moving sum of its vectors, the code is m / N', N' = (N + e) / (n + K e) n, n the sum of all N (van den Oord et al.
/// 2017, appendix A.1, with Laplace smoothing).
struct CodeAverages {
  private static let smoothing = 1e-5

  private let settings: VectorQuantizer
  /// [K], [K, D], and 1 once the codebook has been started.
  private let counts: Variable, sums: Variable, isStarted: Variable?

  init(_ settings: VectorQuantizer, _ name: String, _ shape: Shape, _ initializer: Initializer) {
    self.settings = settings
    counts = Variable(name + "/counts", shape: [shape[0]], initializer: .constant(1), isTrainable: false)
    sums = Variable(name + "/sums", shape: shape, initializer: initializer, isTrainable: false)
    isStarted =
      settings.startIterations > 0 ? Variable(name + "/isStarted", shape: .scalar, isTrainable: false) : nil
  }

  var variables: [Variable] { [counts, sums] + (isStarted.map { [$0] } ?? []) }

  func codebook(in graph: Graph) -> Tensor { quotient(graph.read(sums), graph.read(counts)) }

  private func quotient(_ sums: Tensor, _ counts: Tensor) -> Tensor {
    let total = counts.sum()
    let smoothed = (counts + Self.smoothing) / (total + Self.smoothing * Double(settings.codes)) * total
    return sums / smoothed.expandingDimension(1)
  }

  /// The codebook as it is, or, in the first step, the means of clusters of rows [N, D].
  func started(_ codebook: Tensor, from rows: Tensor) -> Tensor {
    guard let isStarted else { return codebook }
    let graph = rows.graph
    let isFirst = graph.read(isStarted).compare(.equal, 0)
    let first = isFirst.broadcast(to: codebook.shape).select(rows.randomRows(settings.codes), codebook)
    let means = graph.while([first, graph.constant(0, .int32)], limit: settings.startIterations) { _ in
      isFirst
    } body: { carried in
      let nearest = rows.nearestRows(of: carried[0])
      let (counts, sums) = rows.clusters(nearest, weights: nil, count: settings.codes)
      let isChosen = counts.compare(.greater, 0).expandingDimension(1).broadcast(to: sums.shape)
      return [isChosen.select(sums / counts.maximum(1).expandingDimension(1), carried[0]), carried[1]]
    }[0]
    return settings.isNormalized ? means / means.vectorLength() : means
  }

  /// Moves the averages by rows [N, D] and the codes that they chose.
  func update(_ rows: Tensor, _ chosen: Tensor, weights: Tensor?) {
    let graph = rows.graph
    let batch = rows.clusters(chosen, weights: weights, count: settings.codes)
    let (keep, add) = (settings.decay, 1 - settings.decay)
    var counts = graph.read(self.counts) * keep + batch.counts * add
    var sums = graph.read(self.sums) * keep + batch.sums * add
    if let isStarted {
      // The first batch's clusters are all that there is to average.
      let isFirst = graph.read(isStarted).compare(.equal, 0)
      counts = isFirst.broadcast(to: counts.shape).select(batch.counts, counts)
      sums = isFirst.broadcast(to: sums.shape).select(batch.sums, sums)
      graph.update(isStarted, to: graph.constant(1))
    }
    if settings.deadBelow > 0 {
      // What replaces a code starts with the count at which codes live, lest its old one kill it again.
      let isDead = counts.compare(.less, settings.deadBelow)
      counts = isDead.select(counts.scalar(settings.deadBelow), counts)
      sums = isDead.expandingDimension(1).broadcast(to: sums.shape).select(
        rows.randomRows(settings.codes) * settings.deadBelow, sums)
    }
    graph.update(self.counts, to: counts)
    graph.update(self.sums, to: sums)
  }
}

extension Tensor {
  /// Some of these rows [N, D], drawn with replacement.
  fileprivate func randomRows(_ count: Int) -> Tensor {
    let places = graph.random(.uniform, shape: [count]) * Double(shape[0])
    // A uniform number next to 1 may round up to the end.
    return gather(places.floor().minimum(Double(shape[0] - 1)).converted(to: .int32))
  }

  /// How many of these rows [N, D], by weight [N], chose each code, [K], and their sums, [K, D].
  fileprivate func clusters(_ chosen: Tensor, weights: Tensor?, count: Int) -> (counts: Tensor, sums: Tensor) {
    let weights = weights ?? graph.constant([1], shape: [shape[0]], type: type)
    return (
      weights.scatterAdd(chosen, size: count), (self * weights.expandingDimension(1)).scatterAdd(chosen, size: count)
    )
  }
}
