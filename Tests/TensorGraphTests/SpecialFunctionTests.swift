import Foundation
import Latent
import Testing

/// The gamma function's logarithm and its kin against the C library, in float32 and in double precision.
@Suite(.serialized) struct SpecialFunctionTests {
  /// Evenly spaced logarithms from 1e-6 to 1e6, and the places where the method changes or the result is small.
  static let points: [Double] =
    ((0...600).map { pow(10, -6 + 0.02 * Double($0)) } + [0.5, 1, 1.5, 2, 2.5, 2.999_999, 3, 3.000_001, 1e6])
    .map { Double(Float($0)) }

  private func run(
    _ backend: any Backend, _ type: ElementType, _ build: (Tensor) -> [Tensor], at points: [Double] = points
  ) throws -> [[Double]] {
    let graph = Graph()
    let x = graph.input("x", shape: [points.count], type: type)
    let executable = try backend.compile(
      Program(graph: graph, outputs: build(x)), state: VariableStore(seed: 0))
    return try executable.run([HostTensor(points, shape: [points.count], type: type)]).map(\.doubles)
  }

  /// The largest error, relative where the right value is above 1.
  private func worst(_ values: [Double], _ exact: [Double]) -> Double {
    zip(values, exact).map { abs($0 - $1) / max(1, abs($1)) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }

  /// The digamma function, by a central difference whose own error is below 1e-8 of it.
  private func digamma(_ x: Double) -> Double {
    let step = 1e-4 * x
    return (lgamma(x + step) - lgamma(x - step)) / (2 * step)
  }

  @Test func logGammaIsRightInFloat32() throws {
    let values = try run(CPUBackend(), .float32) { [$0.logGamma()] }[0]
    #expect(worst(values, Self.points.map { lgamma($0) }) < 2e-6)
  }

  @Test func theGradientOfLogGammaIsRightInFloat32() throws {
    let values = try run(CPUBackend(), .float32) { gradient(of: $0.logGamma().sum(), withRespectTo: [$0]) }[0]
    #expect(worst(values, Self.points.map(digamma)) < 2e-6)
  }

  @Test func onlyTheSeriesIsMissingInDoublePrecision() throws {
    let values = try run(ReferenceBackend(), .float64) {
      [$0.logGamma()] + gradient(of: $0.logGamma().sum(), withRespectTo: [$0])
    }
    #expect(worst(values[0], Self.points.map { lgamma($0) }) < 2e-8)
    #expect(worst(values[1], Self.points.map(digamma)) < 6e-8)
  }

  @Test func logGammaStaysFiniteFarBeyondItsRange() throws {
    let values = try run(
      CPUBackend(), .float32, { [$0.logGamma()] + gradient(of: $0.logGamma().sum(), withRespectTo: [$0]) },
      at: [1e-30, 1e-12, 1e12, 1e30])
    #expect(values.allSatisfy { $0.allSatisfy { $0.isFinite } })
    #expect(worst(values[0], [1e-30, 1e-12, 1e12, 1e30].map { lgamma($0) }) < 2e-6)
  }

  @Test func stirlingsErrorIsWhatStirlingsFormulaLacks() throws {
    let values = try run(CPUBackend(), .float32) { [$0.stirlingError()] }[0]
    // Above 30 the C library's difference has no digits left, and two terms of the series have them all.
    let exact = Self.points.map { x -> Double in
      if x >= 30 { return 1 / (12 * x) - 1 / (360 * x * x * x) }
      let formula: Double = (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi)
      return lgamma(x) - formula
    }
    #expect(zip(values, exact).allSatisfy { abs($0 - $1) < 2e-6 })
  }

  @Test func polynomialsAreWhatTheirCoefficientsSay() throws {
    let values = try run(
      ReferenceBackend(), .float64, { [$0.polynomial([1, -2, 3]), $0.polynomial([5]), $0.polynomial([])] },
      at: [-1, 0, 2])
    #expect(values == [[6, 1, 9], [5, 5, 5], [0, 0, 0]])
  }
}
