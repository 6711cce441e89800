import Latent
import TestSupport
import Testing

/// Whether the compliance cases ask about everything there is: an operation without a case is found here, not by a user.
@Suite struct ComplianceCoverageTests {
  @Test(arguments: OperationKind.allCases)
  func everyOperationHasACase(_ kind: OperationKind) {
    // A variable is computed from no operands; `VariableUpdateTests` asks about it on both back ends.
    // A parameter is only in the body of a loop.
    guard kind != .single(.variable), kind != .single(.parameter) else { return }
    #expect(Self.kinds(Self.cases) { _, _ in true }.contains(kind), "no compliance case has the operation \(kind)")
  }

  @Test(arguments: OperationKind.allCases.filter(\.isDifferentiable))
  func everyGradientRuleHasACase(_ kind: OperationKind) {
    // A finite difference is lost in the rounding of a conversion; `ComplianceTests` asks about its gradient by itself.
    guard kind != .single(.convert) else { return }
    let kinds = Self.kinds(Self.cases.filter(\.hasGradient)) { node, varies in
      node.type.isFloatingPoint && node.operands.contains { varies[$0] }
    }
    #expect(kinds.contains(kind), "no compliance case checks the gradient of \(kind)")
  }

  @Test(arguments: BinaryOperation.allCases, [ElementType.float32, .int32, .bool])
  func everyBinaryOperationHasACaseForEachTypeItIsDefinedFor(_ operation: BinaryOperation, _ type: ElementType) {
    guard operation.isDefined(for: type) else { return }
    let kinds = Self.kinds(Self.cases) { node, _ in node.type == type }
    #expect(kinds.contains(.binary(operation)), "no compliance case has \(operation) of \(type)")
  }

  private static let cases = ComplianceCase.elementwise + ComplianceCase.structure

  /// The kinds of operation that the results of cases are computed with.
  ///
  /// - Parameter counts: whether a node counts, given which nodes are computed from floating-point operands.
  private static func kinds(
    _ cases: [ComplianceCase], where counts: (Node, [Bool]) -> Bool
  ) -> Set<OperationKind> {
    var found: Set<OperationKind> = []
    for instance in cases {
      let whole = instance.program(.float32, gradients: false)
      // The result alone: the program's other outputs are the operands.
      let program = Program(graph: whole.graph, outputs: [whole.outputs[0]])
      var varies = [Bool](repeating: false, count: program.nodes.count)
      for (index, node) in program.nodes.enumerated() where program.isLive[index] {
        if case .input = node.operation {
          varies[index] = node.type.isFloatingPoint
        } else {
          varies[index] = node.operands.contains { varies[$0] }
        }
        if counts(node, varies) { found.insert(OperationKind(node.operation)) }
      }
    }
    return found
  }
}

/// An operation without its settings.
///
/// No switch here has a default: a new operation does not compile until it has a kind, and its kind is among all of them.
enum OperationKind: Hashable, CaseIterable {
  /// The operations that are not of a family.
  enum Single: CaseIterable {
    case input, variable, constant, iota, select, convert, cumulativeSum, argumentSort, dot, gather, scatterAdd,
      reshape, transpose, broadcast, slice, pad, concatenate, reverse, stopGradient, customGradient, recomputation,
      barrier, scan, result, attention, attentionGradient, parameter
  }

  case single(Single)
  case unary(UnaryOperation)
  case binary(BinaryOperation)
  case compare(Comparison)
  case reduce(Reduction)
  case argumentReduce(ArgumentReduction)
  case random(RandomDistribution)
  case convolution(ConvolutionDirection)

  init(_ operation: Latent.GraphOperation) {
    switch operation {
    case .input: self = .single(.input)
    case .variable: self = .single(.variable)
    case .constant: self = .single(.constant)
    case .iota: self = .single(.iota)
    case .random(let distribution, _): self = .random(distribution)
    case .unary(let operation): self = .unary(operation)
    case .binary(let operation): self = .binary(operation)
    case .compare(let comparison): self = .compare(comparison)
    case .select: self = .single(.select)
    case .convert: self = .single(.convert)
    case .reduce(let reduction, _): self = .reduce(reduction)
    case .argumentReduce(let reduction, _): self = .argumentReduce(reduction)
    case .cumulativeSum: self = .single(.cumulativeSum)
    case .argumentSort: self = .single(.argumentSort)
    case .dot: self = .single(.dot)
    case .convolution(let direction, _): self = .convolution(direction)
    case .gather: self = .single(.gather)
    case .scatterAdd: self = .single(.scatterAdd)
    case .reshape: self = .single(.reshape)
    case .transpose: self = .single(.transpose)
    case .broadcast: self = .single(.broadcast)
    case .slice: self = .single(.slice)
    case .pad: self = .single(.pad)
    case .concatenate: self = .single(.concatenate)
    case .reverse: self = .single(.reverse)
    case .stopGradient: self = .single(.stopGradient)
    case .gradientRule(.custom): self = .single(.customGradient)
    case .gradientRule(.recomputation): self = .single(.recomputation)
    case .barrier: self = .single(.barrier)
    case .scan: self = .single(.scan)
    case .result: self = .single(.result)
    case .attention: self = .single(.attention)
    case .attentionGradient: self = .single(.attentionGradient)
    case .parameter: self = .single(.parameter)
    }
  }

  static var allCases: [OperationKind] {
    Single.allCases.map(Self.single) + UnaryOperation.allCases.map(Self.unary)
      + BinaryOperation.allCases.map(Self.binary) + Comparison.allCases.map(Self.compare)
      + Reduction.allCases.map(Self.reduce) + ArgumentReduction.allCases.map(Self.argumentReduce)
      + RandomDistribution.allCases.map(Self.random) + ConvolutionDirection.allCases.map(Self.convolution)
  }

  /// Whether a cotangent flows through it.
  var isDifferentiable: Bool {
    switch self {
    case .single(let operation):
      switch operation {
      case .input, .variable, .constant, .iota, .argumentSort, .stopGradient, .parameter: false
      case .select, .convert, .cumulativeSum, .dot, .gather, .scatterAdd, .reshape, .transpose, .broadcast, .slice,
        .pad, .concatenate, .reverse, .customGradient, .recomputation, .barrier, .scan, .result, .attention,
        .attentionGradient:
        true
      }
    case .unary(let operation):
      switch operation {
      case .sign, .floor, .ceil, .roundNearestEven, .isFinite, .not: false
      case .negate, .abs, .squareRoot, .reciprocalSquareRoot, .exponential, .exponentialMinusOne, .logarithm,
        .logarithmPlusOne, .tanh, .logistic, .erf, .sine, .cosine, .softplus:
        true
      }
    case .binary(let operation):
      switch operation {
      case .and, .or, .xor: false
      case .add, .subtract, .multiply, .divide, .remainder, .power, .arctangent2, .maximum, .minimum: true
      }
    case .compare, .argumentReduce, .random: false
    case .reduce, .convolution: true
    }
  }
}
