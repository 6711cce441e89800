import LatentDiagnostics
import Foundation
import LatentLayers
import LatentTensorGraph

/// An autoregressive density: each dimension is a mixture of Normals given the dimensions before it (Uria et al. 2013,
/// equation 11), by the network of Germain et al. 2015.
///
/// The density takes one pass of the network; a draw takes D rounds, a loop (see `MaskedNetwork.sequence`).
package struct AutoregressiveNormal: Sendable {
  /// What gives logits, means, and log-variances, or the latter two alone for a single component.
  package let network: MaskedNetwork
  /// How many components each mixture has (M).
  package let components: Int

  /// Creates a density that is near N(0, I) at first, with the components' means spread out.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - dimensions: D.
  ///   - components: M, at least 1.
  ///   - hidden: the widths of the hidden layers, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  package init(
    _ name: String, dimensions: Int, components: Int, hidden: [Int], context: Int = 0, activation: Activation = .relu
  ) {
    require(components > 0, "a mixture has at least one component, not \(components)")
    self.components = components
    // Means at quantiles, and the variance that is left of 1: each mixture has the moments of N(0, 1).
    let means = (0..<components).map { 0.8 * standardNormalQuantile((Double($0) + 0.5) / Double(components)) }
    let logVariance = Foundation.log(1 - means.reduce(0) { $0 + $1 * $1 } / Double(components))
    let logits = components == 1 ? [] : means.map { _ in 0.0 }
    let biases = logits + means + means.map { _ in logVariance }
    network = MaskedNetwork(
      name, dimensions: dimensions, outputs: biases.count, hidden: hidden, context: context, activation: activation,
      headBias: .values(biases.flatMap { [Double](repeating: $0, count: dimensions) }))
  }

  /// The weights of the masked network that gives the mixtures: all that the prior learns.
  package var variables: [Variable] { network.variables }

  /// The distribution of vectors [leading, D], given a context [..., C] if the density was made for one.
  package func distribution(leading: [Int], context: Tensor? = nil, in graph: Graph) -> any Distribution {
    ConditionalNormals(network: network, components: components, leading: leading, context: context, graph: graph)
  }
}

/// The distribution that an `AutoregressiveNormal` describes in a graph.
private struct ConditionalNormals: Distribution {
  let network: MaskedNetwork
  let components: Int
  let leading: [Int]
  let context: Tensor?
  let graph: Graph

  func logProbability(_ x: Tensor) -> Tensor {
    let (logWeights, parts) = mixture(network(x, context: context), dimension: -2)
    let terms = parts.elementLogProbability(x.expandingDimension(-2))
    return (logWeights.map { (terms + $0).logSumExp([-2]) } ?? terms.sum([-2])).sum([-1])
  }

  /// Gradients flow to the means and variances of the components that were drawn, none to the weights.
  func sample(count: Int?) -> Tensor {
    let leading = (count.map { [$0] } ?? []) + drawLeading
    let noise = graph.random(.normal, shape: Shape(leading + [network.dimensions]))
    let uniform =
      components > 1
      ? graph.random(.uniform, shape: Shape(leading + [network.dimensions, components])).maximum(0x1p-25) : nil
    return network.sequence(
      leading: leading, context: context, slicing: [noise] + (uniform.map { [$0] } ?? []), in: graph
    ) {
      slices, outputs in
      let (logWeights, parts) = mixture(outputs, dimension: -1)
      var (mean, logVariance) = (parts.mean, parts.logVariance)
      if let logWeights {
        // The largest of the log-weights with Gumbel noise is a categorical draw.
        let gumbel = -(-slices[1].log()).log()
        let isDrawn = (logWeights + gumbel).argumentMaximum(-1).oneHot(components)
        mean = (mean * isDrawn).sum([-1], keepingDimensions: true)
        logVariance = (logVariance * isDrawn).sum([-1], keepingDimensions: true)
      }
      return (mean + (logVariance * 0.5).exp() * slices[0], [])
    }.values
  }

  /// Not the expectation: each dimension is at its conditional mean given that those before it are.
  var mean: Tensor {
    network.sequence(leading: drawLeading, context: context, in: graph) { _, outputs in
      let (logWeights, parts) = mixture(outputs, dimension: -1)
      return (logWeights.map { ($0.exp() * parts.mean).sum([-1], keepingDimensions: true) } ?? parts.mean, [])
    }.values
  }

  var detached: (any Distribution)? {
    ConditionalNormals(
      network: network.frozen, components: components, leading: leading, context: context?.stopGradient(), graph: graph)
  }

  private var drawLeading: [Int] {
    guard let context, let result = Shape(leading).broadcast(with: Shape(context.leading)) else { return leading }
    return result.dimensions
  }

  /// The network's outputs along a dimension as log-weights, if there are several components, and the components.
  private func mixture(_ outputs: Tensor, dimension: Int) -> (logWeights: Tensor?, parts: DiagonalNormal) {
    let parts = outputs.split(components > 1 ? 3 : 2, dimension: dimension)
    let last = parts.count - 1
    let logWeights = components > 1 ? parts[0].logSoftmax(dimension) : nil
    return (logWeights, DiagonalNormal(mean: parts[last - 1], logVariance: parts[last].smoothlyBounded(within: 20)))
  }
}
