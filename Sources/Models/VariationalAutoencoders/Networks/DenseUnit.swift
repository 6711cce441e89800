import LatentLayers

/// What a dense layer of a network does beside its product.
public enum DenseUnit: String, Codable, Hashable, Sendable, CaseIterable {
  /// Nothing else: activation(x W + b).
  case plain
  /// The same times logistic(x V + c) (Tomczak & Welling 2018).
  case gated
  /// With batch normalisation before the activation (Sonderby et al. 2016).
  case batchNormalized

  /// A layer of this kind.
  func layer(_ name: String, inputs: Int, outputs: Int, activation: Activation) -> any Layer {
    switch self {
    case .plain: Dense(name, inputs: inputs, outputs: outputs, activation: activation)
    case .gated: GatedDense(name, inputs: inputs, outputs: outputs, activation: activation)
    case .batchNormalized: NormalizedDense(name, inputs: inputs, outputs: outputs, activation: activation)
    }
  }
}
