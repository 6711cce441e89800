import Latent
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// Codes of several grids: what each level is made of, and what it takes to name them.
@Suite struct CodePyramidTests {
  private func model(_ quantizer: any QuantizerFamily = VectorQuantizer.vector(codes: 7), levels: Int = 3) throws
    -> Model
  {
    var grid = ConvolutionalNetwork()
    (grid.channels, grid.hidden, grid.keepsGrid) = ([4], [], true)
    let description = VariationalAutoencoder(
      prior: .uniformCodes,
      encoder: .init(network: grid, posterior: .quantized(quantizer, codeDimensions: 2, levels: levels)),
      decoder: .init(network: grid, likelihood: .bernoulli)
    ).completed(exampleShape: [16, 16, 1])
    try description.validate(exampleShape: [16, 16, 1], objective: .elbo())
    return Model(description, exampleShape: [16, 16, 1])
  }

  private func run(_ outputs: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    let program = Program(graph: graph, outputs: outputs(graph))
    return try CPUBackend().compile(program, state: VariableStore(seed: 3)).run([], random: RandomState(seed: 1)).map(
      \.doubles)
  }

  @Test func codesGiveBackTheLatentsOfAllLevels() throws {
    let model = try model()
    // 8 x 8, 4 x 4, 2 x 2; each place of the finest has two numbers of its own, and two from above.
    #expect(model.codesPerExample == 64 + 16 + 4)
    #expect(model.latents == 64 * 4)
    #expect(model.codebooksByLevel == [7, 7, 7])
    let results = try run { graph in
      let x = graph.random(.uniform, shape: [5, 16, 16, 1])
      guard let codes = model.codes(x), let latents = model.latents(ofCodes: codes),
        let posterior = model.posterior(x, mode: .inference) as? CodeDistribution
      else { return [] }
      return [latents, posterior.mean, codes.converted(to: .float32), model.histogram(ofCodes: codes)]
    }
    #expect(largestDifference(results[0], results[1]) < 1e-5)
    let codes = (0..<5).map { Array(results[2][($0 * 84)..<(($0 + 1) * 84)]) }
    // Counted here by level, the coarsest first.
    let levels = [0..<4, 4..<20, 20..<84]
    let counts = levels.flatMap { level in
      (0..<7).map { code in codes.reduce(0.0) { $0 + Double($1[level].filter { $0 == Double(code) }.count) } }
    }
    #expect(results[3] == counts)
    #expect(Set(codes.joined()).count > 1)
  }

  @Test func aCoarseCodeReachesItsQuarterAndAFineOneItsPlaceAlone() throws {
    let model = try model(levels: 2)
    let places = 64, coarse = 16
    let results = try run { graph in
      let base = [Double](repeating: 0, count: coarse + places)
      let changed = [0, coarse].map { index in
        var codes = base
        codes[index] = 5
        return codes
      }
      return ([base] + changed).map { codes in
        model.latents(ofCodes: graph.constant(codes, shape: [1, coarse + places, 1], type: .int32))
          ?? graph.constant(0)
      }
    }
    let touched = results.dropFirst().map { other in
      Set((0..<(places * 4)).filter { results[0][$0] != other[$0] }.map { [$0 / 4, $0 % 4 / 2] })
    }
    // Own numbers come first. A window of 4 with stride 2 reaches three rows and columns of a corner.
    #expect(touched[0] == Set([0, 1, 2].flatMap { row in [0, 1, 2].map { [row * 8 + $0, 1] } }))
    #expect(touched[1] == [[0, 0]])
  }

  @Test(
    "Grids that cannot be halved are refused",
    arguments: [
      (5, 0, "A grid of 8 x 8 places cannot be halved for 5 levels of codes"), (0, 0, "Codes cannot have 0 levels"),
      (2, 6, "6 latents cannot be cut into codes of 2 numbers with as many from the levels above"),
      (Int.max, 0, "Codes cannot have \(Int.max) levels"),
    ])
  func refusals(_ levels: Int, _ dimensions: Int, _ problem: String) {
    var grid = ConvolutionalNetwork()
    (grid.channels, grid.hidden, grid.keepsGrid) = ([4], [], true)
    var description = VariationalAutoencoder(
      prior: .uniformCodes,
      encoder: .init(
        network: grid, posterior: .quantized(VectorQuantizer.vector(codes: 7), codeDimensions: 2, levels: levels)),
      decoder: .init(network: grid, likelihood: .bernoulli))
    description.prior.dimensions = dimensions
    let error = #expect(throws: LatentError.self) {
      try description.validate(exampleShape: [16, 16, 1], objective: .elbo())
    }
    #expect(error?.problem == problem)
  }

  @Test func aVectorForTheWholeExampleHasNoLevels() {
    let description = VariationalAutoencoder(
      prior: .uniformCodes,
      encoder: .mlp(hidden: [8], posterior: .quantized(VectorQuantizer.vector(codes: 7), codeDimensions: 2, levels: 2)),
      decoder: .mlp(hidden: [8]))
    let error = #expect(throws: LatentError.self) {
      try description.validate(exampleShape: [16, 16, 1], objective: .elbo())
    }
    #expect(error?.problem == "A grid of 1 x 1 places cannot be halved for 2 levels of codes")
  }
}
