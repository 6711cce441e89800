import Latent
import TestSupport
import Testing

/// Quantisers against plain PyTorch with the same weights: outputs, losses, gradients, moving averages.
@Suite("Quantizers are PyTorch's", .serialized, .enabled(if: PyTorch.isInstalled, "PyTorch is not in .venv"))
struct PyTorchQuantizerTests {
  private static let batch = 6, count = 5

  /// Outputs, losses, the gradients of the input and of what is trained, and all variables after the step.
  private func results(
    _ family: some QuantizerFamily, dimensions: Int, _ values: [[Double]], _ store: VariableStore,
    _ quantizer: any Quantizer
  ) throws -> [[Double]] {
    let graph = Graph()
    let shape: Shape = [Self.batch, Self.count, dimensions]
    let (x, worth) = (graph.input("x", shape: shape), graph.input("worth", shape: shape))
    let result = quantizer(x, mode: .training)
    let total = (result.vectors * worth).sum() + result.loss.sum()
    let trained = quantizer.variables.filter(\.isTrainable).map(graph.read)
    let gradients = gradient(of: total, withRespectTo: [x] + trained)
    let program = Program(
      graph: graph, outputs: [result.vectors, result.codes.converted(to: .float32), result.loss] + gradients)
    let executable = try CPUBackend().compile(program, state: store)
    let outputs = try executable.run(values.map { HostTensor($0, shape: shape) }).map(\.doubles)
    return try outputs + quantizer.variables.filter { !$0.isTrainable }.map { try store.value(of: $0).doubles }
  }

  /// Compares with a script that is given `z` and `worth`, the variables as `v`, and puts its results into `results`.
  private func compare(
    _ family: some QuantizerFamily, dimensions: Int, scale: Double = 1, _ script: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let quantizer = family.make("quantizer", dimensions: dimensions)
    let store = VariableStore(seed: 3)
    var stream = RandomStream(seed: 5, name: "quantizer")
    let values = (0..<2).map { _ in
      (0..<(Self.batch * Self.count * dimensions)).map { _ in scale * (2 * Double(Float(stream.nextUniform())) - 1) }
    }
    let shapes = quantizer.variables.map { "\($0.shape.dimensions)" }.joined(separator: ", ")
    let expected = try PyTorch.run(
      """
      import torch
      B, n, D = \(Self.batch), \(Self.count), \(dimensions)
      z = torch.tensor(x[0]).reshape(B, n, D).requires_grad_()
      worth = torch.tensor(x[1]).reshape(B, n, D)
      v = [torch.tensor(a).reshape(s) for a, s in zip(x[2:], [\(shapes)])]
      def nearest(rows, book):
          return ((rows[:, None, :] - book[None]) ** 2).sum(-1).argmin(1)
      def averages(sums, counts):
          total = counts.sum()
          return sums / ((counts + 1e-5) / (total + 1e-5 * len(counts)) * total)[:, None]
      def moved(rows, codes, counts, sums, decay):
          hot = torch.nn.functional.one_hot(codes, len(counts)).float()
          return decay * counts + (1 - decay) * hot.sum(0), decay * sums + (1 - decay) * hot.T @ rows
      def rotated(z, q):
          e, t = z.detach(), q.detach()
          a, b = e / e.norm(dim=-1, keepdim=True), t / t.norm(dim=-1, keepdim=True)
          w = (a + b) / (a + b).norm(dim=-1, keepdim=True)
          R = torch.eye(e.shape[-1]) - 2 * w[..., :, None] * w[..., None, :] + 2 * b[..., :, None] * a[..., None, :]
          return (R @ z[..., None])[..., 0] * (t.norm(dim=-1, keepdim=True) / e.norm(dim=-1, keepdim=True))
      def straight(z, q):
          return z + (q - z).detach()
      def finish(out, codes, loss, trained=(), state=()):
          total = (out * worth).sum() + loss.sum()
          grads = torch.autograd.grad(total, [z] + list(trained))
          return [t.flatten().tolist() for t in [out, codes.float(), loss] + list(grads) + list(state)]
      \(script)
      print(json.dumps(results))
      """, values + quantizer.variables.map { try store.value(of: $0).doubles })
    let actual = try results(family, dimensions: dimensions, values, store, quantizer)
    #expect(actual.count == expected.count, sourceLocation: sourceLocation)
    for (index, (actual, expected)) in zip(actual, expected).enumerated() {
      #expect(
        actual.count == expected.count && zip(actual, expected).allSatisfy { abs($0 - $1) < 1e-4 },
        "result \(index)", sourceLocation: sourceLocation)
    }
    #expect(Set(expected[1]).count > 1, "one code alone is no test", sourceLocation: sourceLocation)
  }

  @Test("A codebook by its loss", arguments: CodeGradient.allCases)
  func loss(_ gradient: CodeGradient) throws {
    try compare(
      .vector(codes: 12, gradient: gradient), dimensions: 4, scale: 0.1,
      """
      book = v[0].requires_grad_()
      rows = z.reshape(-1, D)
      codes = nearest(rows, book)
      q = book[codes]
      loss = (((q - rows.detach()) ** 2).sum(1) + 0.25 * ((rows - q.detach()) ** 2).sum(1)).reshape(B, n).sum(1)
      out = \(gradient == .rotation ? "rotated" : "straight")(rows, q).reshape(z.shape)
      results = finish(out, codes, loss, [book])
      """)
  }

  @Test("A codebook by moving averages, plain and normalised", arguments: [false, true])
  func movingAverages(_ isNormalized: Bool) throws {
    var family = VectorQuantizer()
    (family.codes, family.learning, family.decay, family.isNormalized) = (12, .movingAverage, 0.8, isNormalized)
    try compare(
      family, dimensions: 4, scale: 0.1,
      """
      norm = (lambda t: t / t.norm(dim=-1, keepdim=True)) if \(isNormalized ? "True" : "False") else (lambda t: t)
      counts, sums = v
      book = norm(averages(sums, counts))
      rows = norm(z.reshape(-1, D))
      codes = nearest(rows, book)
      q = book[codes]
      loss = (0.25 * ((rows - q) ** 2).sum(1)).reshape(B, n).sum(1)
      results = finish(straight(rows, q).reshape(z.shape), codes, loss, [], moved(rows.detach(), codes, counts, sums, 0.8))
      """)
  }

  @Test("A linear map of codes that stay")
  func linear() throws {
    try compare(
      .vector(codes: 12, learning: .linear), dimensions: 4,
      """
      frozen, W = v[0], v[1].requires_grad_()
      book = frozen @ W
      rows = z.reshape(-1, D)
      codes = nearest(rows, book)
      q = book[codes]
      loss = (((q - rows.detach()) ** 2).sum(1) + 0.25 * ((rows - q.detach()) ** 2).sum(1)).reshape(B, n).sum(1)
      results = finish(straight(rows, q).reshape(z.shape), codes, loss, [W], [frozen])
      """)
  }

  @Test("Finite scalars")
  func finiteScalar() throws {
    try compare(
      .finiteScalar(levels: [8, 5, 2, 3]), dimensions: 4, scale: 2,
      """
      L = torch.tensor([8., 5., 2., 3.])
      half = (L - 1) * 1.001 / 2
      offset = torch.where(L % 2 == 0, 0.5, 0.0)
      bounded = (z + torch.atanh(offset / half)).tanh() * half - offset
      q = bounded + (bounded.round() - bounded).detach()
      width = L // 2
      codes = ((q + width) * torch.tensor([1., 8., 40., 80.])).sum(-1)
      results = finish(q / width, codes, torch.zeros(B))
      """)
  }

  @Test("Signs, of a cube and of a sphere", arguments: [false, true])
  func signs(_ isSpherical: Bool) throws {
    var family = LookupFreeQuantizer()
    (family.isSpherical, family.sharpness, family.diversity) = (isSpherical, 1.7, 0.9)
    try compare(
      family, dimensions: 4,
      """
      sphere = \(isSpherical ? "True" : "False")
      rows = z / z.norm(dim=-1, keepdim=True) if sphere else z
      size = 0.5 if sphere else 1.0
      corners = torch.where(rows > 0, size, -size)
      # The soft choice between the two sides of each number, by squared distances.
      sides = torch.tensor([-size, size])
      p = torch.softmax(-1.7 * (rows[..., None] - sides) ** 2, -1)
      H = lambda p: -(p * p.clamp_min(1e-12).log()).sum(-1)
      own, common = H(p).sum((1, 2)), H(p.mean((0, 1))).sum()
      loss = 0.25 * ((rows - corners) ** 2).sum((1, 2)) + 0.1 * (own - 0.9 * n * common)
      codes = ((rows > 0) * torch.tensor([1, 2, 4, 8])).sum(-1)
      results = finish(straight(rows, corners), codes, loss)
      """)
  }

  @Test("Codebooks for parts")
  func product() throws {
    try compare(
      .product(2, of: .vector(codes: 6)), dimensions: 4, scale: 0.2,
      """
      books = [b.requires_grad_() for b in v]
      outs, codes, loss = [], [], 0
      for book, part in zip(books, z.chunk(2, -1)):
          rows = part.reshape(-1, 2)
          c = nearest(rows, book)
          q = book[c]
          loss = loss + (((q - rows.detach()) ** 2).sum(1) + 0.25 * ((rows - q.detach()) ** 2).sum(1)).reshape(B, n).sum(1)
          outs.append(straight(rows, q).reshape(B, n, 2))
          codes.append(c.reshape(B, n, 1))
      results = finish(torch.cat(outs, -1), torch.cat(codes, -1), loss, books)
      """)
  }

  @Test("Codebooks for what is left over")
  func residual() throws {
    var stage = VectorQuantizer()
    (stage.codes, stage.learning, stage.decay, stage.gradient) = (8, .movingAverage, 0.9, .rotation)
    try compare(
      .residual(3, of: stage), dimensions: 4, scale: 0.3,
      """
      rest, total, loss, codes, state = z, torch.zeros_like(z), 0, [], []
      for counts, sums in zip(v[::2], v[1::2]):
          book = averages(sums, counts)
          rows = rest.reshape(-1, D)
          c = nearest(rows, book)
          q = book[c]
          loss = loss + (0.25 * ((rows - q) ** 2).sum(1)).reshape(B, n).sum(1)
          state += moved(rows.detach(), c, counts, sums, 0.9)
          rest, total = rest - q.reshape(z.shape), total + q.reshape(z.shape)
          codes.append(c.reshape(B, n, 1))
      results = finish(rotated(z, total), torch.cat(codes, -1), loss, [], state)
      """)
  }
}
