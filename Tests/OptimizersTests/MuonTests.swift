import Foundation
import Latent
import TestSupport
import Testing

/// Muon against its published update, which iterates on the whole matrix, in double precision.
@Suite(.serialized) struct MuonTests {
  private typealias Matrix = [[Double]]

  private static func transposed(_ a: Matrix) -> Matrix { a[0].indices.map { column in a.map { $0[column] } } }

  private static func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    let columns = transposed(b)
    return a.map { row in columns.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  private static func combine(_ a: Matrix, _ b: Matrix, _ body: (Double, Double) -> Double) -> Matrix {
    zip(a, b).map { zip($0, $1).map(body) }
  }

  private static func orthogonalized(_ matrix: Matrix) -> Matrix {
    guard matrix.count <= matrix[0].count else { return transposed(orthogonalized(transposed(matrix))) }
    let norm = matrix.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = matrix.map { $0.map { $0 / norm } }
    for _ in 0..<5 {
      let gram = product(x, transposed(x))
      let factor = combine(gram, product(gram, gram)) { -4.7750 * $0 + 2.0315 * $1 }
      x = combine(x, product(factor, x)) { 3.4445 * $0 + $1 }
    }
    return x
  }

  private static func draw(_ rows: Int, _ columns: Int, _ name: String) -> Matrix {
    var stream = RandomStream(seed: 1, name: name)
    return (0..<rows).map { _ in (0..<columns).map { _ in Double(Float(stream.nextUniform() * 2 - 1)) } }
  }

  @Test(arguments: [[7, 3], [3, 7], [5, 5], [2, 2, 3, 4]], [ElementType.float32, .bfloat16])
  func matricesGoByTheirSingularVectors(_ shape: [Int], _ precision: ElementType) throws {
    let (rows, columns) = (shape.dropLast().reduce(1, *), shape[shape.count - 1])
    let (start, target) = (Self.draw(rows, columns, "start"), Self.draw(rows, columns, "target"))
    let w = Variable("w", shape: Shape(shape), initializer: .values(start.flatMap { $0 }), isLinearMap: true)
    let graph = Graph(matrixPrecision: precision)
    var optimizer = Optimizer.muon(learningRate: 0.05)
    optimizer.weightDecay = 0.1
    let state = OptimizerState(optimizer, over: [w])
    let difference = graph.read(w) - graph.constant(target.flatMap { $0 }, shape: Shape(shape))
    state.minimize(difference.squared().sum() * 0.5, learningRate: graph.constant(0.05))
    let store = VariableStore(seed: 0)
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: []), state: store)

    var (value, momentum) = (start, start.map { $0.map { _ in 0.0 } })
    for _ in 0..<6 {
      try executable.run(RandomState(seed: 0))
      let gradient = Self.combine(value, target, -)
      momentum = Self.combine(momentum, gradient) { 0.95 * $0 + 0.05 * $1 }
      let direction = Self.orthogonalized(Self.combine(momentum, gradient) { 0.95 * $0 + 0.05 * $1 })
      let scale = 0.05 * 0.2 * Double(max(rows, columns)).squareRoot()
      value = Self.combine(value, direction) { $0 * (1 - 0.05 * 0.1) - scale * $1 }
      #expect(largestDifference(try store.value(of: w).doubles, value.flatMap { $0 }) < 2e-5)
    }
  }

  @Test func otherParametersGoByAdam() throws {
    func path(_ rule: UpdateRule) throws -> [Double] {
      let w = Variable("w", shape: [3, 2], initializer: .values([0.3, -0.2, 0.7, 1, 2, 3]))
      let graph = Graph()
      let state = OptimizerState(Optimizer(rule, learningRate: 0.1), over: [w])
      state.minimize((graph.read(w).exp() - graph.read(w)).sum(), learningRate: graph.constant(0.1))
      let store = VariableStore(seed: 0)
      let executable = try CPUBackend().compile(Program(graph: graph, outputs: []), state: store)
      for _ in 0..<5 { try executable.run(RandomState(seed: 0)) }
      return try store.value(of: w).doubles
    }
    #expect(try path(.muon) == path(.adam))
  }

  @Test func aGradientOfZeroChangesNothing() throws {
    let w = Variable("w", shape: [2, 3], initializer: .values([1, 2, 3, 4, 5, 6]), isLinearMap: true)
    let graph = Graph()
    let state = OptimizerState(.muon(), over: [w])
    state.minimize((graph.read(w) * 0).sum(), learningRate: graph.constant(0.1))
    let store = VariableStore(seed: 0)
    try CPUBackend().compile(Program(graph: graph, outputs: []), state: store).run(RandomState(seed: 0))
    #expect(try store.value(of: w).doubles == [1, 2, 3, 4, 5, 6])
  }
}
