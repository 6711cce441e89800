import LatentTensorGraph

/// Along a dimension, for each line of elements the results that a function gives for it.
private func alongLines(
  _ dimension: Int, _ operand: ReferenceArray, _ function: ([Double]) -> [Double]
) -> [Double] {
  var result = operand.elements
  for index in indices(of: operand.shape.collapsing([dimension])) {
    guard operand.shape[dimension] > 0 else { continue }
    let places = (0..<operand.shape[dimension]).map { place -> Int in
      var full = index
      full[dimension] = place
      return operand.offset(full)
    }
    for (place, value) in zip(places, function(places.map { operand.elements[$0] })) { result[place] = value }
  }
  return result
}

func cumulativelySummed(
  _ dimension: Int, _ isExclusive: Bool, _ isReversed: Bool, _ operand: ReferenceArray, _ type: ElementType
) -> [Double] {
  alongLines(dimension, operand) { line in
    line.indices.map { place in
      let terms = line.indices.filter {
        (isReversed ? $0 > place : $0 < place) || ($0 == place && !isExclusive)
      }
      return terms.reduce(0) { evaluate(.add, $0, line[$1], type) }
    }
  }
}

func argumentsSorted(_ dimension: Int, _ isDescending: Bool, _ operand: ReferenceArray) -> [Double] {
  alongLines(dimension, operand) { line in
    let order = line.indices.sorted { left, right in
      let (x, y) = (line[left], line[right])
      if x.isNaN || y.isNaN { return x.isNaN && y.isNaN ? left < right : y.isNaN }
      if x == y { return left < right }
      return isDescending ? x > y : x < y
    }
    return order.map(Double.init)
  }
}
