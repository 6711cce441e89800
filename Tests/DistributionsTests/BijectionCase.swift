import Latent
import Testing

/// A bijection to hold against the laws: which, in how many dimensions, and with a context or not.
struct BijectionCase: Sendable, CustomTestStringConvertible {
  enum Kind: String, CaseIterable, Sendable {
    case maskedAutoregressive, inverseAutoregressive, realNVP, planar, radial, sylvester, permutation, reversal
    case maskedAutoregressiveStack, inverseAutoregressiveStack, realNVPStack

    /// Whether the map is described by numbers for each example rather than by variables.
    var isAmortized: Bool { [.planar, .radial, .sylvester].contains(self) }
  }

  var kind: Kind
  var dimensions: Int
  var hasContext: Bool
  var isReversed: Bool

  var testDescription: String {
    "\(kind.rawValue), D = \(dimensions)\(hasContext ? ", context" : "")\(isReversed ? ", reversed" : "")"
  }

  /// Every kind in 2 to 5 dimensions; those that can do with one dimension also there.
  static let all: [BijectionCase] = Kind.allCases.flatMap { kind in
    (1...5).flatMap { dimensions -> [BijectionCase] in
      if dimensions == 1, [.realNVP, .realNVPStack].contains(kind) { return [] }
      let hasNetwork = !kind.isAmortized && kind != .permutation && kind != .reversal
      return [
        BijectionCase(kind: kind, dimensions: dimensions, hasContext: kind.isAmortized, isReversed: false)
      ]
        + (hasNetwork
          ? [BijectionCase(kind: kind, dimensions: dimensions, hasContext: true, isReversed: dimensions % 2 == 0)]
          : [])
    }
  }

  /// How many numbers of context an example has: of an amortised map, its parameters.
  var contextSize: Int {
    switch kind {
    case .planar: PlanarFlow.parameterCount(dimensions: dimensions)
    case .radial: RadialFlow.parameterCount(dimensions: dimensions)
    case .sylvester: SylvesterFlow.parameterCount(dimensions: dimensions, reflections: 3)
    default: hasContext ? 3 : 0
    }
  }

  /// The variables, and what makes maps of the context. Smooth activations, so that differences find the derivatives.
  func make() -> (variables: [Variable], maps: (Tensor?) -> [any Bijection]) {
    let hidden = [7, 6]
    let context = kind.isAmortized ? 0 : contextSize
    func one(_ flow: any Flow) -> ([Variable], (Tensor?) -> [any Bijection]) {
      (flow.variables, { [flow.bijection(context: $0)] })
    }
    func stack(_ kind: FlowStack.Kind) -> ([Variable], (Tensor?) -> [any Bijection]) {
      let stack = FlowStack(
        "stack", kind: kind, dimensions: dimensions, steps: 3, hidden: hidden, context: context, activation: .tanh)
      return (stack.variables, { stack.bijections(context: $0) })
    }
    func amortized(_ map: @escaping (Tensor) -> any Bijection) -> ([Variable], (Tensor?) -> [any Bijection]) {
      ([], { $0.map { [map($0)] } ?? [] })
    }
    switch kind {
    case .maskedAutoregressive:
      return one(
        MaskedAutoregressiveFlow(
          "flow", dimensions: dimensions, hidden: hidden, context: context, activation: .tanh, isReversed: isReversed))
    case .inverseAutoregressive:
      return one(
        InverseAutoregressiveFlow(
          "flow", dimensions: dimensions, hidden: hidden, context: context, activation: .tanh, isReversed: isReversed,
          forgetBias: 1))
    case .realNVP:
      return one(
        RealNVP(
          "flow", dimensions: dimensions, hidden: hidden, context: context, activation: .tanh, isReversed: isReversed))
    case .planar: return amortized { PlanarFlow(parameters: $0) }
    case .radial: return amortized { RadialFlow(parameters: $0) }
    case .sylvester:
      let dimensions = dimensions
      return amortized { SylvesterFlow(parameters: $0, dimensions: dimensions, reflections: 3) }
    case .permutation:
      let order = (0..<dimensions).map { ($0 + 1) % dimensions }
      return ([], { _ in [Permutation(order)] })
    case .reversal:
      let dimensions = dimensions
      return ([], { _ in [Permutation.reversal(dimensions: dimensions)] })
    case .maskedAutoregressiveStack: return stack(.maskedAutoregressive)
    case .inverseAutoregressiveStack: return stack(.inverseAutoregressive)
    case .realNVPStack: return stack(.realNVP)
    }
  }
}

/// Maps one after another.
func forward(_ maps: [any Bijection], _ z: Tensor) -> [Tensor] {
  var value = z
  var total: Tensor?
  for map in maps {
    let (after, logDeterminant) = map.forward(value)
    value = after
    total = total.map { $0 + logDeterminant } ?? logDeterminant
  }
  return [value] + (total.map { [$0] } ?? [])
}

/// And back; empty where one has no inverse.
func inverse(_ maps: [any Bijection], _ x: Tensor) -> [Tensor] {
  var value = x
  var total: Tensor?
  for map in maps.reversed() {
    guard let (before, logDeterminant) = map.inverse(value) else { return [] }
    value = before
    total = total.map { $0 + logDeterminant } ?? logDeterminant
  }
  return [value] + (total.map { [$0] } ?? [])
}
