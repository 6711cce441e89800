import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// Blocks of causal attention and dense layers over the places in their order (Vaswani et al. 2017; normalised before each part,
/// Radford et al. 2019).
public struct CausalTransformer: AutoregressiveFamily {
  /// How places are told apart.
  public enum Positions: String, Codable, Hashable, Sendable, CaseIterable {
    /// By a learned vector for each place.
    case learned
    /// By rotations of queries and keys (Su et al. 2021).
    case rotary
  }

  /// Its name, and what it is.
  public static let name = FamilyName("transformer", "blocks of causal attention and dense layers")

  /// How many features a place has.
  public var features = 128
  /// How many attentions the features are divided between.
  public var heads = 4
  /// How many blocks there are.
  public var blocks = 4
  /// How places are told apart.
  public var positions = Positions.learned
  /// Which share of what a block adds is dropped in training: against learning a small data set by heart.
  public var dropout = 0.0

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses sizes that nothing has, and heads that do not divide the features.
  public func validate(at site: AutoregressiveSite) throws {
    try validate([("features", features, 1...65_536), ("heads", heads, 1...1024), ("blocks", blocks, 1...256)])
    try validate(dropout: dropout)
    guard features % heads == 0, positions == .learned || (features / heads) % 2 == 0 else {
      throw LatentError.usage(
        "\(features) features cannot be divided between \(heads) heads with \(positions.rawValue) positions",
        remedy: "Set the network's features to a multiple of its heads, and with rotary positions of twice as many")
    }
  }

  /// Makes the blocks.
  public func make(at site: AutoregressiveSite) -> any AutoregressiveModule { Module(self, at: site) }

  private struct Module: AutoregressiveModule {
    let embedding: Dense, head: Dense
    let context: Dense?
    let start: Variable, positions: Variable?
    let blocks: [TransformerBlock]
    let end: LayerNormalization
    let places: Int, features: Int

    init(_ settings: CausalTransformer, at site: AutoregressiveSite) {
      (places, features) = (site.places, settings.features)
      embedding = Dense(site.name + "/embedding", inputs: site.inputs, outputs: features)
      start = Variable(site.name + "/start", shape: [features], initializer: .normal(standardDeviation: 0.02))
      positions =
        settings.positions == .learned
        ? Variable(
          site.name + "/positions", shape: [site.places, features], initializer: .normal(standardDeviation: 0.02)) : nil
      context = site.context > 0 ? Dense(site.name + "/context", inputs: site.context, outputs: features) : nil
      blocks = (0..<settings.blocks).map { TransformerBlock("\(site.name)/block\($0)", settings) }
      end = LayerNormalization(site.name + "/end", features: features)
      head = Dense(
        site.name + "/head", inputs: features, outputs: site.outputs, initializer: .normal(standardDeviation: 0.02))
    }

    var variables: [Variable] {
      embedding.variables + [start] + (positions.map { [$0] } ?? []) + (context?.variables ?? [])
        + blocks.flatMap(\.variables) + end.variables + head.variables
    }

    func callAsFunction(_ inputs: Tensor, context given: Tensor?, mode: Mode) -> Tensor {
      let graph = inputs.graph
      let first = graph.read(start).reshape([1, 1, features]).broadcast(to: [inputs.shape[0], 1, features])
      // A place sees the value before its own.
      var value = first
      if places > 1 {
        value = Tensor.concatenate([first, embedding(inputs.slice(1, 0..<(places - 1)))], dimension: 1)
      }
      if let positions { value = value + graph.read(positions) }
      if let context, let given { value = value + context(given) }
      return head(end(blocks.reduce(value) { $1($0, mode: mode) }))
    }

    func walk(_ walk: PlaceWalk) -> (outputs: Tensor, values: Tensor) {
      let graph = walk.graph
      let caches = blocks.flatMap { $0.cache(batch: walk.count, positions: places).empty(in: graph) }
      let first = graph.read(start).broadcast(to: [walk.count, features])
      var offsets = graph.constant([0], shape: [places, 1, features])
      if let positions { offsets = graph.read(positions).expandingDimension(1) }
      if let context, let given = walk.context { offsets = offsets + context(given).firstTwoSwapped }
      let numbers = graph.iota(shape: [places], dimension: 0)
      let stacked = graph.scan([numbers, offsets] + walk.sequencesByPlace, carrying: [first] + caches) {
        carried, slices in
        var value = (carried[0] + slices[1]).expandingDimension(1)
        var kept: [Tensor] = []
        for (index, block) in blocks.enumerated() {
          let cache = Array(carried[(1 + 2 * index)...(2 + 2 * index)])
          let step = block(step: value, cache: cache, position: slices[0])
          value = step.output
          kept += step.cache
        }
        let outputs = head(end(value)).reshape([walk.count, -1])
        let (next, input) = walk.next(outputs, Array(slices.dropFirst(2)))
        return ([embedding(input)] + kept, [outputs, next])
      }.outputs
      return (stacked[0].firstTwoSwapped, stacked[1].firstTwoSwapped)
    }
  }
}

extension AutoregressiveFamily where Self == CausalTransformer {
  /// Blocks of causal attention and dense layers.
  public static func transformer(
    features: Int = 128, heads: Int = 4, blocks: Int = 4, positions: CausalTransformer.Positions = .learned
  ) -> Self {
    var network = CausalTransformer()
    (network.features, network.heads, network.blocks, network.positions) = (features, heads, blocks, positions)
    return network
  }
}

/// x + attention of the normalised x, then x + two dense layers of the normalised x.
private struct TransformerBlock {
  let attentionNorm: LayerNormalization, denseNorm: LayerNormalization
  let attention: SelfAttention
  let wide: Dense, narrow: Dense
  let dropout: Dropout

  init(_ name: String, _ settings: CausalTransformer) {
    let features = settings.features
    attentionNorm = LayerNormalization(name + "/attentionNorm", features: features)
    attention = SelfAttention(
      name + "/attention", features: features, heads: settings.heads, isCausal: true,
      isRotary: settings.positions == .rotary)
    denseNorm = LayerNormalization(name + "/denseNorm", features: features)
    wide = Dense(name + "/wide", inputs: features, outputs: 4 * features, activation: .gelu)
    dropout = Dropout(rate: settings.dropout)
    narrow = Dense(name + "/narrow", inputs: 4 * features, outputs: features)
  }

  var variables: [Variable] {
    attentionNorm.variables + attention.variables + denseNorm.variables + wide.variables + narrow.variables
  }

  func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    dense(input + dropout(attention(attentionNorm(input)), mode: mode), mode: mode)
  }

  func cache(batch: Int, positions: Int) -> AttentionCache { attention.cache(batch: batch, positions: positions) }

  func callAsFunction(step: Tensor, cache: [Tensor], position: Tensor) -> (output: Tensor, cache: [Tensor]) {
    let attended = attention(step: attentionNorm(step), cache: cache, position: position)
    return (dense(step + attended.output, mode: .inference), attended.cache)
  }

  private func dense(_ input: Tensor, mode: Mode) -> Tensor {
    input + dropout(narrow(wide(denseNorm(input))), mode: mode)
  }
}
