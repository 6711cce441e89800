import LatentLayers
import LatentTensorGraph

/// A masked autoregressive flow (Papamakarios et al. 2017, equation 3): x_i = z_i exp(a_i) + m_i, where m_i and a_i come from
/// the dimensions of x before i.
///
/// The density takes one pass of the network; a draw takes D rounds, a loop (see `MaskedNetwork.sequence`). So this is for
/// priors and other densities of given points. Log-scales are kept within ±5 by a smooth function.
public struct MaskedAutoregressiveFlow: Flow {
  /// The masked network that gives m and a for each dimension from those before it.
  package let network: MaskedNetwork

  /// Creates a flow that is near the identity at first.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - dimensions: D.
  ///   - hidden: the widths of the hidden layers, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  ///   - isReversed: whether the last dimension comes first.
  public init(
    _ name: String, dimensions: Int, hidden: [Int], context: Int = 0, activation: Activation = .relu,
    isReversed: Bool = false
  ) {
    network = MaskedNetwork(
      name, dimensions: dimensions, outputs: 2, hidden: hidden, context: context, activation: activation,
      isReversed: isReversed)
  }

  /// The weights of the masked network; the flow has no others.
  public var variables: [Variable] { network.variables }

  /// The map, given a context [..., C] if the flow was made for one.
  public func bijection(context: Tensor? = nil) -> any Bijection { Map(network: network, context: context) }

  private struct Map: Bijection {
    let network: MaskedNetwork
    let context: Tensor?
    let hasInverse = true

    func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
      let leading = z.leading(with: context)
      let (value, logScales) = network.sequence(
        leading: leading, context: context, slicing: [z.broadcast(to: Shape(leading + [network.dimensions]))],
        in: z.graph
      ) { slices, outputs in
        let logScale = outputs.slice(-1, 1..<2).smoothlyBounded(within: 5)
        return (slices[0] * logScale.exp() + outputs.slice(-1, 0..<1), [logScale])
      }
      return (value, logScales[0].sum([-1]))
    }

    func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? {
      let (shift, logScale) = network(x, context: context).pair()
      let bounded = logScale.smoothlyBounded(within: 5)
      return ((x - shift) * (-bounded).exp(), -bounded.sum([-1]))
    }
  }
}
