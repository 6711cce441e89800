import LatentTensorGraph

/// A size in a program of which the number of examples is left open.
enum Extent: Hashable {
  /// The same for every number of examples.
  case fixed(Int)
  /// So many times the number of examples.
  case batch(times: Int)

  /// What a size is by what it was in two traces; `nil` for one that grows otherwise.
  init?(_ sizes: (Int, Int), batches: (Int, Int)) {
    guard sizes.0 != sizes.1 else {
      self = .fixed(sizes.0)
      return
    }
    let (growth, step) = (sizes.1 - sizes.0, batches.1 - batches.0)
    guard growth % step == 0, sizes.0 == growth / step * batches.0 else { return nil }
    self = .batch(times: growth / step)
  }

  /// Whether it depends on the number of examples.
  var isOpen: Bool { if case .batch = self { true } else { false } }
}
