import LatentDiagnostics
import LatentTensorGraph

/// A network whose outputs for a dimension depend only on the dimensions before it: MADE (Germain et al. 2015).
///
/// Hidden units have degrees spread evenly and in ascending order, so that the units that some dimensions suffice for are
/// the first of their layer. With a context there are also units of degree 0, which read nothing else; without them it
/// would not reach the first dimension.
package struct MaskedNetwork: Sendable {
  /// The network's path in its model.
  package let name: String
  /// How many dimensions the input has (D).
  package let dimensions: Int
  /// How many outputs there are for each dimension.
  package let outputs: Int
  /// Whether the last dimension comes first.
  package let isReversed: Bool
  /// The hidden layers, whose kernels are masked so that no unit sees a dimension of its degree or later.
  package private(set) var hidden: [MaskedDense]
  /// The last layer, whose outputs are `outputs` blocks of D.
  package private(set) var head: MaskedDense
  /// What is added to the first hidden layer before its activation.
  package let context: Dense?

  /// Creates a network whose outputs are small at first, beside the head's bias.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - dimensions: D, at least 1.
  ///   - outputs: how many for each dimension.
  ///   - hidden: the widths of the hidden layers, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  ///   - isReversed: whether the last dimension comes first.
  ///   - headBias: the initial bias of the outputs, `outputs` blocks of D.
  package init(
    _ name: String, dimensions: Int, outputs: Int, hidden widths: [Int], context: Int = 0,
    activation: Activation = .relu, isReversed: Bool = false, headBias: Initializer = .zeros
  ) {
    require(
      dimensions > 0 && outputs > 0 && !widths.isEmpty && widths.allSatisfy { $0 > 0 } && context >= 0,
      "a masked network has dimensions, outputs, and hidden units: \(dimensions), \(outputs), \(widths)")
    self.name = name
    self.dimensions = dimensions
    self.outputs = outputs
    self.isReversed = isReversed
    let inputDegrees = (0..<dimensions).map { isReversed ? dimensions - $0 : $0 + 1 }
    let lowest = context > 0 || dimensions == 1 ? 0 : 1
    var below = inputDegrees
    var layers: [MaskedDense] = []
    for (index, width) in widths.enumerated() {
      let degrees = (0..<width).map { lowest + $0 * (dimensions - lowest) / width }
      layers.append(
        MaskedDense("\(name)/hidden\(index)", inputDegrees: below, outputDegrees: degrees, activation: activation))
      below = degrees
    }
    hidden = layers
    head = MaskedDense(
      name + "/head", inputDegrees: below, outputDegrees: (0..<outputs).flatMap { _ in inputDegrees }, isStrict: true,
      initializer: .uniform(limit: 0.02 / Double(below.count).squareRoot()), bias: headBias)
    self.context = context > 0 ? Dense(name + "/context", inputs: context, outputs: widths[0]) : nil
  }

  /// The variables of all layers.
  package var variables: [Variable] {
    hidden.flatMap(\.variables) + (context?.variables ?? []) + head.variables
  }

  /// The same network, through whose variables no gradient flows.
  package var frozen: MaskedNetwork {
    var result = self
    for index in hidden.indices { result.hidden[index].isFrozen = true }
    result.head.isFrozen = true
    return result
  }

  /// [..., D] and a context [..., C], whose leading dimensions broadcast, to [..., outputs, D].
  ///
  /// - Precondition: there is a context if and only if the network was made for one.
  package func callAsFunction(_ input: Tensor, context features: Tensor? = nil) -> Tensor {
    let offset = contextOffset(features)
    var value = input
    for (index, layer) in hidden.enumerated() {
      var sum = layer.sum(value)
      if index == 0, let offset { sum = sum + offset }
      value = layer.activation(sum)
    }
    let result = head(value)
    return result.reshape(Shape(result.shape.dimensions.dropLast() + [outputs, dimensions]))
  }

  /// What the context adds to the first hidden layer.
  func contextOffset(_ features: Tensor?) -> Tensor? {
    require((features == nil) == (context == nil), "\(name): a context is given to what was made for one, always")
    guard let context, let features else { return nil }
    return head.isFrozen ? context(features).stopGradient() : context(features)
  }
}
