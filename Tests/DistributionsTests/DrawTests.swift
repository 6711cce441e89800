import Foundation
import Latent
import TestSupport
import Testing

/// Draws that are made on the graph, against the moments of their distributions.
@Suite(.serialized) struct DrawTests {
  private static let count = 100_000

  private func run(_ build: (Graph) -> Tensor) throws -> [Double] {
    let graph = Graph()
    let program = Program(graph: graph, outputs: [build(graph)])
    return try CPUBackend().compile(program, state: VariableStore(seed: 0)).run([], random: RandomState(seed: 11))[0]
      .doubles
  }

  /// Both moments within five of their errors, which happens by chance once in two million times.
  private func expect(_ draws: [Double], mean: Double, variance: Double, _ name: String) {
    #expect(draws.allSatisfy { $0.isFinite }, "\(name)")
    let (level, error) = GoodnessOfFit.meanAndError(draws)
    #expect(abs(level - mean) < 5 * error + 1e-6 * max(1, abs(mean)), "\(name): mean \(level), not \(mean)")
    let (square, squareError) = GoodnessOfFit.meanAndError(draws.map { ($0 - mean) * ($0 - mean) })
    #expect(abs(square - variance) < 5 * squareError + 1e-5 * variance, "\(name): variance \(square), not \(variance)")
  }

  @Test func noiseHasItsMoments() throws {
    let shape = Shape([Self.count])
    expect(try run { $0.openUniform(shape: shape) }, mean: 0.5, variance: 1 / 12, "uniform")
    expect(try run { $0.exponentialNoise(shape: shape) }, mean: 1, variance: 1, "exponential")
    expect(
      try run { $0.gumbelNoise(shape: shape) }, mean: 0.577_215_664_9, variance: Double.pi * Double.pi / 6, "Gumbel")
    expect(try run { $0.logisticNoise(shape: shape) }, mean: 0, variance: Double.pi * Double.pi / 3, "logistic")
  }

  @Test(arguments: [0.3, 1, 7.5])
  func gammaDrawsHaveTheirMoments(_ parameter: Double) throws {
    let draws = try run { $0.constant([parameter], shape: [Self.count]).gammaDraws() }
    expect(draws, mean: parameter, variance: parameter, "gamma")
  }

  @Test(arguments: [(0.5, 0.5), (2, 5), (1e-3, 2e-3), (300, 100)])
  func betaDrawsHaveTheirMoments(_ first: Double, _ second: Double) throws {
    let draws = try run {
      $0.constant([first], shape: [Self.count]).betaDraws($0.constant(second))
    }
    let sum = first + second
    expect(draws, mean: first / sum, variance: first * second / (sum * sum * (sum + 1)), "beta")
    #expect(draws.allSatisfy { (0...1).contains($0) })
  }

  @Test func dirichletDrawsHaveTheirMomentsAndAddUpToOne() throws {
    let parameters = [0.2, 1, 3]
    let draws = try run {
      $0.constant(parameters, shape: [3]).broadcast(to: [Self.count, 3]).dirichletDraws()
    }
    for place in 0..<3 {
      let share = parameters[place] / 4.2
      let part = stride(from: place, to: draws.count, by: 3).map { draws[$0] }
      expect(part, mean: share, variance: share * (1 - share) / 5.2, "part \(place)")
    }
    let sums = stride(from: 0, to: draws.count, by: 3).map { draws[$0..<($0 + 3)].reduce(0, +) }
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test func categoricalDrawsHaveTheirFrequencies() throws {
    let probabilities = [0.5, 0.05, 0.15, 0.3]
    let draws = try run {
      // Up to a constant.
      $0.constant(probabilities.map { Foundation.log($0) + 3 }, shape: [4]).broadcast(to: [Self.count, 4])
        .categoricalDraws().converted(to: .float32)
    }
    let values = (0..<4).map { [Double($0)] }
    #expect(GoodnessOfFit.chiSquaredOverOnePercent(draws.map { [$0] }, values, probabilities) < 1)
  }

  @Test(arguments: [0.7, 4, 60])
  func poissonDrawsHaveTheirMoments(_ rate: Double) throws {
    let draws = try run { $0.constant([Foundation.log(rate)], shape: [Self.count]).poissonDraws() }
    expect(draws, mean: rate, variance: rate, "Poisson")
  }

  @Test func noGradientFlowsIntoDraws() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [3])
    let draws = [x.gammaDraws(), x.betaDraws(x + 1), x.dirichletDraws(), x.categoricalDraws().converted(to: .float32)]
    let total = draws.reduce(graph.constant(0)) { $0 + $1.sum() }
    let program = Program(graph: graph, outputs: gradient(of: total, withRespectTo: [x]) + [x.stopGradient()])
    let result = try CPUBackend().compile(program, state: VariableStore(seed: 0)).run([
      HostTensor([1, 2, 3], shape: [3])
    ])
    #expect(result[0].doubles == [0, 0, 0])
  }
}
