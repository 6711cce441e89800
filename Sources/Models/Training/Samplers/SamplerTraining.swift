import LatentDiagnostics
import LatentEvaluation

/// How long networks over codes are trained: as many updates for few codes as for many, within limits.
struct SamplerTraining: Hashable {
  /// Codes of an update.
  var batchSize: Int
  /// How often the codes are gone through at most.
  var epochs: Int
  /// After how many epochs without a better held-out likelihood training stops.
  var patience: Int
  /// How many codes are held out: a tenth.
  var heldOut: Int

  /// The fewest codes that a network is trained on.
  static let leastCodes = 20
  /// The step size at first; it goes down to 0 in half a cosine.
  static let learningRate = 2e-3

  private static let updates = 6000

  init(codes count: Int) {
    heldOut = max(1, count / 10)
    let training = max(1, count - heldOut)
    batchSize = min(training, min(500, max(20, training / 30)))
    let updatesPerEpoch = (training + batchSize - 1) / batchSize
    epochs = min(400, max(20, Self.updates / updatesPerEpoch))
    patience = max(10, epochs / 5)
  }
}
