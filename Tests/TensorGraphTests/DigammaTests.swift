import Foundation
import Latent
import Testing

/// The digamma and the trigamma function in float32 against their recurrences and series in double precision.
@Suite(.serialized) struct DigammaTests {
  /// The values and gradients at the points that `SpecialFunctionTests` asks about.
  private func run(_ build: (Tensor) -> [Tensor]) throws -> [[Double]] {
    let points = SpecialFunctionTests.points
    let graph = Graph()
    let x = graph.input("x", shape: [points.count])
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: build(x) + [x.stopGradient()]), state: VariableStore(seed: 0))
    return try executable.run([HostTensor(points, shape: [points.count])]).map(\.doubles)
  }

  /// Up to 20 by the recurrence, from where on the third term of the series is the last that a double notices.
  private static let digamma: [Double] = SpecialFunctionTests.points.map { x in
    var (x, sum) = (x, 0.0)
    while x < 20 {
      sum -= 1 / x
      x += 1
    }
    let square = 1 / (x * x)
    let series = horner(square, [0, 1 / 12, -1 / 120, 1 / 252, -1 / 240])
    return sum + log(x) - 0.5 / x - series
  }

  private static let trigamma: [Double] = SpecialFunctionTests.points.map { x in
    var (x, sum) = (x, 0.0)
    while x < 20 {
      sum += 1 / (x * x)
      x += 1
    }
    let square = 1 / (x * x)
    let series = horner(square, [1, 1 / 6, -1 / 30, 1 / 42, -1 / 30])
    return sum + (series + 0.5 / x) / x
  }

  /// The largest error, relative where the right value is above 1.
  private func worst(_ values: [Double], _ exact: [Double]) -> Double {
    zip(values, exact).map { abs($0 - $1) / max(1, abs($1)) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }

  /// The largest error in terms of the right value.
  private func worstRelative(_ values: [Double], _ exact: [Double]) -> Double {
    zip(values, exact).map { abs($0 - $1) / abs($1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }

  @Test func digammaIsRightInFloat32() throws {
    let values = try run { [$0.digamma()] }[0]
    let error = worst(values, Self.digamma)
    #expect(error < 5e-7, "\(error)")
  }

  @Test func trigammaIsRightInFloat32() throws {
    let values = try run { [$0.trigamma()] }[0]
    let error = worstRelative(values, Self.trigamma)
    #expect(error < 5e-7, "\(error)")
  }

  @Test func theGradientOfDigammaIsTrigamma() throws {
    let values = try run { gradient(of: $0.digamma().sum(), withRespectTo: [$0]) }[0]
    let error = worstRelative(values, Self.trigamma)
    #expect(error < 1e-6, "\(error)")
  }

  @Test func theGradientsOfLogGammaAreDigammaAndTrigamma() throws {
    let values = try run { x in
      let first = gradient(of: x.logGamma().sum(), withRespectTo: [x])[0]
      return [first, gradient(of: first.sum(), withRespectTo: [x])[0]]
    }
    let (first, second) = (worst(values[0], Self.digamma), worstRelative(values[1], Self.trigamma))
    #expect(first < 2e-6 && second < 1e-5, "\(first) and \(second)")
  }
}

/// The polynomial with coefficients of rising powers.
private func horner(_ x: Double, _ coefficients: [Double]) -> Double {
  coefficients.reversed().reduce(0) { $0 * x + $1 }
}
