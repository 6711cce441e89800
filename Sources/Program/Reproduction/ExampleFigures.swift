/// One figure of one model for each test example, seed by seed: what a comparison of two models on the same examples needs.
struct ExampleFigures: Hashable, Sendable {
  /// The model, with which the names of its rows end.
  let model: String
  /// What the paper gives for the mean over the examples, if it gives a number.
  let published: Double?
  /// For each seed, the figures of the examples in their order.
  let seeds: [[Double]]

  /// Keeps the figures of a model.
  init(_ model: String, published: Double? = nil, seeds: [[Double]]) {
    self.model = model
    self.published = published
    self.seeds = seeds
  }

  /// The mean over the examples, for each seed.
  var means: [Double] { seeds.map { SampleStatistics($0).mean } }

  /// The figure of this model, averaged over examples and seeds.
  func row(_ figure: String, seconds: Double = 0) -> ReproductionRow {
    ReproductionRow("\(figure), \(model)", published: published, values: means, seconds: seconds)
  }

  /// What this model has more than another, in the unit of the figure.
  ///
  /// The paired error is the standard error over the examples of their own differences, which are averaged over the seeds
  /// first: what the choice of test examples contributes. What the choice of a seed contributes is the row's standard error.
  ///
  /// - Precondition: the same seeds and the same examples as the other's.
  func difference(_ figure: String, from other: ExampleFigures) -> ReproductionRow {
    precondition(
      seeds.map(\.count) == other.seeds.map(\.count), "models are compared on the same examples and seeds")
    let differences = zip(seeds, other.seeds).map { zip($0, $1).map { $0 - $1 } }
    var row = ReproductionRow(
      "\(figure), \(model) minus \(other.model)", published: publishedDifference(from: other),
      values: differences.map { SampleStatistics($0).mean }, seconds: 0)
    let examples = differences[0].indices.map { index in
      SampleStatistics(differences.map { $0[index] }).mean
    }
    row.pairedError = SampleStatistics(examples).error
    return row
  }

  /// Published figures have two decimals, and so has their difference.
  private func publishedDifference(from other: ExampleFigures) -> Double? {
    guard let published, let theirs = other.published else { return nil }
    return ((published - theirs) * 100).rounded() / 100
  }
}

extension [ExampleFigures] {
  /// The differences of all later models from the first; none where the first model has not been measured.
  func differences(_ figure: String, from reference: String) -> [ReproductionRow] {
    guard let first = self.first(where: { $0.model == reference }) else { return [] }
    return filter { $0.model != reference }.map { $0.difference(figure, from: first) }
  }
}
