import Testing
import Latent

/// One operation on given shapes, which every back end must compute alike and whose gradient must be right.
public struct ComplianceCase: Sendable, CustomTestStringConvertible {
  /// An operand: its shape, and the numbers to draw it from.
  public struct Operand: Sendable {
    var shape: Shape
    var type: ElementType
    var values: Values
  }

  /// What an operation can be asked about.
  public enum Values: Sendable {
    case ordinary
    case positive
    /// Inside (-1, 1).
    case unit
    /// Integers, of this many.
    case integers(ClosedRange<Int>)
  }

  /// What is asked, unique among the cases; it also seeds the operands.
  public var name: String
  /// What the operation is given.
  public var operands: [Operand]
  /// Whether the gradient is checked too.
  public var hasGradient: Bool
  /// The operation on tensors of a graph.
  public var build: @Sendable ([Tensor]) -> Tensor

  /// The name.
  public var testDescription: String { name }

  /// Creates a case.
  public init(
    _ name: String, _ operands: [Operand], gradient: Bool = true, _ build: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.name = name
    self.operands = operands
    hasGradient = gradient
    self.build = build
  }

  /// The operands' elements, the same every time.
  public func values() -> [HostTensor] {
    operands.enumerated().map { place, operand in
      var stream = RandomStream(seed: 7, name: "\(name)/\(place)")
      let numbers = (0..<operand.shape.elementCount).map { _ -> Double in
        let uniform = stream.nextUniform()
        return switch operand.values {
        case .ordinary: 4 * uniform - 2
        case .positive: 0.3 + 2 * uniform
        case .unit: 1.8 * uniform - 0.9
        case .integers(let range): Double(range.lowerBound) + (uniform * Double(range.count)).rounded(.down)
        }
      }
      // Rounded once, so that every back end starts from the same numbers.
      return HostTensor(numbers.map { Double(Float($0)) }, shape: operand.shape, type: operand.type)
    }
  }

  /// The program in a floating-point type: the result, or the gradients of its weighted sum.
  public func program(_ type: ElementType, gradients: Bool) -> Program {
    let graph = Graph()
    let inputs = operands.enumerated().map { place, operand in
      graph.input("operand\(place)", shape: operand.shape, type: operand.type == .float32 ? type : operand.type)
    }
    let result = build(inputs)
    // Reads every operand, so that the program has them all as inputs.
    let keep = inputs.map { $0.stopGradient() }
    guard gradients else { return Program(graph: graph, outputs: [result] + keep) }
    let weights = graph.iota(shape: Shape([max(1, result.shape.elementCount)]), dimension: 0, type: type)
    let weighted =
      result.reshape([result.shape.elementCount]) * ((weights.slice(0, 0..<result.shape.elementCount)) * 0.7).sine()
    let objective = weighted.sum()
    let wanted = inputs.filter { $0.type.isFloatingPoint }
    return Program(graph: graph, outputs: [objective] + gradient(of: objective, withRespectTo: wanted) + keep)
  }

  /// Runs the program on a back end with the operands' values.
  public func run(_ backend: any Backend, _ type: ElementType, gradients: Bool) throws -> [HostTensor] {
    let executable = try backend.compile(program(type, gradients: gradients), state: VariableStore(seed: 0))
    let outputs = try executable.run(values().map { $0.converted(to: type) }, random: RandomState(seed: 3, step: 5))
    return Array(outputs.dropLast(operands.count))
  }

  /// The gradients by central differences of the objective, in float64 on the reference back end.
  public func finiteDifferences(step: Double = 1e-5) throws -> [[Double]] {
    let executable = try ReferenceBackend().compile(program(.float64, gradients: true), state: VariableStore(seed: 0))
    let inputs = values().map { $0.converted(to: .float64) }
    return try inputs.indices.filter { inputs[$0].type == .float64 }.map { place in
      try inputs[place].doubles.indices.map { element in
        var shifted = inputs
        let objective = { (amount: Double) -> Double in
          var numbers = inputs[place].doubles
          numbers[element] += amount
          shifted[place] = HostTensor(numbers, shape: inputs[place].shape, type: .float64)
          return try executable.run(shifted, random: RandomState(seed: 3, step: 5))[0].doubles[0]
        }
        return (try objective(step) - objective(-step)) / (2 * step)
      }
    }
  }
}

extension HostTensor {
  /// Floating-point numbers in another type; other tensors as they are.
  public func converted(to type: ElementType) -> HostTensor {
    self.type.isFloatingPoint ? HostTensor(doubles, shape: shape, type: type) : self
  }
}

/// An ordinary float32 operand.
public func real(_ sizes: Int..., values: ComplianceCase.Values = .ordinary) -> ComplianceCase.Operand {
  .init(shape: Shape(sizes), type: .float32, values: values)
}

/// An int32 operand.
public func integer(_ sizes: Int..., range: ClosedRange<Int> = -9...9) -> ComplianceCase.Operand {
  .init(shape: Shape(sizes), type: .int32, values: .integers(range))
}

/// A bool operand.
public func truth(_ sizes: Int...) -> ComplianceCase.Operand {
  .init(shape: Shape(sizes), type: .bool, values: .integers(0...1))
}

/// The largest difference between two lists, relative to their size where that is above one; infinite if they differ in
/// length or in what is not finite.
public func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).reduce(0) { worst, pair in
    if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return worst }
    let difference = abs(pair.0 - pair.1) / max(1, abs(pair.0), abs(pair.1))
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
