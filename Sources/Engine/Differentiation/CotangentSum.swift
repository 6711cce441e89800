import LatentTensorGraph

/// What a tensor is worth, as it comes in from its users: whole cotangents, and those of its parts.
///
/// Parts are put together when all are known. A tensor that is cut into a hundred slices, each of which is used, gets one
/// concatenation and not the sum of a hundred tensors that are zero almost everywhere.
struct CotangentSum {
  private var whole: Tensor?
  private var parts: [PartOfCotangent] = []
  private var gathered: [GatheredCotangent] = []

  mutating func add(_ cotangent: Tensor) { whole = whole.map { $0 + cotangent } ?? cotangent }

  mutating func add(_ part: PartOfCotangent) { parts.append(part) }

  mutating func add(_ part: GatheredCotangent) { gathered.append(part) }

  /// The sum of all that has been added; what is added later comes on top.
  mutating func total(for tensor: Tensor) -> Tensor? {
    for group in Self.disjointGroups(parts, of: tensor) { add(group) }
    for group in Dictionary(grouping: gathered, by: \.dimension).sorted(by: { $0.key < $1.key }) {
      add(GatheredCotangent.scattered(group.value, over: tensor))
    }
    parts = []
    gathered = []
    return whole
  }

  /// The parts as few whole tensors: those along one dimension that do not overlap are one.
  private static func disjointGroups(_ parts: [PartOfCotangent], of tensor: Tensor) -> [Tensor] {
    var groups: [Int: [[PartOfCotangent]]] = [:]
    var result: [Tensor] = []
    for part in parts.sorted(by: { $0.start < $1.start }) {
      guard let dimension = part.dimension else {
        result.append(part.padded(to: tensor.shape))
        continue
      }
      // Sorted by their starts, parts go to the first group whose last one ends before them.
      let group = groups[dimension, default: []].firstIndex { ($0.last?.end ?? 0) <= part.start }
      if let group {
        groups[dimension]?[group].append(part)
      } else {
        groups[dimension, default: []].append([part])
      }
    }
    for (dimension, all) in groups.sorted(by: { $0.key < $1.key }) {
      for group in all {
        result.append(
          group.count == 1 ? group[0].padded(to: tensor.shape) : joined(group, along: dimension, of: tensor))
      }
    }
    return result
  }

  /// One after another, with zeros between.
  private static func joined(_ parts: [PartOfCotangent], along dimension: Int, of tensor: Tensor) -> Tensor {
    func zeros(_ size: Int) -> Tensor {
      tensor.graph.constant([0], shape: tensor.shape.replacing(dimension, with: size), type: tensor.type)
    }
    var pieces: [Tensor] = []
    var end = 0
    for part in parts {
      if part.start > end { pieces.append(zeros(part.start - end)) }
      pieces.append(part.cotangent)
      end = part.end
    }
    if end < tensor.shape[dimension] { pieces.append(zeros(tensor.shape[dimension] - end)) }
    return Tensor.concatenate(pieces, dimension: dimension)
  }
}

/// The cotangent of a slice.
struct PartOfCotangent {
  let starts: [Int], strides: [Int]
  let cotangent: Tensor
  /// The one dimension along which it is not the whole, if there is one and no element is left out within.
  let dimension: Int?

  init(starts: [Int], strides: [Int], operand: Tensor, cotangent: Tensor) {
    self.starts = starts
    self.strides = strides
    self.cotangent = cotangent
    let partial = starts.indices.filter { cotangent.shape[$0] != operand.shape[$0] }
    dimension = partial.count == 1 && strides[partial[0]] == 1 ? partial[0] : nil
  }

  var start: Int { dimension.map { starts[$0] } ?? 0 }
  var end: Int { dimension.map { starts[$0] + cotangent.shape[$0] } ?? 0 }

  /// Put back where the slice was taken, with zeros elsewhere.
  func padded(to shape: Shape) -> Tensor {
    let high = starts.indices.map { axis -> Int in
      let size = cotangent.shape[axis]
      let covered = size == 0 ? 0 : (size - 1) * strides[axis] + 1
      return shape[axis] - starts[axis] - covered
    }
    return cotangent.pad(low: starts, high: high, interior: strides.map { $0 - 1 })
  }
}

/// The cotangent of what was gathered.
struct GatheredCotangent {
  let dimension: Int
  let indices: Tensor
  let cotangent: Tensor

  /// All of them added into zeros in one pass.
  static func scattered(_ parts: [GatheredCotangent], over tensor: Tensor) -> Tensor {
    let dimension = parts[0].dimension
    let size = tensor.shape[dimension]
    let indices = Tensor.concatenate(parts.map(\.indices), dimension: 0)
    return Tensor.concatenate(parts.map(\.cotangent), dimension: dimension)
      .scatterAdd(indices, dimension: dimension, size: size)
  }
}
