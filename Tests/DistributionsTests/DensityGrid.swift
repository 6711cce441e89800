import Foundation
import Latent
import Testing

/// The density of a two-dimensional distribution at the centres of small squares that cover where it lives.
struct DensityGrid {
  static let limit = 16.0
  static let squares = 640
  static let width = 2 * limit / Double(squares)

  /// Probabilities of the squares, row after row of the second coordinate.
  let probabilities: [Double]

  init(store: VariableStore = VariableStore(seed: 0), _ build: (Graph) -> any Distribution) throws {
    let centres = (0..<Self.squares).map { -Self.limit + Self.width * (Double($0) + 0.5) }
    let points = centres.flatMap { first in centres.flatMap { [Float(first), Float($0)] } }
    let graph = Graph()
    let x = graph.input("x", shape: [Self.squares * Self.squares, 2])
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: [build(graph).logProbability(x)]), state: store)
    let logs = try executable.run([HostTensor(points, shape: x.shape)])[0].doubles
    probabilities = logs.map { exp($0) * Self.width * Self.width }
  }

  /// What must be 1.
  var total: Double { probabilities.reduce(0, +) }

  /// Pearson's statistic of draws (pairs of numbers) over cells of 16 x 16 squares, in standard deviations above its
  /// expectation. Cells that expect fewer than ten draws count as one.
  func chiSquare(_ draws: [Double]) -> Double {
    let side = Self.squares / 16
    var expected = [Double](repeating: 0, count: side * side)
    for (square, probability) in probabilities.enumerated() {
      expected[square / Self.squares / 16 * side + square % Self.squares / 16] += probability
    }
    var observed = expected.map { _ in 0.0 }
    let count = Double(draws.count / 2)
    for draw in stride(from: 0, to: draws.count, by: 2) {
      let place = (0..<2).map { Int(((draws[draw + $0] + Self.limit) / Self.width / 16).rounded(.down)) }
      guard place.allSatisfy({ (0..<side).contains($0) }) else { continue }
      observed[place[0] * side + place[1]] += 1
    }
    var (statistic, cells, restExpected, restObserved) = (0.0, 0, 0.0, count)
    for (expected, observed) in zip(expected, observed) where expected * count >= 10 {
      statistic += pow(observed - expected * count, 2) / (expected * count)
      cells += 1
      restExpected -= expected
      restObserved -= observed
    }
    let rest = (restExpected + 1) * count
    if rest >= 10 {
      statistic += pow(restObserved - rest, 2) / rest
      cells += 1
    }
    return (statistic - Double(cells - 1)) / (2 * Double(cells - 1)).squareRoot()
  }
}

/// Checks that a two-dimensional density integrates to one and that the sampler follows it.
func expectDensityAndSamplerAgree(
  store: VariableStore = VariableStore(seed: 0), sourceLocation: SourceLocation = #_sourceLocation,
  _ build: (Graph) -> any Distribution
) throws {
  let grid = try DensityGrid(store: store, build)
  #expect(abs(grid.total - 1) < 1e-3, "the density integrates to \(grid.total)", sourceLocation: sourceLocation)
  let graph = Graph()
  let sample = build(graph).sample(count: 20_000)
  let executable = try CPUBackend().compile(Program(graph: graph, outputs: [sample]), state: store)
  let draws = try executable.run([], random: RandomState(seed: 3))[0].doubles
  let excess = grid.chiSquare(draws)
  // At more than four standard deviations the sampler draws from something else.
  #expect(excess < 4, "chi-square is \(excess) standard deviations too large", sourceLocation: sourceLocation)
}
