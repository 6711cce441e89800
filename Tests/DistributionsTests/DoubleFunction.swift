import Foundation
import Latent
import TestSupport

/// A function of arrays, computed by the reference back end in double precision throughout.
final class DoubleFunction {
  private let executable: any Executable
  private let shapes: [Shape]
  private let used: [Int]

  /// Traces the function: the tensors it is given have these shapes and are of type float32, as a model's are.
  init(
    _ shapes: [Shape], store: VariableStore = VariableStore(seed: 0), _ build: (Graph, [Tensor]) throws -> [Tensor]
  ) throws {
    let graph = Graph()
    let inputs = shapes.enumerated().map { graph.input("\($0)", shape: $1, type: .float64) }
    // The reference back end does not round what is called float32 between its way in and its way out.
    let outputs = try build(graph, inputs.map { $0.converted(to: .float32) }).map { $0.converted(to: .float64) }
    let program = Program(graph: graph, outputs: outputs)
    self.shapes = shapes
    used = program.inputs.compactMap { input in inputs.firstIndex(of: input) }
    executable = try ReferenceBackend().compile(program, state: store)
  }

  /// The function's values.
  func callAsFunction(_ values: [[Double]], seed: UInt64 = 1) throws -> [[Double]] {
    let inputs = used.map { HostTensor(values[$0], shape: shapes[$0], type: .float64) }
    return try executable.run(inputs, random: RandomState(seed: seed)).map(\.doubles)
  }

  /// The derivatives of one output's every element by central differences, when one input's elements at a place of the last
  /// dimension move together: [element of the output][place].
  func derivatives(output: Int, input: Int, at values: [[Double]], step: Double = 1e-5) throws -> [[Double]] {
    let size = shapes[input][-1]
    let columns = try (0..<size).map { place -> [Double] in
      let ends = try [step, -step].map { amount in
        var moved = values
        for element in stride(from: place, to: moved[input].count, by: size) { moved[input][element] += amount }
        return try self(moved)[output]
      }
      return zip(ends[0], ends[1]).map { ($0 - $1) / (2 * step) }
    }
    return columns[0].indices.map { element in columns.map { $0[element] } }
  }
}

/// Standard normal numbers, the same every time.
func normals(_ count: Int, _ name: String) -> [Double] {
  let generator = Philox4x32(seed: 11)
  let stream = streamIdentifier(name)
  return (0..<count).map { generator.normals(UInt32($0 / 4), stream: stream, step: 0)[$0 % 4] }
}

/// Gives variables random values instead of their careful initial ones.
func randomize(_ variables: [Variable], in store: VariableStore, deviation: Double, seed: Int = 0) throws {
  for variable in variables {
    let values = normals(variable.shape.elementCount, "\(seed)/\(variable.name)").map { deviation * $0 }
    try store.set(variable, to: HostTensor(values, shape: variable.shape))
  }
}

/// The gradient of a scalar of some arrays against central differences: the largest difference.
func gradientError(
  _ shapes: [Shape], _ values: [[Double]], store: VariableStore = VariableStore(seed: 0),
  _ build: @escaping (Graph, [Tensor]) -> Tensor
) throws -> Double {
  let function = try DoubleFunction(shapes, store: store) { graph, inputs in
    let objective = build(graph, inputs)
    return [objective] + gradient(of: objective, withRespectTo: inputs)
  }
  let exact = try function(values).dropFirst()
  var worst = 0.0
  for (input, gradients) in exact.enumerated() {
    for element in gradients.indices {
      let ends = try [1e-5, -1e-5].map { amount in
        var moved = values
        moved[input][element] += amount
        return try function(moved)[0][0]
      }
      let numeric = (ends[0] - ends[1]) / 2e-5
      worst = max(worst, largestDifference([gradients[element]], [numeric]))
    }
  }
  return worst
}

/// The determinant by elimination, and the solution of A x = b.
func eliminated(_ matrix: [[Double]], _ right: [Double]) -> (determinant: Double, solution: [Double]) {
  var rows = zip(matrix, right).map { $0 + [$1] }
  var determinant = 1.0
  let size = rows.count
  for column in 0..<size {
    let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
    if pivot != column {
      rows.swapAt(pivot, column)
      determinant = -determinant
    }
    determinant *= rows[column][column]
    for row in 0..<size where row != column {
      let factor = rows[row][column] / rows[column][column]
      for place in column...size { rows[row][place] -= factor * rows[column][place] }
    }
  }
  return (determinant, (0..<size).map { rows[$0][size] / rows[$0][$0] })
}
