import LatentDatasets

/// Minibatches of one size, epoch after epoch in a new order; what does not fill a minibatch waits for another epoch.
struct MinibatchOrder {
  /// How many examples make a minibatch.
  let size: Int
  /// How many minibatches have been given out.
  private(set) var step = 0
  private let count: Int
  private let seed: UInt64
  private var order: [Int] = []

  /// Prepares minibatches of at most `size` of `count` examples.
  init(size: Int, count: Int, seed: UInt64) {
    self.size = min(size, count)
    self.count = count
    self.seed = seed
  }

  /// The indices of the next minibatch.
  mutating func next() -> [Int] {
    let perEpoch = count / size
    let place = step % perEpoch
    if place == 0 { order = Shuffler.permutation(count: count, seed: seed, epoch: step / perEpoch) }
    step += 1
    return Array(order[(place * size)..<((place + 1) * size)])
  }
}
