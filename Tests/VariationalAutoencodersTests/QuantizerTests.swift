import Latent
import TestSupport
import Testing

/// Quantisers on cases small enough to compute by hand, and what they promise besides.
@Suite struct QuantizerTests {
  private func run(_ outputs: [Tensor], _ inputs: [HostTensor], _ store: VariableStore = VariableStore(seed: 0)) throws
    -> [[Double]]
  {
    let program = Program(graph: outputs[0].graph, outputs: outputs)
    return try CPUBackend().compile(program, state: store).run(inputs).map(\.doubles)
  }

  @Test func theNearestCodeByHand() throws {
    var family = VectorQuantizer()
    (family.codes, family.learning, family.decay) = (2, .movingAverage, 0.5)
    let quantizer = family.make("q", dimensions: 2)
    let store = VariableStore(seed: 0)
    let (counts, sums) = (quantizer.variables[0], quantizer.variables[1])
    try store.set(counts, to: HostTensor([1.0, 1], shape: [2]))
    try store.set(sums, to: HostTensor([0.0, 0, 2, 2], shape: [2, 2]))
    let graph = Graph()
    let result = quantizer(graph.input("x", shape: [2, 2, 2]), mode: .training)
    let x = HostTensor([0.1, 0, 1.5, 2, 3, 2, 2, 2], shape: [2, 2, 2])
    let actual = try run([result.vectors, result.codes.converted(to: .float32), result.loss], [x], store)
    #expect(largestDifference(actual[0], [0, 0, 2, 2, 2, 2, 2, 2]) < 1e-4)
    #expect(actual[1] == [0, 1, 1, 1])
    // A quarter of 0.01 + 0.25, and of 1.
    #expect(largestDifference(actual[2], [0.065, 0.25]) < 1e-4)
    #expect(largestDifference(try store.value(of: counts).doubles, [1, 2]) < 1e-6)
    #expect(largestDifference(try store.value(of: sums).doubles, [0.05, 0, 4.25, 4]) < 1e-6)
  }

  @Test func aDeadCodeIsReplacedWithItsSumAndItsCount() throws {
    var family = VectorQuantizer()
    (family.codes, family.learning, family.decay, family.deadBelow) = (3, .movingAverage, 0.9, 0.4)
    let quantizer = family.make("q", dimensions: 2)
    let store = VariableStore(seed: 0)
    try store.set(quantizer.variables[0], to: HostTensor([1, 1, 0.41], shape: [3]))
    try store.set(quantizer.variables[1], to: HostTensor([1, 0, 0, 1, 40, 40], shape: [3, 2]))
    let graph = Graph()
    let result = quantizer(graph.input("x", shape: [1, 2, 2]), mode: .training)
    _ = try run([result.loss], [HostTensor([1, 0, 0, 1], shape: [1, 2, 2])], store)
    let (counts, sums) = (
      try store.value(of: quantizer.variables[0]).doubles, try store.value(of: quantizer.variables[1]).doubles
    )
    // The third had 0.369; it is one of the two vectors now, with the count at which it lives.
    #expect(abs(counts[2] - 0.4) < 1e-6)
    #expect([[0.4, 0], [0, 0.4]].contains { largestDifference(Array(sums[4...]), $0) < 1e-6 })
  }

  @Test func aCodebookStartsFromClusters() throws {
    var family = VectorQuantizer()
    (family.codes, family.learning, family.startIterations) = (2, .movingAverage, 20)
    let quantizer = family.make("q", dimensions: 1)
    let points = [-5.2, -5, -4.8, 6.9, 7, 7.1]
    // With two starting points in one cluster k-means still finds both.
    for seed in 0..<4 {
      let store = VariableStore(seed: UInt64(seed))
      let graph = Graph()
      let result = quantizer(graph.input("x", shape: [1, 6, 1]), mode: .training)
      let program = Program(graph: graph, outputs: [result.vectors])
      let executable = try CPUBackend().compile(program, state: store)
      let first = try executable.run([HostTensor(points, shape: [1, 6, 1])], random: RandomState(seed: UInt64(seed)))[0]
      let means = Set(first.doubles.map { ($0 * 100).rounded() / 100 })
      #expect(means == [-5, 7] || means.count == 1, "starting points may coincide")
      let again = try executable.run([HostTensor(points, shape: [1, 6, 1])], random: RandomState(seed: 99))[0]
      #expect(largestDifference(first.doubles, again.doubles) < 0.01)
    }
  }

  @Test("Codes give back their vectors", arguments: 0..<6)
  func codesGiveBackTheirVectors(_ index: Int) throws {
    let families: [(any QuantizerFamily, Int)] = [
      (.vector(codes: 9), 3), (.vector(codes: 9, learning: .linear), 3), (.finiteScalar(levels: [5, 4, 3]), 3),
      (LookupFreeQuantizer(), 3), (.product(2, of: .finiteScalar(levels: [4, 3])), 4),
      (.residual(3, of: .vector(codes: 9, learning: .movingAverage)), 3),
    ]
    let (family, dimensions) = families[index]
    let quantizer = family.make("q", dimensions: dimensions)
    let graph = Graph()
    let result = quantizer(graph.input("x", shape: [4, 5, dimensions]), mode: .inference)
    var stream = RandomStream(seed: 1, name: "x")
    let x = (0..<(20 * dimensions)).map { _ in 3 * Double(stream.nextUniform()) - 1.5 }
    let values = try run(
      [result.vectors, quantizer.vectors(result.codes), result.codes.converted(to: .float32)],
      [HostTensor(x, shape: [4, 5, dimensions])])
    // The grid divides by halves; all else is looked up.
    #expect(largestDifference(values[0], values[1]) <= (index == 2 || index == 4 ? 1e-6 : 0))
    let books = family.codebooks(dimensions: dimensions)
    #expect(result.codes.shape == [4, 5, books.count])
    for (place, code) in values[2].enumerated() { #expect(code >= 0 && code < Double(books[place % books.count])) }
    #expect(Set(values[2]).count > 1)
  }

  @Test func dropoutLeavesTheFirstStages() throws {
    let family = ResidualQuantizer.self.init()
    var settings = family
    (settings.stages, settings.dropout) = (3, true)
    settings.quantizer = .vector(codes: 16)
    let quantizer = settings.make("q", dimensions: 2)
    let graph = Graph()
    let x = graph.input("x", shape: [64, 1, 2])
    let result = quantizer(x, mode: .training)
    let prefixes = (1...3).map { quantizer.vectors(result.codes.slice(-1, 0..<$0)) }
    var stream = RandomStream(seed: 1, name: "x")
    let values = try run(
      [result.vectors] + prefixes,
      [HostTensor((0..<128).map { _ in Double(stream.nextUniform()) * 0.2 - 0.1 }, shape: [64, 1, 2])])
    var seen: Set<Int> = []
    for example in 0..<64 {
      let row = { (values: [Double]) in Array(values[(2 * example)..<(2 * example + 2)]) }
      let stages = (1...3).first { largestDifference(row(values[0]), row(values[$0])) < 1e-5 }
      #expect(stages != nil)
      seen.insert(stages ?? 0)
    }
    #expect(seen == [1, 2, 3])
  }
}
