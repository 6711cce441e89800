import Foundation

/// How often each code of each codebook was chosen, over as many examples as were counted.
public struct CodeUsage: Hashable, Sendable {
  /// The choices of each code, by codebook.
  public let counts: [[Double]]

  /// Takes the counts of all codebooks, one after another.
  public init(_ counts: [Double], codebooks: [Int]) {
    var rest = counts[...]
    self.counts = codebooks.map { size in
      defer { rest = rest.dropFirst(size) }
      return Array(rest.prefix(size))
    }
  }

  /// exp of the entropy of the choices, averaged over the codebooks: how many codes, all chosen alike, would be as varied.
  ///
  /// The entropy is that of all choices together, which is more than the average over batches (van den Oord et al. 2017's
  /// reference code averages).
  public var perplexity: Double {
    counts.reduce(0) { $0 + Self.perplexity($1) } / Double(max(1, counts.count))
  }

  /// The share of codes that were chosen at all.
  public var usage: Double {
    let codes = counts.joined()
    return Double(codes.filter { $0 > 0 }.count) / Double(max(1, codes.count))
  }

  /// How many codes were never chosen.
  public var deadCodes: Int { counts.joined().filter { $0 == 0 }.count }

  private static func perplexity(_ counts: [Double]) -> Double {
    let total = counts.reduce(0, +)
    guard total > 0 else { return 0 }
    let entropy = counts.filter { $0 > 0 }.reduce(0) { $0 - $1 / total * Foundation.log($1 / total) }
    return Foundation.exp(entropy)
  }
}
