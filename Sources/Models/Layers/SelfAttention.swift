import LatentDiagnostics
import LatentTensorGraph

/// Every position attends to all positions, or to earlier ones and itself (Vaswani et al. 2017): over the pixels of [N, H, W, C],
/// or over the positions of [N, T, C].
///
/// Weights are never stored, so that memory grows with the number of positions (`Tensor.attention`).
public struct SelfAttention: Layer {
  /// The layer's path in its model.
  package let name: String
  /// How many separate attentions the features are divided between.
  package let heads: Int
  /// How many heads keys and values have; neighbouring heads of queries share them if they are fewer (Ainslie et al. 2023).
  package let keyHeads: Int
  /// Whether a position sees no later one.
  package let isCausal: Bool
  /// Whether queries and keys are rotated by their positions (Su et al. 2021): products then depend on distances.
  package let isRotary: Bool
  /// From features to queries, keys, and values, and from what was attended to back to features.
  package let inputs: Dense, output: Dense

  /// Creates a layer for a number of features, which the heads must divide, as heads of keys must divide heads.
  public init(
    _ name: String, features: Int, heads: Int = 1, keyHeads: Int? = nil, isCausal: Bool = false, isRotary: Bool = false
  ) {
    let keyHeads = keyHeads ?? heads
    require(heads > 0 && features % heads == 0, "\(heads) heads do not divide \(features) features")
    require(keyHeads > 0 && heads % keyHeads == 0, "\(keyHeads) heads of keys do not divide \(heads) heads")
    require(
      !isRotary || (features / heads) % 2 == 0, "\(features / heads) features of a head cannot be rotated in pairs")
    self.name = name
    self.heads = heads
    self.keyHeads = keyHeads
    self.isCausal = isCausal
    self.isRotary = isRotary
    inputs = Dense(name + "/inputs", inputs: features, outputs: features / heads * (heads + 2 * keyHeads))
    output = Dense(name + "/output", inputs: features, outputs: features)
  }

  /// Those of both products.
  public var variables: [Variable] { inputs.variables + output.variables }

  /// [N, ..., C] to the same shape.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let positions = input.shape.dimensions.dropFirst().dropLast().reduce(1, *)
    let (queries, keys, values) = parts(
      of: input.reshape([input.shape[0], positions, input.shape[-1]]),
      at: isRotary ? input.graph.iota(shape: [positions], dimension: 0) : nil)
    return output(queries.attention(keys: keys, values: values, causal: isCausal).reshape(input.shape))
  }

  /// Queries, keys, and values [N, T, heads, features] of one product of [N, T, C], read where they lie.
  private func parts(of input: Tensor, at positions: Tensor?) -> (queries: Tensor, keys: Tensor, values: Tensor) {
    let (count, length, features) = (input.shape[0], input.shape[1], input.shape[2])
    let all = inputs(input).reshape([count, length, heads + 2 * keyHeads, features / heads])
    let queries = all.slice(2, 0..<heads)
    let keys = all.slice(2, heads..<(heads + keyHeads))
    let values = all.slice(2, (heads + keyHeads)..<(heads + 2 * keyHeads))
    guard let positions else { return (queries, keys, values) }
    return (queries.rotated(positions: positions), keys.rotated(positions: positions), values)
  }
}

/// What a layer keeps of the positions so far in steps of generation: keys, and values.
public struct AttentionCache: Sendable {
  /// The shape of both: [N, most positions, key heads, features].
  public let shape: Shape

  /// Keys and values before the first step.
  public func empty(in graph: Graph) -> [Tensor] {
    [graph.constant([0], shape: shape), graph.constant([0], shape: shape)]
  }
}

extension SelfAttention {
  /// What a layer keeps of batches of a size and of at most a number of positions.
  public func cache(batch: Int, positions: Int) -> AttentionCache {
    AttentionCache(shape: [batch, positions, keyHeads, inputs.kernel.shape[0] / heads])
  }

  /// One further position of [N, 1, C], which sees itself and those whose keys and values were kept.
  ///
  /// What `callAsFunction` computes for the last of so many positions, if the layer is causal; the work grows with the size of the
  /// cache. Made to be carried by `Graph.scan`, whose steps are given the position as a slice of `iota`.
  ///
  /// - Parameters:
  ///   - cache: the kept keys and values, [N, most positions, key heads, features].
  ///   - position: the int32 scalar place of the step in them; keys behind it are not looked at.
  /// - Returns: [N, 1, C], and the keys and values with those of this step.
  public func callAsFunction(step: Tensor, cache: [Tensor], position: Tensor) -> (output: Tensor, cache: [Tensor]) {
    require(step.rank == 3 && step.shape[1] == 1, "a step of attention is [N, 1, C], not \(step.shape)")
    require(
      cache.count == 2 && cache.allSatisfy { $0.rank == 4 && $0.shape == cache[0].shape },
      "a step of attention takes kept keys and values of one shape")
    require(position.shape == .scalar && position.type == .int32, "the position of a step is an int32 scalar")
    let (queries, keys, values) = parts(of: step, at: isRotary ? position.reshape([1]) : nil)
    let places = step.graph.iota(shape: [cache[0].shape[1]], dimension: 0)
    let isHere = places.compare(.equal, position).reshape([1, cache[0].shape[1], 1, 1])
    let kept = zip(cache, [keys, values]).map { isHere.select($1, $0) }
    let mask = places.compare(.lessOrEqual, position).select(
      step.graph.constant(0, step.type), step.graph.constant(-.infinity, step.type))
    let attended = queries.attention(keys: kept[0], values: kept[1], mask: mask)
    return (output(attended.reshape(step.shape)), kept)
  }
}
