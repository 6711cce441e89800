extension Tensor {
  /// Sums of products by a formula of Einstein's summation convention, such as `bij,bjk->bik` for batches of products.
  ///
  /// Each operand names its dimensions by letters, and the result its own; over letters that the result does not name is
  /// summed. A letter twice in one operand takes the diagonal. Without `->` the result has the letters that occur once, in
  /// alphabetic order. Several operands are joined from left to right, each pair by one matrix product where both have a
  /// dimension that is summed over.
  ///
  /// - Precondition: dimensions of one letter have one size, and the operands have one type, which is not bool.
  public static func einsum(
    _ formula: String, _ operands: Tensor..., file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    einsum(formula, operands, file: file, line: line)
  }

  /// The same of a list of operands.
  public static func einsum(
    _ formula: String, _ operands: [Tensor], file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    func mistake(_ reason: String) -> Never {
      shapeMistake("einsum `\(formula)`", operands, reason, file: file, line: line)
    }
    let parsed: SummationFormula
    switch SummationFormula.parse(formula, ranks: operands.map(\.rank)) {
    case .success(let formula): parsed = formula
    case .failure(let failure): mistake(failure.reason)
    }
    var sizes: [Character: Int] = [:]
    for (letters, operand) in zip(parsed.operands, operands) {
      if operand.type == .bool || operand.type != operands[0].type { mistake("expected numbers of one type") }
      for (letter, size) in zip(letters, operand.shape.dimensions) {
        if let known = sizes[letter], known != size { mistake("`\(letter)` is \(known) and \(size)") }
        sizes[letter] = size
      }
    }
    var terms = zip(operands, parsed.operands).map { LetteredTensor($0, $1).withoutRepetition() }
    while terms.count > 1 {
      let wanted = Set(parsed.result + terms.dropFirst(2).flatMap(\.letters))
      terms[0] = terms[0].joined(with: terms.remove(at: 1), keeping: wanted)
    }
    return terms[0].summed(keeping: Set(parsed.result)).arranged(parsed.result).tensor
  }
}

/// A tensor whose dimensions have names.
private struct LetteredTensor {
  var tensor: Tensor
  var letters: [Character]

  init(_ tensor: Tensor, _ letters: [Character]) {
    self.tensor = tensor
    self.letters = letters
  }

  private func size(_ letter: Character) -> Int {
    letters.firstIndex(of: letter).map { tensor.shape[$0] } ?? 1
  }

  /// The diagonal of dimensions that have one letter.
  func withoutRepetition() -> LetteredTensor {
    var result = self
    while let second = result.letters.indices.first(where: { place in
      result.letters[..<place].contains(result.letters[place])
    }) {
      let letter = result.letters[second]
      let pair = result.letters.indices.filter { result.letters[$0] == letter }.prefix(2)
      let rest = result.letters.indices.filter { !pair.contains($0) }
      result = LetteredTensor(
        result.tensor.transpose(rest + pair).diagonal(), rest.map { result.letters[$0] } + [letter])
    }
    return result
  }

  /// The sum over all letters but some.
  func summed(keeping kept: Set<Character>) -> LetteredTensor {
    let dimensions = letters.indices.filter { !kept.contains(letters[$0]) }
    return LetteredTensor(tensor.sum(dimensions), letters.filter(kept.contains))
  }

  /// The dimensions in the order of the given letters, which are all there are.
  func arranged(_ order: [Character]) -> LetteredTensor {
    LetteredTensor(tensor.transpose(order.compactMap { letters.firstIndex(of: $0) }), order)
  }

  /// As [..., M, N], where M and N are the products of two groups' sizes and all else are batches.
  private func matrices(_ batch: [Character], _ rows: [Character], _ columns: [Character]) -> Tensor {
    func count(_ group: [Character]) -> Int { group.reduce(1) { $0 * size($1) } }
    let sizes = (batch.isEmpty ? [] : [count(batch)]) + [count(rows), count(columns)]
    return arranged(batch + rows + columns).tensor.reshape(Shape(sizes))
  }

  /// The product with another tensor, summed over what both have and nobody wants.
  func joined(with other: LetteredTensor, keeping wanted: Set<Character>) -> LetteredTensor {
    let left = summed(keeping: wanted.union(other.letters))
    let right = other.summed(keeping: wanted.union(letters))
    let common = left.letters.filter(right.letters.contains)
    let batch = common.filter(wanted.contains)
    let inner = common.filter { !wanted.contains($0) }
    let rows = left.letters.filter { !common.contains($0) }
    let columns = right.letters.filter { !common.contains($0) }
    let order = batch + rows + columns
    let sizes = batch.map(left.size) + rows.map(left.size) + columns.map(right.size)
    let first = left.matrices(batch, rows, inner)
    let second = right.matrices(batch, columns, inner)
    // What is not summed over needs no matrix product, and integers have none.
    let product: Tensor
    if inner.isEmpty {
      product = first * second.transpose(Array(0..<(second.rank - 2)) + [second.rank - 1, second.rank - 2])
    } else if tensor.type.isFloatingPoint {
      product = first.dot(second, transposeRight: true)
    } else {
      product = (first.expandingDimension(-2) * second.expandingDimension(-3)).sum([-1])
    }
    return LetteredTensor(product.reshape(Shape(sizes)), order)
  }
}
