import Foundation
import LatentTensorGraph

/// The weights of all queries and keys, [batches, query heads, queries, keys], and the logarithms of their sums.
private func attentionWeights(
  _ settings: AttentionSettings, _ sizes: AttentionSizes, _ operands: [ReferenceArray]
) -> (weights: ReferenceArray, logSumExp: ReferenceArray) {
  let (query, key) = (operands[0], operands[1])
  var weights: [Double] = []
  var logarithms: [Double] = []
  for place in indices(of: sizes.logSumExp) {
    let (n, head, i) = (place[0], place[1], place[2])
    let scores = (0..<sizes.keys).map { j -> Double in
      if settings.isCausal && j > i + sizes.keys - sizes.queries { return -.infinity }
      let product = (0..<sizes.features).reduce(0.0) {
        $0 + query[[n, i, head, $1]] * key[[n, j, head / sizes.group, $1]]
      }
      return settings.scale * product + (settings.isMasked ? operands[3][[n, head, i, j]] : 0)
    }
    let top = scores.reduce(-.infinity) { $1.isNaN ? $1 : max($0, $1) }
    // A query that sees no key has weights of zero.
    let sum = top == -.infinity ? 0 : scores.reduce(0) { $0 + exp($1 - top) }
    weights += scores.map { sum == 0 ? 0 : exp($0 - top) / sum }
    logarithms.append(sum == 0 ? -.infinity : top + log(sum))
  }
  return (ReferenceArray(sizes.scores, weights), ReferenceArray(sizes.logSumExp, logarithms))
}

/// Output and log-sum-exp of attention.
func attended(_ settings: AttentionSettings, _ operands: [ReferenceArray]) -> [ReferenceArray] {
  let sizes = settings.sizes(operands[0].shape, operands[1].shape)
  let (weights, logSumExp) = attentionWeights(settings, sizes, operands)
  let output = indices(of: sizes.query).map { place in
    (0..<sizes.keys).reduce(0.0) {
      $0 + weights[[place[0], place[2], place[1], $1]] * operands[2][[place[0], $1, place[2] / sizes.group, place[3]]]
    }
  }
  return [ReferenceArray(sizes.query, output), logSumExp]
}

/// The gradients of attention with respect to query, key, and value: a pass over all pairs of a query and a key.
func attendedGradient(_ settings: AttentionSettings, _ operands: [ReferenceArray]) -> [ReferenceArray] {
  let sizes = settings.sizes(operands[0].shape, operands[1].shape)
  let (query, key, value, cotangent) = (operands[0], operands[1], operands[2], operands[operands.count - 1])
  let weights = attentionWeights(settings, sizes, operands).weights
  var queries = [Double](repeating: 0, count: sizes.query.elementCount)
  var keys = [Double](repeating: 0, count: sizes.key.elementCount)
  var values = keys
  for place in indices(of: sizes.logSumExp) {
    let (n, head, i) = (place[0], place[1], place[2])
    let keyHead = head / sizes.group
    let worth = (0..<sizes.keys).map { j in
      (0..<sizes.features).reduce(0.0) { $0 + cotangent[[n, i, head, $1]] * value[[n, j, keyHead, $1]] }
    }
    let mean = worth.indices.reduce(0.0) { $0 + weights[[n, head, i, $1]] * worth[$1] }
    for j in worth.indices {
      let weight = weights[[n, head, i, j]]
      let change = settings.scale * weight * (worth[j] - mean)
      for feature in 0..<sizes.features {
        let row = query.offset([n, i, head, feature])
        let column = key.offset([n, j, keyHead, feature])
        queries[row] += change * key.elements[column]
        keys[column] += change * query.elements[row]
        values[column] += weight * cotangent.elements[row]
      }
    }
  }
  return [
    ReferenceArray(sizes.query, queries), ReferenceArray(sizes.key, keys), ReferenceArray(sizes.key, values),
  ]
}
