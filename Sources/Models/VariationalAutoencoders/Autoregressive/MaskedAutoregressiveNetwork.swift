import LatentLayers
import LatentTensorGraph

/// Dense layers with masks: MADE (Germain et al. 2015).
public struct MaskedAutoregressiveNetwork: AutoregressiveFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("masked", "dense layers with masks, MADE")

  /// The widths of the hidden layers.
  public var hidden = [500]
  /// What the hidden layers are passed through.
  public var activation = Activation.relu

  /// The settings that it has where none are given.
  public init() {}

  /// `true`: the masks are about single numbers.
  public var takesNumbers: Bool { true }

  /// Refuses widths that no layer has, and values of several numbers.
  public func validate(at site: AutoregressiveSite) throws {
    try validate([("layers in hidden", hidden.count, 1...64)] + hidden.map { ("hidden", $0, 1...65_536) })
    try validateNumbers(at: site)
  }

  /// Makes the masked layers.
  public func make(at site: AutoregressiveSite) -> any AutoregressiveModule {
    Module(
      network: MaskedNetwork(
        site.name, dimensions: site.places, outputs: site.outputs, hidden: hidden,
        context: site.context * site.places, activation: activation))
  }

  private struct Module: AutoregressiveModule {
    let network: MaskedNetwork
    var variables: [Variable] { network.variables }

    func callAsFunction(_ inputs: Tensor, context: Tensor?, mode: Mode) -> Tensor {
      network(inputs.flattened(), context: context?.flattened()).transpose([0, 2, 1])
    }

    func walk(_ walk: PlaceWalk) -> (outputs: Tensor, values: Tensor) {
      let rounds = MaskedRounds(
        network, leading: [walk.count], context: walk.context?.flattened(), slicing: walk.sequences, in: walk.graph)
      let stacked = walk.graph.scan(rounds.sequences, carrying: rounds.initial) { carried, slices in
        rounds.step(carried, slices) { slices, outputs in
          let (value, input) = walk.next(outputs, slices)
          return (input, [outputs, value])
        }
      }.outputs
      return (stacked[0].firstTwoSwapped, stacked[1].firstTwoSwapped)
    }
  }
}

extension AutoregressiveFamily where Self == MaskedAutoregressiveNetwork {
  /// Dense layers with masks.
  public static func masked(hidden: [Int], activation: Activation = .relu) -> Self {
    var network = MaskedAutoregressiveNetwork()
    (network.hidden, network.activation) = (hidden, activation)
    return network
  }
}
