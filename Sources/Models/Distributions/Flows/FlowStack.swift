import LatentLayers
import LatentTensorGraph

/// Steps of one kind of flow, in alternating order of the dimensions.
package struct FlowStack: Sendable {
  /// Which flow each step is, by what it has to be fast at.
  package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// For densities of given points: see `MaskedAutoregressiveFlow`.
    case maskedAutoregressive
    /// For draws with their density: see `InverseAutoregressiveFlow`.
    case inverseAutoregressive
    /// For draws and given points alike, in one pass each, at the price of weaker steps: see `RealNVP`.
    case realNVP
  }

  /// The steps, in the order in which a draw goes through them.
  package let flows: [any Flow]

  /// Creates steps named `step0`, `step1`, and so on, which are near the identity at first.
  ///
  /// - Parameters:
  ///   - name: the path in the model.
  ///   - kind: the kind of flow.
  ///   - dimensions: D, at least 2 for `realNVP`.
  ///   - steps: how many.
  ///   - hidden: the widths of the hidden layers of each step, at least one.
  ///   - context: the size of the context, 0 for none.
  ///   - activation: of the hidden layers.
  package init(
    _ name: String, kind: Kind, dimensions: Int, steps: Int, hidden: [Int], context: Int = 0,
    activation: Activation = .relu
  ) {
    flows = (0..<steps).map { step -> any Flow in
      let name = "\(name)/step\(step)"
      let isReversed = step % 2 == 1
      return switch kind {
      case .maskedAutoregressive:
        MaskedAutoregressiveFlow(
          name, dimensions: dimensions, hidden: hidden, context: context, activation: activation,
          isReversed: isReversed)
      case .inverseAutoregressive:
        InverseAutoregressiveFlow(
          name, dimensions: dimensions, hidden: hidden, context: context, activation: activation,
          isReversed: isReversed)
      case .realNVP:
        RealNVP(
          name, dimensions: dimensions, hidden: hidden, context: context, activation: activation,
          isReversed: isReversed)
      }
    }
  }

  /// The weights of all steps, the first one's first.
  package var variables: [Variable] { flows.flatMap { $0.variables } }

  /// The maps in order, given a context [..., C] if the stack was made for one.
  package func bijections(context: Tensor? = nil) -> [any Bijection] { flows.map { $0.bijection(context: context) } }
}
