import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentReproduction

/// Hamiltonian Monte Carlo where everything about the target is known.
@Suite struct HamiltonianDynamicsTests {
  private static let mean = [1.0, -2.0]
  private static let covariance = [[2.0, 0.6], [0.6, 0.5]]

  /// log of N(mean, covariance) up to a constant.
  private static func logDensity(_ x: Tensor) -> Tensor {
    let determinant = covariance[0][0] * covariance[1][1] - covariance[0][1] * covariance[1][0]
    let precision = [
      covariance[1][1] / determinant, -covariance[0][1] / determinant, -covariance[1][0] / determinant,
      covariance[0][0] / determinant,
    ]
    let offset = x - x.graph.constant(mean, shape: [2])
    return (offset * offset.dot(x.graph.constant(precision, shape: [2, 2]))).sum([-1]) * -0.5
  }

  /// A program of one transition of chains [count, 2]; outputs positions, acceptance, energy errors.
  private func transition(_ count: Int, leapfrogSteps: Int = 10, jitter: Double = 0.2) throws -> any Executable {
    let graph = Graph()
    let position = graph.input("positions", shape: [count, 2])
    let dynamics = HamiltonianDynamics(leapfrogSteps: leapfrogSteps, jitter: jitter) { Self.logDensity($0) }
    let result = dynamics.transition(
      from: dynamics.state(at: position), stepSize: graph.input("step size", shape: .scalar))
    let program = Program(graph: graph, outputs: [result.state.position, result.acceptance, result.energyError])
    return try CPUBackend().compile(program, state: VariableStore(seed: 0))
  }

  @Test func chainsReachTheMeanAndTheCovariance() throws {
    let count = 2000
    let executable = try transition(count)
    var tuner = StepSizeTuner(0.05)
    var positions = [Float](repeating: 0, count: 2 * count)
    var accepted: [Double] = []
    for step in 0..<60 {
      executable.fill("positions") { _ = $0.update(fromContentsOf: positions) }
      executable.fill("step size") { $0[0] = Float(tuner.value) }
      try executable.run(RandomState(seed: 4, step: UInt64(step)))
      positions = executable.output(0).floats
      let acceptance = SampleStatistics(executable.output(1).doubles).mean
      if step < 40 { tuner.note(acceptance: acceptance, gain: step < 20 ? 4 : 1) } else { accepted.append(acceptance) }
    }
    #expect(abs(SampleStatistics(accepted).mean - 0.9) < 0.04)
    let rows = (0..<count).map { [Double(positions[2 * $0]), Double(positions[2 * $0 + 1])] }
    let moments = LinearGaussian(rows: rows)
    for i in 0..<2 {
      let error = (Self.covariance[i][i] / Double(count)).squareRoot()
      #expect(abs(moments.mean[i] - Self.mean[i]) < 5 * error)
      for j in 0..<2 {
        let spread =
          Self.covariance[i][i] * Self.covariance[j][j] + Self.covariance[i][j] * Self.covariance[i][j]
        #expect(abs(moments.covariance[i][j] - Self.covariance[i][j]) < 5 * (spread / Double(count)).squareRoot())
      }
    }
  }

  @Test func energyErrorsShrinkWithTheSquareOfTheStep() throws {
    let count = 500
    let positions = (0..<count).flatMap { index in
      let noise = Philox4x32(seed: 3).normals(UInt32(index), stream: 1, step: 0)
      // Draws from the target itself, by the factor of its covariance.
      let a = Self.covariance[0][0].squareRoot()
      let b = Self.covariance[0][1] / a
      let c = (Self.covariance[1][1] - b * b).squareRoot()
      return [Float(Self.mean[0] + a * noise[0]), Float(Self.mean[1] + b * noise[0] + c * noise[1])]
    }
    func error(_ step: Double, _ leapfrogSteps: Int) throws -> Double {
      let executable = try transition(count, leapfrogSteps: leapfrogSteps, jitter: 0)
      executable.fill("positions") { _ = $0.update(fromContentsOf: positions) }
      executable.fill("step size") { $0[0] = Float(step) }
      try executable.run(RandomState(seed: 1))
      return (executable.output(2).doubles.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    }
    // The same length of the trajectory, in steps of half the size.
    let (coarse, fine) = (try error(0.2, 5), try error(0.1, 10))
    #expect(coarse > 1e-3)
    #expect((3.5...4.5).contains(coarse / fine), "\(coarse) and \(fine)")
  }

  @Test func chainsThatFlyOffStayWhereTheyWere() throws {
    let executable = try transition(4)
    let positions: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    executable.fill("positions") { _ = $0.update(fromContentsOf: positions) }
    executable.fill("step size") { $0[0] = 1e6 }
    try executable.run(RandomState(seed: 1))
    #expect(executable.output(0).floats == positions)
    #expect(executable.output(1).doubles.allSatisfy { $0 == 0 })
  }

  @Test func stepSizesFollowTheAcceptance() {
    var tuner = StepSizeTuner(0.1)
    tuner.note(acceptance: 1, gain: 1)
    #expect(tuner.value > 0.1)
    tuner.note(acceptance: 0.5, gain: 1)
    #expect(tuner.value < 0.1)
  }
}
