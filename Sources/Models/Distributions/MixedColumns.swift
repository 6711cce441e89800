import LatentTensorGraph

/// Independent columns of a table: Normals, then coins, then choices of which each is a one among zeros.
public struct MixedColumns: FactorizedDistribution {
  /// The means of the Normals, [..., numbers], and the logarithms of their variances.
  let normal: DiagonalNormal?
  /// The coins, [..., booleans].
  let coins: Bernoulli?
  /// The log-probabilities of each choice, [..., categories].
  let choices: [Tensor]
  private let numbers: Int, booleans: Int

  /// Creates a distribution from a number for each dimension, [..., D].
  ///
  /// - Parameters:
  ///   - outputs: means, logits of coins, and logits of choices, in this order.
  ///   - logVariance: of the numbers, [numbers].
  ///   - categories: among how many each choice is.
  public init(_ outputs: Tensor, logVariance: Tensor?, booleans: Int, categories: [Int]) {
    numbers = logVariance?.shape[0] ?? 0
    self.booleans = booleans
    var start = numbers
    normal = logVariance.map { [numbers] in
      DiagonalNormal(mean: outputs.slice(-1, 0..<numbers), logVariance: $0)
    }
    coins = booleans > 0 ? Bernoulli(logits: outputs.slice(-1, start..<(start + booleans))) : nil
    start += booleans
    choices = categories.map { count in
      defer { start += count }
      return outputs.slice(-1, start..<(start + count)).logSoftmax(-1)
    }
  }

  /// log p of each dimension: of a choice that of the chosen word, and zeros for the others.
  public func elementLogProbability(_ x: Tensor) -> Tensor {
    var start = 0
    func next(_ count: Int) -> Tensor {
      defer { start += count }
      return x.slice(-1, start..<(start + count))
    }
    var parts: [Tensor] = []
    if let normal { parts.append(normal.elementLogProbability(next(numbers))) }
    if let coins { parts.append(coins.elementLogProbability(next(booleans))) }
    for choice in choices { parts.append(next(choice.shape[-1]) * choice) }
    return Tensor.concatenate(parts, dimension: -1)
  }

  /// A draw of each column; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let drawn = choices.map { choice in
      let shape = Shape((count.map { [$0] } ?? []) + choice.shape.dimensions)
      let scores = choice + choice.graph.gumbelNoise(shape: shape)
      return scores.argumentMaximum(-1).oneHot(choice.shape[-1])
    }
    let parts = [normal?.sample(count: count), coins?.sample(count: count)].compactMap { $0 } + drawn
    return Tensor.concatenate(parts, dimension: -1)
  }

  /// Means, and probabilities.
  public var mean: Tensor {
    Tensor.concatenate([normal?.mean, coins?.mean].compactMap { $0 } + choices.map { $0.exp() }, dimension: -1)
  }
}
