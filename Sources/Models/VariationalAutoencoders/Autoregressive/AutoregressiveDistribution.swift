import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// How draws from an autoregressive model are made less varied than the model is.
public struct DrawSettings: Hashable, Sendable {
  /// What logits are divided by: below 1 probable values become more probable.
  public var temperature: Double
  /// Among how many of the most probable values each one is drawn; `nil` for all.
  public var topK: Int?

  /// Temperatures that float32 logits can be divided by.
  static let temperatures = 0.001...1000

  /// The model's own draws, unless something is given.
  public init(temperature: Double = 1, topK: Int? = nil) {
    self.temperature = temperature
    self.topK = topK
  }
}

/// A product over places of distributions that depend on the values at earlier places.
struct AutoregressiveDistribution: Distribution {
  let network: any AutoregressiveModule
  let values: PlaceValues
  /// The distribution of the values at some places, [leading, places * channels], from the network's outputs [leading, places,
  /// outputs].
  let output: (_ outputs: Tensor, _ leading: [Int]) -> any Distribution
  let arrangement: PlaceArrangement
  /// The leading dimensions of what it is about.
  let leading: [Int]
  /// What the network is given besides, [N, places, context], where N stands for those dimensions.
  let context: Tensor?
  /// What the model is being run for.
  let mode: Mode
  let graph: Graph
  /// How values are drawn.
  var drawing = DrawSettings()
  /// Values [N, D] that draws have, where a mask [D] is 1.
  var given: (values: Tensor, mask: Tensor)?

  /// One pass of the network: log p(x) of [..., D].
  func logProbability(_ x: Tensor) -> Tensor {
    let all = Shape(leading).broadcast(with: Shape(x.shape.dimensions.dropLast()))?.dimensions ?? leading
    let count = all.reduce(1, *)
    let rows = x.broadcast(to: Shape(all + [x.shape[-1]])).reshape([count, -1])
    let places = arrangement.places(of: rows)
    let outputs = network(values.inputs(of: places), context: repeated(to: count), mode: mode)
    return output(outputs, [count]).logProbability(places.flattened()).reshape(Shape(all))
  }

  /// Draws place by place; no gradient flows.
  func sample(count: Int?) -> Tensor {
    let all = (count.map { [$0] } ?? []) + leading
    return walk(all.reduce(1, *)).values.reshape(Shape(all + [arrangement.dimensions]))
  }

  /// A draw: an autoregressive distribution knows its expectation at the first place alone.
  var mean: Tensor { sample(count: nil) }

  /// Draws for N rows, [N, D], and the network's outputs on the way, [N, places, outputs].
  func walk(_ count: Int) -> (outputs: Tensor, values: Tensor) {
    var sequences: [Tensor] = []
    if let given {
      let mask = given.mask.broadcast(to: given.values.shape)
      sequences = [given.values, mask].map(arrangement.places)
    }
    let walk = network.walk(
      PlaceWalk(count: count, graph: graph, context: repeated(to: count), sequences: sequences) { outputs, slices in
        let distribution = output(outputs.expandingDimension(1), [count])
        let drawn = ((distribution as? any TemperedDistribution)?.tempered(drawing) ?? distribution).sample(count: nil)
        let value = slices.isEmpty ? drawn : slices[1].compare(.greater, slices[1].scalar(0.5)).select(slices[0], drawn)
        return (value, values.inputs(of: value))
      })
    return (walk.outputs, arrangement.rows(of: walk.values))
  }

  /// The context for further draws of the same rows.
  private func repeated(to count: Int) -> Tensor? {
    guard let context, context.shape[0] != count else { return context }
    let sizes = Array(context.shape.dimensions)
    return context.broadcast(to: Shape([count / sizes[0]] + sizes)).reshape(Shape([count] + sizes.dropFirst()))
  }
}

/// A distribution that can be drawn from less variedly than it is.
protocol TemperedDistribution: Distribution {
  /// The same with its logits changed.
  func tempered(_ settings: DrawSettings) -> any Distribution
}

extension Tensor {
  /// Logits [..., K] as settings have them.
  func tempered(_ settings: DrawSettings) -> Tensor {
    let logits = settings.temperature == 1 ? self : self / settings.temperature
    guard let count = settings.topK, count < shape[-1] else { return logits }
    let least = logits.topK(count).values.slice(-1, (count - 1)..<count)
    return logits.compare(.less, least).select(logits.scalar(-.infinity), logits)
  }
}

extension Bernoulli: TemperedDistribution {
  func tempered(_ settings: DrawSettings) -> any Distribution {
    guard settings.topK == 1 else { return Bernoulli(logits: logits / settings.temperature) }
    // The more probable of both, whatever the temperature.
    return Bernoulli(logits: logits.compare(.less, logits.scalar(0)).select(logits.scalar(-100), logits.scalar(100)))
  }
}

extension Categorical: TemperedDistribution {
  func tempered(_ settings: DrawSettings) -> any Distribution {
    Categorical(logits: logits.tempered(settings), step: step)
  }
}
