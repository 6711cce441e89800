/// A formula of Einstein's summation convention, such as `bij,bjk->bik`: one letter for each dimension.
struct SummationFormula {
  /// The letters of each operand's dimensions.
  let operands: [[Character]]
  /// The letters of the result's dimensions.
  let result: [Character]

  /// Reads a formula for operands of the given ranks, or says in a clause what is wrong with it.
  ///
  /// Without an arrow the result has the letters that occur once, in alphabetic order.
  static func parse(_ text: String, ranks: [Int]) -> Result<SummationFormula, SummationMistake> {
    let compact = text.filter { $0 != " " }
    let sides = compact.components(separatedBy: "->")
    guard sides.count <= 2 else { return .failure(.init("expected at most one arrow `->`")) }
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    if let stranger = sides.joined().first(where: { !isLetter($0) && $0 != "," }) {
      return .failure(.init("`\(stranger)` is no letter from a to z; every dimension has one letter"))
    }
    guard operands.count == ranks.count else {
      return .failure(.init("\(operands.count) operands are named and \(ranks.count) given"))
    }
    for (place, (letters, rank)) in zip(operands, ranks).enumerated() where letters.count != rank {
      let named = "`\(String(letters))` names \(letters.count) dimensions"
      return .failure(.init("\(named) of operand \(place), which has \(rank)"))
    }
    let all = operands.flatMap { $0 }
    guard sides.count == 2 else {
      let single = all.filter { letter in all.filter { $0 == letter }.count == 1 }.sorted()
      return .success(SummationFormula(operands: operands, result: single))
    }
    let result = Array(sides[1])
    if let unknown = result.first(where: { !all.contains($0) }) {
      return .failure(.init("no operand has the result's dimension `\(unknown)`"))
    }
    guard Set(result).count == result.count else { return .failure(.init("the result names a dimension twice")) }
    return .success(SummationFormula(operands: operands, result: result))
  }

  private static func isLetter(_ character: Character) -> Bool {
    ("a"..."z").contains(character) || ("A"..."Z").contains(character)
  }
}

/// What is wrong with a formula.
struct SummationMistake: Error {
  /// The clause that says it.
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return parts + [rest]
  }
}
