import Foundation
import Latent
import TestSupport
import Testing

/// A distribution with given parameters, of which every law must hold.
struct DistributionCase: Sendable, CustomTestStringConvertible {
  /// Values of a parameter and its shape.
  struct Parameter: Sendable {
    var shape: Shape
    var values: [Double]
  }

  /// The points that together have all the probability but a negligible rest.
  enum Support: Sendable {
    /// Every value, each as a vector of D numbers.
    case values([[Double]])
    /// The middles of equal cells.
    case interval(ClosedRange<Double>, cells: Int)
  }

  var name: String
  var parameters: [Parameter]
  var support: Support
  /// How far float32 may be from double precision, relative to what is above 1.
  var tolerance: Double
  /// Whether `mean` is the expectation, not just near it.
  var hasExactMean: Bool
  var build: @Sendable ([Tensor]) -> any Distribution

  var testDescription: String { name }

  init(
    _ name: String, _ parameters: [Parameter], _ support: Support, tolerance: Double = 2e-6,
    hasExactMean: Bool = true, _ build: @escaping @Sendable ([Tensor]) -> any Distribution
  ) {
    self.name = name
    // Rounded once, so that both precisions start from the same numbers.
    self.parameters = parameters.map { Parameter(shape: $0.shape, values: $0.values.map { Double(Float($0)) }) }
    self.support = support
    self.tolerance = tolerance
    self.hasExactMean = hasExactMean
    self.build = build
  }

  /// The points of the support.
  var points: [[Double]] {
    switch support {
    case .values(let values): values
    case .interval(let range, let cells):
      (0..<cells).map { [range.lowerBound + (Double($0) + 0.5) * cellWidth] }
    }
  }

  /// The width of a cell; 1 for values.
  var cellWidth: Double {
    switch support {
    case .values: 1
    case .interval(let range, let cells): (range.upperBound - range.lowerBound) / Double(cells)
    }
  }

  /// About that many of the points, from end to end.
  func somePoints(_ count: Int) -> [[Double]] {
    let points = points
    let stride = max(1, (points.count - 1) / max(1, count - 1))
    return Swift.stride(from: 0, to: points.count, by: stride).map { points[$0].map { Double(Float($0)) } }
  }

  /// Runs what is built from the distribution and its parameters, which are inputs of the program.
  ///
  /// - Parameter shift: what is added to one element of one parameter.
  func run(
    _ backend: any Backend, _ type: ElementType = .float32, seed: UInt64 = 1,
    shift: (parameter: Int, element: Int, amount: Double)? = nil,
    _ outputs: (any Distribution, [Tensor]) -> [Tensor]
  ) throws -> [[Double]] {
    let graph = Graph()
    let inputs = parameters.enumerated().map { graph.input("parameter\($0)", shape: $1.shape, type: type) }
    let wanted = outputs(build(inputs), inputs)
    // Reads every input, so that the program has them all.
    let program = Program(graph: graph, outputs: wanted + inputs.map { $0.stopGradient() })
    let executable = try backend.compile(program, state: VariableStore(seed: 0))
    let values = parameters.enumerated().map { place, parameter in
      var values = parameter.values
      if let shift, shift.parameter == place { values[shift.element] += shift.amount }
      return HostTensor(values, shape: parameter.shape, type: type)
    }
    return try executable.run(values, random: RandomState(seed: seed)).prefix(wanted.count).map(\.doubles)
  }

  /// The probabilities of the values, or of the cells.
  func probabilities() throws -> [Double] {
    let points = points
    return try run(CPUBackend()) { distribution, inputs in
      [distribution.logProbability(inputs[0].graph.constant(points, type: .float32))]
    }[0].map { exp($0) * cellWidth }
  }

  /// A weighted sum of the log-densities of points, whose gradient tells whether each of theirs is right.
  static func objective(_ distribution: any Distribution, _ inputs: [Tensor], _ points: [[Double]]) -> Tensor {
    let graph = inputs[0].graph
    let values = distribution.logProbability(graph.constant(points, type: inputs[0].type))
    let weights = points.indices.map { 0.6 + sin(Double($0)) }
    return (values * graph.constant(weights, shape: values.shape, type: values.type)).sum()
  }

  /// The derivatives, by every element of every parameter, of a scalar by central differences in double precision.
  func finiteDifferences(_ scalar: (any Distribution, [Tensor]) -> Tensor) throws -> [[Double]] {
    let step = 1e-5
    return try parameters.indices.map { parameter in
      try parameters[parameter].values.indices.map { element in
        let ends = try [step, -step].map { amount in
          try run(ReferenceBackend(), .float64, shift: (parameter, element, amount)) { [scalar($0, $1)] }[0][0]
        }
        return (ends[0] - ends[1]) / (2 * step)
      }
    }
  }
}

extension Graph {
  /// A matrix of constants.
  func constant(_ rows: [[Double]], type: ElementType) -> Tensor {
    constant(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], type: type)
  }
}
