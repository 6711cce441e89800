/// Something that trains a network and counts the examples that it has seen.
protocol Learner: AnyObject {
  /// What is trained.
  var network: SmallNetwork { get }
  /// How many examples have been seen, with repetition.
  var samplesSeen: Int { get }

  /// Goes on until that many examples have been seen.
  ///
  /// - Throws: `LatentError` when what is minimised is no longer finite.
  func train(until samples: Int) throws
}
