import Foundation
import Latent
import TestSupport
import Testing

/// Normals with full covariance against matrices worked out by elimination, and all divergences against Monte Carlo.
@Suite(.serialized) struct MultivariateNormalTests {
  static let size = 3
  static let mean = [0.4, -1, 0.3]
  static let factor = [[0.8, 0, 0], [0.5, 1.2, 0], [-0.7, 0.3, 0.6]]

  /// A distribution of a family with parameters of a seed, for vectors [3].
  enum Family: String, CaseIterable, Sendable {
    case standard, diagonal, covariance, precision

    func make(_ graph: Graph, seed: String, leading: [Int] = []) -> any Distribution {
      let rows = leading.reduce(1, *)
      let shape = Shape(leading + [3])
      let mean = graph.constant(normals(3 * rows, seed + "mean").map { 0.7 * $0 }, shape: shape)
      func factor() -> CholeskyFactor {
        let numbers = normals(6 * rows, seed + "factor").map { 0.6 * $0 }
        return CholeskyFactor(unconstrained: graph.constant(numbers, shape: Shape(leading + [6])))
      }
      switch self {
      case .standard: return StandardNormal(shape: shape, in: graph)
      case .diagonal:
        return DiagonalNormal(mean: mean, logVariance: graph.constant(normals(3, seed + "variance"), shape: [3]))
      case .covariance: return MultivariateNormal(mean: mean, factor: factor())
      case .precision: return MultivariateNormal(mean: mean, factor: factor(), form: .precision)
      }
    }
  }

  private func run(_ build: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    return try CPUBackend().compile(Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
      .run([], random: RandomState(seed: 8)).map(\.doubles)
  }

  private func normal(_ graph: Graph, _ form: MultivariateNormal.Form) -> MultivariateNormal {
    let factor = CholeskyFactor(matrix: graph.constant(Self.factor.flatMap { $0 }, shape: [3, 3]))
    return MultivariateNormal(mean: graph.constant(Self.mean, shape: [3]), factor: factor, form: form)
  }

  /// S of a form: L L^T, or (L^T L)^-1.
  private func covariance(_ form: MultivariateNormal.Form) -> [[Double]] {
    let l = Self.factor
    func product(_ term: (Int, Int, Int) -> Double) -> [[Double]] {
      (0..<3).map { i in (0..<3).map { j in (0..<3).reduce(0) { $0 + term(i, j, $1) } } }
    }
    if form == .covariance { return product { i, j, k in l[i][k] * l[j][k] } }
    let precision = product { i, j, k in l[k][i] * l[k][j] }
    let columns = (0..<3).map { column in
      eliminated(precision, (0..<3).map { $0 == column ? 1 : 0 }).solution
    }
    return columns
  }

  @Test(arguments: [MultivariateNormal.Form.covariance, .precision])
  func theDensityIsThatOfTheCovariance(_ form: MultivariateNormal.Form) throws {
    let points = normals(3 * 8, "points").map { 2 * $0 }
    let logs = try run { graph in
      [normal(graph, form).logProbability(graph.constant(points, shape: [2, 4, 3]))]
    }[0]
    let covariance = covariance(form)
    for point in 0..<8 {
      let offset = (0..<3).map { points[3 * point + $0] - Self.mean[$0] }
      let (determinant, solution) = eliminated(covariance, offset)
      let square = zip(offset, solution).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(logs[point] + 0.5 * (3 * log(2 * .pi) + log(determinant) + square)) < 1e-4)
    }
  }

  @Test(arguments: [MultivariateNormal.Form.covariance, .precision])
  func drawsHaveTheMomentsAndTheDensityThatTheyComeWith(_ form: MultivariateNormal.Form) throws {
    let count = 100_000
    let values = try run { graph in
      let (draws, logs) = normal(graph, form).sampleWithLogProbability(count: count)
      return [draws, logs, normal(graph, form).logProbability(draws)]
    }
    #expect(largestDifference(values[1], values[2]) < 1e-4)
    let rows = (0..<count).map { Array(values[0][(3 * $0)..<(3 * $0 + 3)]) }
    let moments = LinearGaussian(rows: rows)
    let exact = covariance(form)
    for i in 0..<3 {
      let mean = rows.reduce(0) { $0 + $1[i] } / Double(count)
      #expect(abs(mean - Self.mean[i]) < 5 * (exact[i][i] / Double(count)).squareRoot())
      for j in 0..<3 {
        let error = ((exact[i][i] * exact[j][j] + exact[i][j] * exact[i][j]) / Double(count)).squareRoot()
        #expect(abs(moments.covariance[i][j] - exact[i][j]) < 5 * error)
      }
    }
  }

  @Test(arguments: [MultivariateNormal.Form.covariance, .precision])
  func inTwoDimensionsTheDensityIntegratesToOneAndTheSamplerFollowsIt(_ form: MultivariateNormal.Form) throws {
    try expectDensityAndSamplerAgree { graph in
      MultivariateNormal(
        mean: graph.constant([1, -0.5], shape: [2]),
        factor: CholeskyFactor(unconstrained: graph.constant([0.6, 0.9, -0.8], shape: [3])), form: form)
    }
  }

  @Test(arguments: Family.allCases, Family.allCases)
  func divergencesAreWhatMonteCarloFinds(_ first: Family, _ second: Family) throws {
    let values = try run { graph in
      let (q, p) = (first.make(graph, seed: "q"), second.make(graph, seed: "p"))
      let draws = q.sample(count: 200_000)
      let exact = kullbackLeibler(from: q, to: p) ?? graph.constant(.nan)
      return [exact, q.logProbability(draws) - p.logProbability(draws)]
    }
    let count = Double(values[1].count)
    let mean = values[1].reduce(0, +) / count
    let error = (values[1].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count / count).squareRoot()
    #expect(abs(values[0][0] - mean) < 5 * error + 1e-5)
    #expect(values[0][0] >= -1e-6)
  }

  @Test(arguments: Family.allCases, Family.allCases)
  func divergencesBroadcastAndVanishBetweenEquals(_ first: Family, _ second: Family) throws {
    /// The divergence between two of: a batch of four, one other distribution.
    func divergences(_ from: Bool, _ to: Bool) throws -> [Double] {
      try run { graph in
        let choices = [first.make(graph, seed: "q", leading: [4]), second.make(graph, seed: "p")]
        return [kullbackLeibler(from: choices[from ? 0 : 1], to: choices[to ? 0 : 1]) ?? graph.constant(.nan)]
      }[0]
    }
    let there = try divergences(true, false)
    #expect(there.count == 4 && there.allSatisfy { $0 >= -1e-6 })
    // The standard Normal is the same for every index.
    let back = try divergences(false, true)
    #expect(back.count == (first == .standard ? 1 : 4) && back.allSatisfy { $0 >= -1e-6 })
    #expect(try divergences(true, true).allSatisfy { abs($0) < 1e-5 })
  }

  @Test func everyDivergenceHasTheGradientOfDifferences() throws {
    for target in Family.allCases {
      for form in [MultivariateNormal.Form.covariance, .precision] {
        let error = try gradientError(
          [[2, 3], [2, 6], [6]], [normals(6, "mean"), normals(12, "factor"), normals(6, "other")]
        ) { graph, inputs in
          let q = MultivariateNormal(mean: inputs[0], factor: CholeskyFactor(unconstrained: inputs[1]), form: form)
          let p: any Distribution =
            switch target {
            case .covariance, .precision:
              MultivariateNormal(
                mean: inputs[2].slice(0, 0..<3), factor: CholeskyFactor(unconstrained: inputs[2]),
                form: target == .covariance ? .covariance : .precision)
            case .standard, .diagonal: target.make(graph, seed: "p")
            }
          let divergence = kullbackLeibler(from: q, to: p) ?? graph.constant(.nan)
          let back = kullbackLeibler(from: p, to: q) ?? graph.constant(.nan)
          return (divergence + back).sum()
        }
        #expect(error < 1e-6)
      }
    }
  }

  @Test(arguments: [MultivariateNormal.Form.covariance, .precision])
  func densityAndDrawHaveTheGradientOfDifferences(_ form: MultivariateNormal.Form) throws {
    let error = try gradientError(
      [[2, 3], [2, 6], [3]], [normals(6, "mean"), normals(12, "factor"), normals(3, "x")]
    ) { _, inputs in
      let q = MultivariateNormal(mean: inputs[0], factor: CholeskyFactor(unconstrained: inputs[1]), form: form)
      let (draw, logProbability) = q.sampleWithLogProbability(count: 2)
      return q.logProbability(inputs[2]).sum() + draw.sine().sum() + logProbability.sum()
    }
    #expect(error < 1e-6)
  }

  @Test(arguments: [MultivariateNormal.Form.covariance, .precision])
  func everyIndexHasItsOwnFactor(_ form: MultivariateNormal.Form) throws {
    let (means, factors) = (normals(6, "means"), normals(12, "factors"))
    let function = try DoubleFunction([[2, 3], [2, 6]]) { _, inputs in
      let q = MultivariateNormal(mean: inputs[0], factor: CholeskyFactor(unconstrained: inputs[1]), form: form)
      let (draws, logs) = q.sampleWithLogProbability(count: 4)
      // One after the other by themselves.
      let alone = (0..<2).map { index in
        let factor = CholeskyFactor(unconstrained: inputs[1].slice(0, index..<(index + 1)).reshape([6]))
        let mean = inputs[0].slice(0, index..<(index + 1)).reshape([3])
        return MultivariateNormal(mean: mean, factor: factor, form: form)
          .logProbability(draws.slice(1, index..<(index + 1)))
      }
      return [logs, q.logProbability(draws), Tensor.concatenate(alone, dimension: 1)]
    }
    let values = try function([means, factors])
    #expect(largestDifference(values[0], values[1]) < 1e-9)
    #expect(largestDifference(values[0], values[2]) < 1e-9)
  }

  @Test func aFactorHasEveryNumberInItsLowerTriangle() throws {
    for size in 1...6 {
      let count = CholeskyFactor.parameterCount(dimensions: size)
      let numbers = (1...count).map { Double($0) / 10 }
      let values = try run { graph in
        let factor = CholeskyFactor(
          unconstrained: graph.constant([numbers, numbers].flatMap { $0 }, shape: [2, count]))
        #expect(factor.matrix.shape == [2, size, size])
        return [factor.matrix, factor.logDiagonal, CholeskyFactor(matrix: factor.matrix).logDiagonal]
      }
      #expect(largestDifference(values[1], values[2]) < 1e-5)
      var found: [Double] = []
      for i in 0..<size {
        for j in 0..<size {
          let element = values[0][i * size + j]
          if j > i { #expect(element == 0) }
          if j < i { found.append(element) }
          // 20 tanh(x / 20) / 2 is the diagonal's logarithm.
          if j == i { found.append(20 * atanh(2 * log(element) / 20)) }
        }
      }
      #expect(largestDifference(found.sorted(), numbers) < 1e-4)
    }
  }

  @Test func wildOutputsGiveFiniteFactors() throws {
    let values = try run { graph in
      let factor = CholeskyFactor(unconstrained: graph.constant([1e6, -1e6, 1e6, -1e6, 3, 1e6], shape: [6]))
      return [factor.matrix.diagonalElements, factor.logDiagonal]
    }
    #expect(values.allSatisfy { $0.allSatisfy { $0.isFinite } })
    #expect(values[0].allSatisfy { $0 > 0 })
  }

  @Test func noGradientFlowsToADetachedOne() throws {
    let values = try run { graph in
      let numbers = graph.constant(normals(6, "factor"), shape: [6])
      let mean = graph.constant(Self.mean, shape: [3])
      let q = MultivariateNormal(mean: mean, factor: CholeskyFactor(unconstrained: numbers))
      let x = graph.constant([1, 2, 3], shape: [3])
      let log = q.detached?.logProbability(x) ?? graph.constant(.nan)
      return [log - q.logProbability(x)] + gradient(of: log, withRespectTo: [numbers, mean, x])
    }
    #expect(values[0] == [0])
    #expect((values[1] + values[2]).allSatisfy { $0 == 0 })
    #expect(values[3].allSatisfy { $0 != 0 })
  }

  /// Products of matrices in bfloat16 must not reach densities.
  @Test func densitiesKeepTheirPrecisionWhereMatricesDoNot() throws {
    let points = normals(12, "points")
    let logs = try [ElementType.float32, .bfloat16].map { precision in
      let graph = Graph(matrixPrecision: precision)
      let p = normal(graph, .precision)
      let x = graph.constant(points, shape: [4, 3])
      let q = Family.covariance.make(graph, seed: "q", leading: [4])
      let divergence = kullbackLeibler(from: q, to: p) ?? graph.constant(.nan)
      return try CPUBackend().compile(
        Program(graph: graph, outputs: [p.logProbability(x), divergence]), state: VariableStore(seed: 0)
      ).run([]).flatMap(\.doubles)
    }
    #expect(largestDifference(logs[0], logs[1]) < 1e-5)
  }
}

extension Tensor {
  /// The diagonal of one matrix.
  fileprivate var diagonalElements: Tensor {
    reshape([shape.elementCount]).slice(starts: [0], limits: [shape.elementCount], strides: [shape[0] + 1])
  }
}
