import Foundation
import Latent
import LatentRandomness
import TestSupport
import Testing

@testable import LatentVariationalAutoencoders

/// Models that go through values in order: their densities by enumeration, their walks against one pass, their draws against their
/// densities.
@Suite struct AutoregressiveTests {
  /// A likelihood of small images.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let likelihood: AutoregressiveLikelihood
    let shape: [Int]
    /// How many values a number of an image can have, and how far apart they are.
    var levels = 2, step = 1.0
    var testDescription: String { name }

    var dimensions: Int { shape.reduce(1, *) }
    var model: VariationalAutoencoder {
      guard likelihood.context > 0 else { return .withoutLatents(likelihood) }
      return VariationalAutoencoder(
        prior: .standardNormal(dimensions: 2), encoder: .mlp(hidden: [4]),
        decoder: .mlp(hidden: [4], likelihood: likelihood))
    }

    /// All images that there are.
    var images: [Double] {
      let count = Int(pow(Double(levels), Double(dimensions)))
      return (0..<count).flatMap { number in
        (0..<dimensions).map { place in
          Double(number / Int(pow(Double(levels), Double(place))) % levels) * step
        }
      }
    }
  }

  private static var pixels: GatedPixelNetwork {
    var network = GatedPixelNetwork()
    (network.features, network.blocks, network.firstKernelSize, network.headFeatures) = (6, 3, 5, 8)
    return network
  }
  private static let transformer = CausalTransformer.transformer(features: 8, heads: 2, blocks: 2)

  static let cases: [Case] = [
    Case(name: "MADE", likelihood: .autoregressive(.masked(hidden: [30, 20])), shape: [3, 3, 1]),
    Case(name: "NADE", likelihood: .autoregressive(.nade(hidden: 10)), shape: [3, 3, 1]),
    Case(name: "PixelCNN", likelihood: .autoregressive(pixels), shape: [3, 3, 1]),
    Case(name: "transformer", likelihood: .autoregressive(transformer), shape: [3, 3, 1]),
    Case(
      name: "transformer, rotary",
      likelihood: .autoregressive(.transformer(features: 8, heads: 2, blocks: 2, positions: .rotary)), shape: [9]),
    Case(
      name: "MADE beside a decoder", likelihood: .autoregressive(.masked(hidden: [20]), context: 3), shape: [3, 3, 1]),
    Case(name: "NADE beside a decoder", likelihood: .autoregressive(.nade(hidden: 8), context: 2), shape: [2, 4, 1]),
    Case(name: "PixelCNN beside a decoder", likelihood: .autoregressive(pixels, context: 3), shape: [3, 3, 1]),
    Case(name: "transformer beside a decoder", likelihood: .autoregressive(transformer, context: 3), shape: [3, 3, 1]),
    Case(
      name: "patterns of 2 x 2 pixels", likelihood: .autoregressive(transformer, output: .binaryPatterns, patchSize: 2),
      shape: [2, 4, 1]),
    Case(
      name: "patterns beside a decoder",
      likelihood: .autoregressive(pixels, output: .binaryPatterns, context: 2, patchSize: 2), shape: [4, 4, 1]),
    Case(
      name: "tokens of two channels", likelihood: .autoregressive(transformer, output: .tokens(levels: 3)),
      shape: [2, 2, 2], levels: 3),
    Case(
      name: "tokens of two channels, PixelCNN",
      likelihood: .autoregressive(pixels, output: .tokens(levels: 3), context: 2),
      shape: [2, 2, 2], levels: 3),
    Case(
      name: "tokens as numbers", likelihood: .autoregressive(.masked(hidden: [20]), output: .tokens(levels: 3)),
      shape: [6], levels: 3),
    Case(
      name: "grey levels", likelihood: .autoregressive(pixels, output: .greyLevels(4)), shape: [2, 3, 1], levels: 4,
      step: 1 / 3.0),
    Case(
      name: "colours, channels coupled by NADE", likelihood: .autoregressive(.nade(hidden: 6)), shape: [2, 2, 2]),
  ]

  /// A model with weights drawn from N(0, 0.64).
  private func made(_ specification: VariationalAutoencoder, _ shape: [Int]) throws -> (Model, VariableStore) {
    try specification.validate(exampleShape: shape, objective: .elbo())
    let model = Model(specification, exampleShape: shape)
    let store = VariableStore(seed: 0)
    var stream = RandomStream(seed: 3, name: "weights")
    for variable in model.variables {
      let values = (0..<variable.shape.elementCount).map { _ in
        ((0..<12).reduce(-6) { sum, _ in sum + stream.nextUniform() }) * 0.8
      }
      try store.set(variable, to: HostTensor(values, shape: variable.shape))
    }
    return (model, store)
  }

  private func run(
    _ store: VariableStore, seed: UInt64 = 0, _ outputs: (Graph) throws -> [Tensor]
  ) throws -> [[Double]] {
    let graph = Graph()
    let program = Program(graph: graph, outputs: try outputs(graph))
    return try CPUBackend().compile(program, state: store).run([], random: RandomState(seed: seed)).map(\.doubles)
  }

  /// The probability of each image, given latents that are the same for all.
  private func probabilities(_ of: Case, _ model: Model, _ store: VariableStore) throws -> [Double] {
    let images = of.images
    let count = images.count / of.dimensions
    var result: [Double] = []
    // Of many images not all at once.
    for first in stride(from: 0, to: count, by: 8192) {
      let rows = min(8192, count - first)
      result += try run(store) { graph in
        let part = Array(images[(first * of.dimensions)..<((first + rows) * of.dimensions)])
        let x = graph.constant(part, shape: Shape([rows] + of.shape))
        let z = graph.constant([Double](repeating: 0.7, count: rows * model.latents), shape: [1, rows, model.latents])
        return [model.logLikelihood(x, z, mode: .inference)]
      }[0]
    }
    return result.map { Foundation.exp($0) }
  }

  @Test("Probabilities of all images sum to one", arguments: cases)
  func sums(_ of: Case) throws {
    let (model, store) = try made(of.model, of.shape)
    let all = try probabilities(of, model, store)
    #expect(abs(all.reduce(0, +) - 1) < 2e-4)
    // Far from uniform, so that a network that says nothing would not do.
    #expect((all.max() ?? 0) > 3 / Double(all.count))
  }

  @Test("A walk gives what one pass gives, at every place", arguments: cases)
  func walks(_ of: Case) throws {
    let (model, store) = try made(of.model, of.shape)
    var stream = RandomStream(seed: 5, name: "values")
    let values = (0..<(3 * of.dimensions)).map { _ in Double(Int(stream.next() % UInt64(of.levels))) * of.step }
    let results = try run(store) { graph in
      let z = graph.constant((0..<(3 * model.latents)).map { Double($0) / 3 }, shape: [3, model.latents])
      guard var distribution = model.likelihood(z, mode: .inference) as? AutoregressiveDistribution else { return [] }
      let x = graph.constant(values, shape: [3, of.dimensions])
      let whole = distribution.network(
        distribution.values.inputs(of: distribution.arrangement.places(of: x)), context: distribution.context,
        mode: .inference)
      distribution.given = (x, graph.constant([Double](repeating: 1, count: of.dimensions), shape: [of.dimensions]))
      let walk = distribution.walk(3)
      return [whole, walk.outputs, walk.values]
    }
    #expect(largestDifference(results[0], results[1]) < 1e-4)
    #expect(largestDifference(results[2], values) < 1e-6)
    #expect(results[0].contains { abs($0) > 0.1 })
  }

  @Test("Dropout changes what is trained and nothing else", arguments: [cases[2], cases[3]])
  func dropout(_ of: Case) throws {
    var likelihood = of.likelihood
    if var network = likelihood.network as? GatedPixelNetwork {
      network.dropout = 0.5
      likelihood.network = network
    }
    if var network = likelihood.network as? CausalTransformer {
      network.dropout = 0.5
      likelihood.network = network
    }
    let (plain, store) = try made(of.model, of.shape)
    let results = try run(store) { graph in
      let x = graph.random(.uniform, shape: [4, 3, 3, 1]).compare(.less, graph.constant(0.5)).converted(to: .float32)
      let z = graph.constant([0], shape: [1, 4, 1])
      return [plain.logLikelihood(x, z, mode: .inference), plain.logLikelihood(x, z, mode: .training)]
    }
    #expect(largestDifference(results[0], results[1]) == 0)
    let (dropping, others) = try made(.withoutLatents(likelihood), of.shape)
    let dropped = try run(others) { graph in
      let x = graph.random(.uniform, shape: [4, 3, 3, 1]).compare(.less, graph.constant(0.5)).converted(to: .float32)
      let z = graph.constant([0], shape: [1, 4, 1])
      return [dropping.logLikelihood(x, z, mode: .inference), dropping.logLikelihood(x, z, mode: .training)]
    }
    #expect(largestDifference(results[0], dropped[0]) == 0)
    #expect(largestDifference(dropped[0], dropped[1]) > 0.1)
  }

  @Test("Draws are as frequent as they are probable", arguments: cases.filter { $0.images.count <= 9 * 512 })
  func draws(_ of: Case) throws {
    let (model, store) = try made(of.model, of.shape)
    let expected = try probabilities(of, model, store)
    let count = 30_000
    let drawn = try run(store, seed: 4) { graph in
      let z = graph.constant([Double](repeating: 0.7, count: count * model.latents), shape: [count, model.latents])
      return [model.likelihood(z, mode: .inference).sample(count: nil)]
    }[0]
    var frequencies = [Double](repeating: 0, count: expected.count)
    for row in 0..<count {
      let number = (0..<of.dimensions).reversed().reduce(0) { sum, place in
        sum * of.levels + Int((drawn[row * of.dimensions + place] / of.step).rounded())
      }
      frequencies[number] += 1 / Double(count)
    }
    // Five standard errors of each frequency.
    for (frequency, probability) in zip(frequencies, expected) {
      #expect(abs(frequency - probability) < 5 * (probability / Double(count)).squareRoot() + 2e-4)
    }
  }

  @Test func coldDrawsAreProbableOnesAndTopOneIsTheMostProbable() throws {
    let of = Self.cases[9]
    let (model, store) = try made(of.model, of.shape)
    let settings = [DrawSettings(), .init(temperature: 0.7), .init(temperature: 5, topK: 1)]
    let counts = try settings.map { settings in
      let drawn = try run(store, seed: 1) { graph in
        let z = graph.constant([0], shape: [2000, 1])
        return [try model.drawing(settings).likelihood(z, mode: .inference).sample(count: nil)]
      }[0]
      return Dictionary(grouping: 0..<2000) { row in Array(drawn[(row * 8)..<(row * 8 + 8)]) }.mapValues(\.count)
    }
    #expect(counts[0].count > counts[1].count && counts[1].count > counts[2].count)
    #expect(counts[2].count == 1)
    // The first place's most probable pattern is among all of the top draws.
    #expect((counts[1].values.max() ?? 0) > (counts[0].values.max() ?? 0))
  }

  @Test("What is known stays, and what is not is drawn", arguments: [cases[0], cases[2], cases[9]])
  func completion(_ of: Case) throws {
    let (model, store) = try made(of.model, of.shape)
    let known = of.dimensions / 2
    let drawn = try run(store, seed: 1) { graph in
      let x = graph.constant([Double](repeating: 1, count: 400 * of.dimensions), shape: [400, of.dimensions])
      let mask = graph.iota(shape: [of.dimensions], dimension: 0).compare(.less, graph.constant(Double(known), .int32))
      let z = graph.constant([0], shape: [400, 1])
      return [model.completion(of: x, mask: mask.converted(to: .float32), z) ?? x]
    }[0]
    let rest = (0..<400).flatMap { row in drawn[(row * of.dimensions + known)..<((row + 1) * of.dimensions)] }
    let first = (0..<400).flatMap { row in drawn[(row * of.dimensions)..<(row * of.dimensions + known)] }
    #expect(first.allSatisfy { $0 == 1 })
    #expect(rest.contains(0) && rest.contains(1))
  }

  /// Larochelle & Murray 2011, equations 3 to 5, with numbers around zero: x is -1 or 1.
  @Test func nadeIsItsEquations() throws {
    let of = Self.cases[1]
    let (model, store) = try made(of.model, of.shape)
    let values = try Dictionary(
      uniqueKeysWithValues: model.variables.map {
        (String($0.name.split(separator: "/").last ?? ""), try store.value(of: $0).doubles)
      })
    let (kernel, bias) = (try #require(values["kernel"]), try #require(values["bias"]))
    let (head, headBias) = (try #require(values["head"]), try #require(values["headBias"]))
    let x: [Double] = [1, 0, 0, 1, 1, 0, 1, 0, 1]
    var (sums, expected) = (bias, 0.0)
    for place in 0..<9 {
      var logit = headBias[place]
      for unit in 0..<10 { logit += head[place * 10 + unit] / (1 + Foundation.exp(-sums[unit])) }
      expected -= Foundation.log(1 + Foundation.exp(x[place] == 1 ? -logit : logit))
      for unit in 0..<10 { sums[unit] += (2 * x[place] - 1) * kernel[place * 10 + unit] }
    }
    let measured = try run(store) { graph in
      [
        model.logLikelihood(
          graph.constant(x, shape: [1, 3, 3, 1]), graph.constant([0], shape: [1, 1, 1]), mode: .inference)
      ]
    }[0]
    #expect(abs(measured[0] - expected) < 1e-5)
  }

  @Test func aConditionThatWouldReachNothingIsRefused() {
    var model = VariationalAutoencoder.withoutLatents(.autoregressive(Self.transformer))
    model.condition = Condition(.label, size: 3)
    let error = #expect(throws: LatentError.self) {
      try model.validate(exampleShape: [3, 3, 1], objective: .elbo())
    }
    #expect(error?.problem == "Without a decoder a condition would not reach the examples")
    model.decoder.likelihood = .autoregressive(Self.transformer, context: 2)
    model.decoder.network = .mlp(hidden: [4])
    #expect(throws: Never.self) { try model.validate(exampleShape: [3, 3, 1], objective: .elbo()) }
  }

  /// A model with a grid of codes: 4 x 4 images give 2 x 2 of them.
  private func coded(
    _ posterior: some PosteriorFamily, _ network: any AutoregressiveFamily
  ) -> VariationalAutoencoder {
    var grid = ConvolutionalNetwork()
    (grid.channels, grid.hidden, grid.keepsGrid) = ([4], [], true)
    return VariationalAutoencoder(
      prior: .autoregressiveCodes(network),
      encoder: .init(network: grid, posterior: posterior),
      decoder: .init(network: grid, likelihood: .bernoulli))
  }

  @Test(
    "Probabilities of all codes sum to one, and a model's rate is that of its codes",
    arguments: [
      (AnyQuantizer.vector(3), AutoregressiveTests.pixels as any AutoregressiveFamily),
      (.vector(3), AutoregressiveTests.transformer), (.pyramid(3), AutoregressiveTests.transformer),
      (.residual(2, 2), AutoregressiveTests.transformer),
      (.residual(2, 2), .masked(hidden: [20])), (.product(2, [2, 2]), AutoregressiveTests.transformer),
    ])
  func codes(_ kind: AnyQuantizer, _ network: any AutoregressiveFamily) throws {
    let posterior = QuantizedPosterior.quantized(kind.family, codeDimensions: 4, levels: kind.levels)
    let (model, store) = try made(coded(posterior, network), [4, 4, 1])
    let codebooks = model.codebooks
    let places = kind.levels == 1 ? 4 : 4 + 1
    #expect(model.codesPerExample == places)
    let sizes = (0..<places).flatMap { _ in codebooks }
    let count = sizes.reduce(1, *)
    let all = (0..<count).flatMap { number in
      var rest = number
      return sizes.map { size in
        defer { rest /= size }
        return Double(rest % size)
      }
    }
    let results = try run(store) { graph in
      let prior = model.prior(count: count, in: graph) as? any CodesDistribution
      let codes = graph.constant(all, shape: [count, places, codebooks.count], type: .int32)
      let x = graph.random(.uniform, shape: [5, 4, 4, 1])
      let some = model.prior(count: 5, in: graph) as? any CodesDistribution
      let chosen = model.codes(x).flatMap { some?.logProbability(codes: $0) } ?? x
      let drawn = model.generate(6, in: graph)
      return [
        prior?.logProbability(codes: codes) ?? codes, chosen,
        model.rate(ExampleBatch(examples: x), .closedForm, priorMode: .inference), drawn,
      ]
    }
    #expect(abs(results[0].reduce(0) { $0 + Foundation.exp($1) } - 1) < 1e-4)
    #expect(largestDifference(results[1].map { -$0 }, results[2]) < 1e-4)
    #expect(results[3].count == 6 * model.latents)
  }

  @Test(
    "Probabilities of all choices sum to one, and draws are choices",
    arguments: [
      AnyChoice(posterior: CategoricalPosterior.categorical(3), values: 3),
      AnyChoice(posterior: BernoulliPosterior.bernoulli(), values: 2),
    ])
  func choices(_ kind: AnyChoice) throws {
    let isBit = kind.values == 2
    var model = coded(CategoricalPosterior.categorical(3), Self.transformer)
    model.encoder.posterior = kind.posterior
    if isBit { model.prior.dimensions = 4 }
    let (made, store) = try made(model, [4, 4, 1])
    let count = isBit ? 16 : 81
    let all = (0..<count).flatMap { number -> [Double] in
      var rest = number
      return (0..<4).flatMap { _ -> [Double] in
        defer { rest /= kind.values }
        let value = rest % kind.values
        return isBit ? [Double(value)] : (0..<3).map { $0 == value ? 1 : 0 }
      }
    }
    let results = try run(store) { graph in
      let latents = graph.constant(all, shape: [count, made.latents])
      guard let prior = made.prior(count: count, in: graph) else { return [latents] }
      return [prior.logProbability(latents), prior.sample(count: 20), made.generate(5, in: graph)]
    }
    #expect(abs(results[0].reduce(0) { $0 + Foundation.exp($1) } - 1) < 1e-4)
    #expect(results[1].allSatisfy { $0 == 0 || $0 == 1 })
    let expected = isBit ? nil : Double(20 * count * 4)
    #expect(expected == nil || results[1].reduce(0, +) == expected)
    #expect(results[2].count == 5 * made.latents)
  }
}

/// Posteriors of choices for a table of cases.
struct AnyChoice: Sendable, CustomTestStringConvertible {
  let posterior: any PosteriorFamily
  let values: Int
  var testDescription: String { posterior.kind }
}

/// Quantizers for a table of cases.
enum AnyQuantizer: Sendable, CustomTestStringConvertible {
  case vector(Int), pyramid(Int), residual(Int, Int), product(Int, [Int])

  var testDescription: String { "\(self)" }

  var levels: Int { if case .pyramid = self { 2 } else { 1 } }

  var family: any QuantizerFamily {
    switch self {
    case .vector(let codes), .pyramid(let codes): return .vector(codes: codes)
    case .residual(let stages, let codes): return .residual(stages, of: .vector(codes: codes))
    case .product(let parts, let levels): return .product(parts, of: .finiteScalar(levels: levels))
    }
  }
}
