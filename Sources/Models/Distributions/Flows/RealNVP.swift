import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// An affine coupling (Dinh et al. 2017, equations 4 and 5): one half of the dimensions is scaled and shifted by what a network
/// makes of the other half, which stays.
///
/// Both directions take one pass. Log-scales are a learned factor times tanh, the factor 1 at first. Alternate
/// `isReversed` from step to step, so that each half has its turn.
public struct RealNVP: Flow {
  /// What gives log-scales, before tanh, and shifts.
  package let network: ContextualNetwork
  /// The bounds of the log-scales, one for each dimension that changes.
  package let factor: Variable
  /// Whether the first half changes rather than the last.
  public let isReversed: Bool

  /// Creates a flow that is near the identity at first.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - dimensions: D, at least 2; of an odd number the last half is the larger.
  ///   - hidden: the widths of the hidden layers, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  ///   - isReversed: whether the first half changes rather than the last.
  public init(
    _ name: String, dimensions: Int, hidden: [Int], context: Int = 0, activation: Activation = .relu,
    isReversed: Bool = false
  ) {
    require(dimensions >= 2, "a coupling needs two dimensions or more, not \(dimensions)")
    let kept = isReversed ? dimensions - dimensions / 2 : dimensions / 2
    network = ContextualNetwork(
      name, inputs: kept, outputs: 2 * (dimensions - kept), hidden: hidden, context: context, activation: activation)
    factor = Variable(name + "/factor", shape: [dimensions - kept], initializer: .constant(1))
    self.isReversed = isReversed
  }

  /// The weights of the network, and the learned factor of its log-scales.
  public var variables: [Variable] { network.variables + [factor] }

  /// The map, given a context [..., C] if the flow was made for one.
  public func bijection(context: Tensor? = nil) -> any Bijection { Map(flow: self, context: context) }

  private struct Map: Bijection {
    let flow: RealNVP
    let context: Tensor?
    let hasInverse = true

    func forward(_ z: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
      let (kept, changing) = halves(z)
      let (logScale, shift) = parameters(kept)
      return (joined(kept, changing * logScale.exp() + shift), logScale.sum([-1]))
    }

    func inverse(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor)? {
      let (kept, changing) = halves(x)
      let (logScale, shift) = parameters(kept)
      return (joined(kept, (changing - shift) * (-logScale).exp()), -logScale.sum([-1]))
    }

    private func parameters(_ kept: Tensor) -> (logScale: Tensor, shift: Tensor) {
      let parts = flow.network(kept, context: context).split(2, dimension: -1)
      return (parts[0].tanh() * kept.graph.read(flow.factor), parts[1])
    }

    private func halves(_ x: Tensor) -> (kept: Tensor, changing: Tensor) {
      let size = x.shape[-1]
      let changing = flow.factor.shape[0]
      return flow.isReversed
        ? (x.slice(-1, changing..<size), x.slice(-1, 0..<changing))
        : (x.slice(-1, 0..<(size - changing)), x.slice(-1, (size - changing)..<size))
    }

    private func joined(_ kept: Tensor, _ changed: Tensor) -> Tensor {
      // A context can have leading dimensions that the vectors lack.
      let kept = kept.broadcast(to: Shape(changed.leading + [kept.shape[-1]]))
      return Tensor.concatenate(flow.isReversed ? [changed, kept] : [kept, changed], dimension: -1)
    }
  }
}
