import LatentLayers
import LatentTensorGraph

/// An inverse autoregressive flow with gated updates (Kingma et al. 2016, equations 13 and 14): x = s z + (1 - s) m with
/// s = logistic(t + bias), where m_i and t_i come from the dimensions of z before i.
///
/// A draw with its density takes one pass of the network, so this is for posteriors; the density of a given point takes D
/// rounds, a loop (see `MaskedNetwork.sequence`). t is kept within ±10 by a smooth function.
public struct InverseAutoregressiveFlow: Flow {
  /// The masked network that gives m and t for each dimension from those before it.
  package let network: MaskedNetwork
  /// What is added to t, so that at first the gate lets most of z through.
  public let forgetBias: Double

  /// Creates a flow that is near z -> logistic(forgetBias) z at first.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - dimensions: D.
  ///   - hidden: the widths of the hidden layers, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  ///   - isReversed: whether the last dimension comes first.
  ///   - forgetBias: 1 or 2 in the paper's appendix.
  public init(
    _ name: String, dimensions: Int, hidden: [Int], context: Int = 0, activation: Activation = .relu,
    isReversed: Bool = false, forgetBias: Double = 2
  ) {
    network = MaskedNetwork(
      name, dimensions: dimensions, outputs: 2, hidden: hidden, context: context, activation: activation,
      isReversed: isReversed)
    self.forgetBias = forgetBias
  }

  /// The weights of the masked network; the flow has no others.
  public var variables: [Variable] { network.variables }

  /// The map, given a context [..., C] if the flow was made for one.
  public func bijection(context: Tensor? = nil) -> any Bijection {
    Map(network: network, context: context, forgetBias: forgetBias)
  }

  private struct Map: Bijection {
    let network: MaskedNetwork
    let context: Tensor?
    let forgetBias: Double
    let hasInverse = true

    func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
      let (target, raw) = network(z, context: context).pair()
      let gate = raw.smoothlyBounded(within: 10) + forgetBias
      return (target + gate.logistic() * (z - target), gate.logLogistic().sum([-1]))
    }

    func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? {
      let leading = x.leading(with: context)
      let (value, logScales) = network.sequence(
        leading: leading, context: context, slicing: [x.broadcast(to: Shape(leading + [network.dimensions]))],
        in: x.graph
      ) { slices, outputs in
        let target = outputs.slice(-1, 0..<1)
        let gate = outputs.slice(-1, 1..<2).smoothlyBounded(within: 10) + forgetBias
        return (target + (slices[0] - target) / gate.logistic(), [gate.logLogistic()])
      }
      return (value, -logScales[0].sum([-1]))
    }
  }
}
