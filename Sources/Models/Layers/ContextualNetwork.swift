import LatentDiagnostics
import LatentTensorGraph

/// Dense layers, the first of which may read a context beside its input.
package struct ContextualNetwork: Sendable {
  /// The network's path in its model.
  package let name: String
  /// The hidden layers and the last one.
  package let layers: [Dense]
  /// What is added to the first hidden layer before its activation.
  package let context: Dense?

  /// Creates a network whose outputs are small at first.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - inputs: the size of the input.
  ///   - outputs: the size of the output.
  ///   - hidden: the widths of the hidden layers, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  package init(
    _ name: String, inputs: Int, outputs: Int, hidden widths: [Int], context: Int = 0, activation: Activation = .relu
  ) {
    require(
      inputs > 0 && outputs > 0 && !widths.isEmpty && widths.allSatisfy { $0 > 0 } && context >= 0,
      "a network has inputs, outputs, and hidden units: \(inputs), \(outputs), \(widths)")
    self.name = name
    let sizes = [inputs] + widths
    let hidden = widths.indices.map { index in
      Dense("\(name)/hidden\(index)", inputs: sizes[index], outputs: sizes[index + 1], activation: activation)
    }
    let fanIn = sizes[sizes.count - 1]
    layers =
      hidden + [
        Dense(
          name + "/head", inputs: fanIn, outputs: outputs,
          initializer: .uniform(limit: 0.02 / Double(fanIn).squareRoot()))
      ]
    self.context = context > 0 ? Dense(name + "/context", inputs: context, outputs: widths[0]) : nil
  }

  /// The variables of all layers.
  package var variables: [Variable] { layers.flatMap(\.variables) + (context?.variables ?? []) }

  /// [..., inputs] and a context [..., C], whose leading dimensions broadcast, to [..., outputs].
  ///
  /// - Precondition: there is a context if and only if the network was made for one.
  package func callAsFunction(_ input: Tensor, context features: Tensor? = nil) -> Tensor {
    require((features == nil) == (context == nil), "\(name): a context is given to what was made for one, always")
    if input.rank == 1 {
      let result = self(input.expandingDimension(0), context: features)
      return features == nil ? result.reshape([result.shape[-1]]) : result
    }
    guard let context, let features else { return layers.reduce(input) { $1($0) } }
    let graph = input.graph
    let first = layers[0]
    let sum = graph.scope(first.name) { input.dot(graph.read(first.kernel)) + graph.read(first.bias) }
    return layers.dropFirst().reduce(first.activation(sum + context(features))) { $1($0) }
  }
}
