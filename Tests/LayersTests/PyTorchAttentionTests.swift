import Latent
import TestSupport
import Testing

/// Attention against PyTorch's own.
@Suite("Attention is PyTorch's", .serialized, .enabled(if: PyTorch.isInstalled, "PyTorch is not in .venv"))
struct PyTorchAttentionTests {
  private func numbers(_ count: Int, _ seed: String) -> [Double] {
    var stream = RandomStream(seed: 5, name: seed)
    return (0..<count).map { _ in Double(Float(2 * stream.nextUniform() - 1)) }
  }

  @Test("Output and gradients are those of scaled_dot_product_attention", arguments: [false, true], [1, 2, 4])
  func outputsAndGradients(_ causal: Bool, _ keyHeads: Int) throws {
    let (query, key): (Shape, Shape) = ([2, 37, 4, 24], [2, 37, keyHeads, 24])
    let values = [query, key, key, query].enumerated().map { numbers($1.elementCount, "\($0)") }
    let expected = try PyTorch.run(
      """
      import torch
      q, k, v, g = [torch.tensor(a).reshape(2, 37, -1, 24).transpose(1, 2).requires_grad_() for a in x]
      o = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=\(causal ? "True" : "False"), enable_gqa=True)
      results = [o] + list(torch.autograd.grad((o * g).sum(), [q, k, v]))
      print(json.dumps([r.transpose(1, 2).flatten().tolist() for r in results]))
      """, values)
    let graph = Graph()
    let x = [query, key, key, query].enumerated().map { graph.input("\($0)", shape: $1) }
    let output = x[0].attention(keys: x[1], values: x[2], causal: causal)
    let results = [output] + gradient(of: (output * x[3]).sum(), withRespectTo: Array(x.prefix(3)))
    let executable = try CPUBackend().compile(Program(graph: graph, outputs: results), state: VariableStore(seed: 0))
    let actual = try executable.run(zip(values, x).map { HostTensor($0, shape: $1.shape) })
    for (actual, expected) in zip(actual, expected) {
      #expect(zip(actual.doubles, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  @Test("A layer is nn.MultiheadAttention with the same weights")
  func layer() throws {
    let layer = SelfAttention("attention", features: 32, heads: 4, isCausal: true)
    let store = VariableStore(seed: 9)
    let input = HostTensor(numbers(2 * 20 * 32, "x"), shape: [2, 20, 32])
    let weights = try [layer.inputs.kernel, layer.inputs.bias, layer.output.kernel, layer.output.bias].map {
      try store.value(of: $0).doubles
    }
    let expected = try PyTorch.run(
      """
      import torch
      m = torch.nn.MultiheadAttention(32, 4, batch_first=True)
      with torch.no_grad():
          m.in_proj_weight.copy_(torch.tensor(x[1]).reshape(32, 96).T)
          m.in_proj_bias.copy_(torch.tensor(x[2]))
          m.out_proj.weight.copy_(torch.tensor(x[3]).reshape(32, 32).T)
          m.out_proj.bias.copy_(torch.tensor(x[4]))
          h = torch.tensor(x[0]).reshape(2, 20, 32)
          mask = torch.nn.Transformer.generate_square_subsequent_mask(20)
          print(json.dumps([m(h, h, h, attn_mask=mask, need_weights=False)[0].flatten().tolist()]))
      """, [input.doubles] + weights)
    let graph = Graph()
    let x = graph.input("x", shape: [2, 20, 32])
    let actual = try CPUBackend().compile(Program(graph: graph, outputs: [layer(x)]), state: store).run([input])[0]
    #expect(zip(actual.doubles, expected[0]).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}
