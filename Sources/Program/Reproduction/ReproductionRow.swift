/// One figure of an experiment: theirs and ours.
package struct ReproductionRow: Codable, Hashable, Sendable {
  /// What was measured and of which model, with whose name it ends.
  package var row: String
  /// What the paper gives, if it gives a number.
  package var published: Double?
  /// What came out here: the mean over the seeds, in nats per example where the experiment says nothing else.
  package var ours: Double
  /// The standard error of that mean; missing for a single seed.
  package var standardError: Double?
  /// The standard error over the test examples of a difference of two models on the same examples; missing for a figure of
  /// one model. Examples differ from each other by far more than two models do on one of them, so that this error is a
  /// small part of that of either figure. It says nothing about other seeds.
  package var pairedError: Double?
  /// How long training and measuring took, all seeds together.
  package var seconds: Double

  enum CodingKeys: String, CodingKey {
    case row, published, ours
    case standardError = "standard_error"
    case pairedError = "paired_error"
    case seconds
  }

  /// Creates a row from one value for each seed.
  package init(_ row: String, published: Double? = nil, values: [Double], seconds: Double) {
    self.row = row
    self.published = published
    self.seconds = seconds
    let statistics = SampleStatistics(values)
    ours = statistics.mean
    standardError = values.count > 1 ? statistics.error : nil
  }
}
