import Latent
import Testing

@testable import LatentVariationalAutoencoders

/// What is done to examples before they are encoded.
@Suite struct CorruptionTests {
  @Test func corruptionsDoWhatTheyAreCalled() throws {
    func corrupted(_ kind: Corruption.Kind) throws -> [Double] {
      let graph = Graph()
      var corruption = Corruption()
      corruption.kind = kind
      let x = graph.constant([0.5], shape: [20_000])
      let corrupted = corruption(x, level: graph.constant(0.3))
      let program = Program(graph: graph, outputs: [corrupted])
      return try CPUBackend().compile(program, state: VariableStore(seed: 1)).run([])[0].doubles
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func share(_ values: [Double], _ value: Double) -> Double { Double(values.count { $0 == value }) / 20_000 }
    // Five standard deviations of a share of 0.3 are 0.016.
    let (masked, salted, noisy) = (
      try corrupted(.mask), try corrupted(.saltAndPepper), try corrupted(.normal).map { $0 - 0.5 }
    )
    #expect(abs(share(masked, 0) - 0.3) < 0.016 && abs(share(masked, 0.5) - 0.7) < 0.016)
    #expect(abs(share(salted, 0) - 0.15) < 0.016 && abs(share(salted, 1) - 0.15) < 0.016)
    #expect(abs(share(salted, 0.5) - 0.7) < 0.016)
    #expect(abs(mean(noisy)) < 0.011 && abs(mean(noisy.map { $0 * $0 }).squareRoot() - 0.3) < 0.008)
    #expect(try corrupted(.none) == [Double](repeating: 0.5, count: 20_000))
  }
}
