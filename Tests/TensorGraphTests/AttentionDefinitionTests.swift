import Latent
import TestSupport
import Testing

/// Attention in other operations, as it stands in text, is the operation itself.
@Suite("Attention spelled out") struct AttentionDefinitionTests {
  @Test(arguments: [(5, 7, 1), (5, 7, 2), (7, 5, 1), (6, 6, 2)], [false, true])
  func isTheOperation(_ sizes: (Int, Int, Int), _ isMasked: Bool) throws {
    let (queries, keys, keyHeads) = sizes
    let graph = Graph()
    let q = graph.input("q", shape: [2, queries, 2, 3], type: .float64)
    let (k, v) = (
      graph.input("k", shape: [2, keys, keyHeads, 3], type: .float64),
      graph.input("v", shape: [2, keys, keyHeads, 3], type: .float64)
    )
    let c = graph.input("c", shape: q.shape, type: .float64)
    let settings = AttentionSettings(scale: 0.7, isCausal: true, isMasked: isMasked)
    let mask = graph.iota(shape: [2, 2, queries, keys], dimension: 3, type: .float64).cosine()
    let output = q.attention(keys: k, values: v, causal: true, scale: 0.7, mask: isMasked ? mask : nil)
    let operation = [output] + gradient(of: (output * c).sum(), withRespectTo: [q, k, v])
    let forward = settings.spelledOut(q, k, v, mask: isMasked ? mask : nil)
    let backward = settings.spelledOutGradient(
      q, k, v, mask: isMasked ? mask : nil, output: forward[0], logSumExp: forward[1], cotangent: c)
    let results = operation + [forward[0]] + backward
    let executable = try ReferenceBackend().compile(
      Program(graph: graph, outputs: results), state: VariableStore(seed: 0))
    let inputs = [q, k, v, c].enumerated().map { place, tensor in
      HostTensor(
        (0..<tensor.shape.elementCount).map { Double(($0 * 31 + place * 7) % 17) / 8 - 1 }, shape: tensor.shape,
        type: .float64)
    }
    let values = try executable.run(inputs).map(\.doubles)
    for (left, right) in zip(values.prefix(4), values.suffix(4)) {
      #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }
}
