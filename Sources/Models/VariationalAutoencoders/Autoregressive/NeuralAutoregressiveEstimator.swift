import LatentLayers
import LatentTensorGraph

/// One hidden layer that sees one more value at every place: NADE (Larochelle & Murray 2011, equations 3 to 5).
public struct NeuralAutoregressiveEstimator: AutoregressiveFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("nade", "one hidden layer that sees one more value at every place, NADE")

  /// How many hidden units there are.
  public var hidden = 500
  /// What the hidden units are passed through.
  public var activation = Activation.logistic

  /// The settings that it has where none are given.
  public init() {}

  /// `true`: the weights are about single numbers.
  public var takesNumbers: Bool { true }

  /// Refuses numbers of units that nothing has, and values of several numbers.
  public func validate(at site: AutoregressiveSite) throws {
    try validate([("hidden", hidden, 1...65_536)])
    try validateNumbers(at: site)
  }

  /// Makes the weights of every place.
  public func make(at site: AutoregressiveSite) -> any AutoregressiveModule { Module(self, at: site) }

  private struct Module: AutoregressiveModule {
    let activation: Activation
    let kernel: Variable, bias: Variable, head: Variable, headBias: Variable
    let context: Dense?

    init(_ settings: NeuralAutoregressiveEstimator, at site: AutoregressiveSite) {
      let (places, hidden) = (site.places, settings.hidden)
      activation = settings.activation
      kernel = Variable(
        site.name + "/kernel", shape: [places, hidden],
        initializer: .uniform(limit: 1 / Double(places).squareRoot()), isLinearMap: true)
      bias = Variable(site.name + "/bias", shape: [hidden])
      head = Variable(
        site.name + "/head", shape: [places, hidden, site.outputs],
        initializer: .uniform(limit: 1 / Double(hidden).squareRoot()), isLinearMap: true)
      headBias = Variable(site.name + "/headBias", shape: [places, site.outputs])
      context =
        site.context > 0 ? Dense(site.name + "/context", inputs: site.context * places, outputs: hidden) : nil
    }

    var variables: [Variable] { [kernel, bias, head, headBias] + (context?.variables ?? []) }

    func callAsFunction(_ inputs: Tensor, context: Tensor?, mode: Mode) -> Tensor {
      walk(
        PlaceWalk(count: inputs.shape[0], graph: inputs.graph, context: context, sequences: [inputs]) { _, slices in
          (slices[0], slices[0])
        }
      ).outputs
    }

    func walk(_ walk: PlaceWalk) -> (outputs: Tensor, values: Tensor) {
      let graph = walk.graph
      var start = graph.read(bias).broadcast(to: [walk.count, bias.shape[0]])
      if let context, let given = walk.context { start = start + context(given.flattened()) }
      let weights = [kernel, head, headBias].map(graph.read)
      let stacked = graph.scan(weights + walk.sequencesByPlace, carrying: [start]) { carried, slices in
        let outputs = activation(carried[0]).dot(slices[1]) + slices[2]
        let (value, input) = walk.next(outputs, Array(slices.dropFirst(3)))
        return ([carried[0] + input * slices[0]], [outputs, value])
      }.outputs
      return (stacked[0].firstTwoSwapped, stacked[1].firstTwoSwapped)
    }
  }
}

extension AutoregressiveFamily where Self == NeuralAutoregressiveEstimator {
  /// One hidden layer that sees one more value at every place.
  public static func nade(hidden: Int = 500) -> Self {
    var network = NeuralAutoregressiveEstimator()
    network.hidden = hidden
    return network
  }
}
