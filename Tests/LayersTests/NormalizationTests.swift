import Foundation
import Latent
import TestSupport
import Testing

/// Normalisation by one pass over the elements.
@Suite(.serialized) struct NormalizationTests {
  /// Elements around a number that is large beside their spread.
  private func values(_ shape: Shape, around mean: Double) -> HostTensor {
    var stream = RandomStream(seed: 8, name: "normalization")
    return HostTensor((0..<shape.elementCount).map { _ in mean + stream.nextUniform() }, shape: shape)
  }

  @Test(arguments: [0.0, 1000])
  func groupsHaveMeanZeroAndVarianceOne(_ mean: Double) throws {
    let shape: Shape = [2, 9, 7, 12]
    let graph = Graph()
    let x = graph.input("x", shape: shape)
    let (scale, offset) = (graph.constant([1], shape: [12]), graph.constant([0], shape: [12]))
    let outputs = [3, 12].map { x.groupNormalized(groups: $0, scale: scale, offset: offset, epsilon: 1e-12) }
    let results = try CPUBackend().compile(Program(graph: graph, outputs: outputs), state: VariableStore(seed: 0))
      .run([values(shape, around: mean)])
    for (result, groups) in zip(results, [3, 12]) {
      let width = 12 / groups
      for example in 0..<2 {
        for group in 0..<groups {
          let members = (0..<(63 * width)).map {
            result.doubles[(example * 63 + $0 / width) * 12 + group * width + $0 % width]
          }
          let average = members.reduce(0, +) / Double(members.count)
          let variance = members.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(members.count)
          // A float32 near 1000 is exact to 6e-5, a fifth of a thousandth of the spread.
          #expect(abs(average) < (mean == 0 ? 1e-5 : 2e-3))
          #expect(abs(variance - 1) < (mean == 0 ? 1e-5 : 2e-3))
        }
      }
    }
  }

  @Test func momentsFarFromZeroKeepTheirAccuracy() throws {
    let graph = Graph()
    let x = graph.input("x", shape: [5, 4000])
    let (mean, variance) = x.moments([1])
    let input = values([5, 4000], around: 3000)
    let results = try CPUBackend().compile(
      Program(graph: graph, outputs: [mean, variance]), state: VariableStore(seed: 0)
    )
    .run([input])
    for row in 0..<5 {
      let members = input.doubles[(row * 4000)..<((row + 1) * 4000)]
      let average = members.reduce(0, +) / 4000
      let spread = members.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 4000
      #expect(abs(results[0].doubles[row] - average) < 5e-4)
      #expect(abs(results[1].doubles[row] / spread - 1) < 1e-4)
    }
  }

  @Test(
    "Output and gradients are those of PyTorch's group_norm",
    .enabled(if: PyTorch.isInstalled, "PyTorch is not in .venv"))
  func pyTorch() throws {
    let shape: Shape = [2, 5, 6, 8]
    let graph = Graph()
    let x = graph.input("x", shape: shape)
    let (scale, offset) = (graph.input("scale", shape: [8]), graph.input("offset", shape: [8]))
    let y = x.groupNormalized(groups: 4, scale: scale, offset: offset)
    let results = [y] + gradient(of: (y * y.sine()).sum(), withRespectTo: [x, scale, offset])
    let inputs = [values(shape, around: 2), values([8], around: 1), values([8], around: -1)]
    let actual = try CPUBackend().compile(Program(graph: graph, outputs: results), state: VariableStore(seed: 0))
      .run(inputs)
    let expected = try PyTorch.run(
      """
      import torch
      torch.set_default_dtype(torch.float64)
      v = torch.tensor(x[0]).reshape(2, 5, 6, 8).permute(0, 3, 1, 2).requires_grad_()
      s, o = torch.tensor(x[1]).requires_grad_(), torch.tensor(x[2]).requires_grad_()
      y = torch.nn.functional.group_norm(v, 4, s, o)
      (y * y.sin()).sum().backward()
      move = lambda a: a.permute(0, 2, 3, 1)
      print(json.dumps([r.flatten().tolist() for r in [move(y), move(v.grad), s.grad, o.grad]]))
      """, inputs.map(\.doubles))
    for (actual, expected) in zip(actual, expected) { #expect(largestDifference(actual.doubles, expected) < 1e-4) }
  }
}
