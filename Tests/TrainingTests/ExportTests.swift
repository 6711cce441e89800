import Foundation
import Latent
import TestSupport
import Testing

/// Parts of models that are taken away and run by others.
@Suite(.serialized) struct ExportTests {
  static let onnxRuntime = PeerPython.has("onnxruntime", "onnx", "numpy")
  static let jax = PeerPython.has("jax", "numpy")

  /// Every preset in a small form, with its weights as training begins with them; `nil` for one without latents.
  private static func trained(_ preset: Preset) throws -> TrainedModel? {
    var configuration = preset.configuration
    guard configuration.model.hasLatents, !preset.isSecondStage else { return nil }
    let sides = ["vae-conv64": 64, "vq-vae-2": 32, "dvae": 32]
    let side = sides[preset.name] ?? 28
    let shape = preset.name == "vae-table" ? [6] : [side, side, 1]
    var stream = RandomStream(seed: 1, name: "preset")
    let count = 60 * shape.reduce(1, *)
    let isCounts = configuration.model.decoder.likelihood.traits.contains(.counts)
    let values = (0..<count).map { _ in
      isCounts ? Float(Int(stream.nextUniform() * 9)) : Float(stream.nextUniform() < 0.3 ? 1 : 0)
    }
    let examples = try Examples(floats: values, shape: shape, labels: (0..<60).map { Int32($0 % 10) })
    configuration.batchSize = 20
    configuration.data.validation = 0
    return try Trainer(configuration, dataset: Dataset(name: "noise", train: examples)).trained
  }

  /// What our own back end gives for two examples of a part's inputs, and the inputs.
  private func run(
    _ trained: TrainedModel, _ part: ModelPart
  ) throws -> (inputs: [(name: String, array: NumericArray)], outputs: [HostTensor], names: [String]) {
    let part = try trained.program(part, batchSize: 2)
    let executable = try trained.backend.compile(part.program, state: trained.store)
    var stream = RandomStream(seed: 3, name: "inputs")
    var inputs: [(name: String, array: NumericArray)] = []
    for (index, input) in part.program.inputs.enumerated() {
      let name = try #require(input.inputName)
      var values = (0..<input.shape.elementCount).map { _ in
        Float(name == "z" ? 4 * stream.nextUniform() - 2 : stream.nextUniform())
      }
      if name == "condition" { values = values.indices.map { $0 % input.shape[1] == 3 ? 1 : 0 } }
      executable.withInput(index) { _ = $0.bindMemory(to: Float.self).update(fromContentsOf: values) }
      inputs.append((name, NumericArray(floats: values, shape: input.shape.dimensions)))
    }
    try executable.run(RandomState(seed: 0))
    return (inputs, part.outputs.indices.map(executable.output), part.outputs)
  }

  /// Presets whose parts cannot be written, each with a word of why.
  private static let refused: [String: [ModelPart: String]] = [
    "pixel-vae": [.decoder: "draws random numbers"], "semi-amortized": [.encoder: "draws random numbers"],
  ]

  /// One Python for all presets: it takes a second to begin.
  @Test(.enabled(if: onnxRuntime, "onnxruntime is not in .venv")) func onnxRuntimeGivesWhatWeGive() throws {
    let folder = try TemporaryFolder()
    var parts: [String] = []
    for preset in Preset.all {
      guard let trained = try Self.trained(preset) else { continue }
      for part in ModelPart.allCases {
        if let why = Self.refused[preset.name]?[part] {
          #expect { try trained.exported(part, as: .onnx) } throws: { "\($0)".contains(why) }
          continue
        }
        let name = folder.file("\(preset.name)-\(part.rawValue)")
        try trained.exported(part, as: .onnx).write(to: URL(fileURLWithPath: name + ".onnx"))
        let (inputs, outputs, names) = try run(trained, part)
        try NPZ.write(inputs, to: name + "-in.npz", overwrite: false)
        try NPZ.write(
          zip(names, outputs).map { ($0, NumericArray(floats: $1.floats, shape: $1.shape.dimensions)) },
          to: name + "-out.npz", overwrite: false)
        parts.append(name)
      }
    }
    let seen = try PeerPython.run(
      """
      import numpy as np, onnx, onnxruntime as ort
      result = []
      for name in sys.argv[1:]:
          onnx.checker.check_model(onnx.load(name + ".onnx"), full_check=True)
          session = ort.InferenceSession(name + ".onnx")
          x, y = np.load(name + "-in.npz"), np.load(name + "-out.npz")
          wanted = [i.name for i in session.get_inputs()]
          assert [o.name for o in session.get_outputs()] == list(y), (name, list(y))
          got = session.run(None, {n: x[n] for n in wanted})
          # Any number of examples: one alone gives what it gives beside another.
          one = session.run(None, {n: x[n][:1] for n in wanted})
          scale = max(1, max(float(np.abs(v).max()) for v in y.values()))
          result += [max(float(np.abs(a - y[n]).max()) for a, n in zip(got, y)) / scale,
                     max(float(np.abs(a[:1] - b).max()) for a, b in zip(got, one)) / scale,
                     float(max(np.std(a) for a in got))]
      print(json.dumps(result))
      """, words: parts)
    #expect(parts.count > 80 && seen.count == 3 * parts.count)
    for (place, part) in parts.enumerated() {
      let figures = Array(seen[(3 * place)..<(3 * place + 3)])
      #expect(figures[0] < 1e-4 && figures[1] < 1e-5, "\(part): \(figures)")
      #expect(figures[2] > 1e-4, "\(part) gives the same number everywhere")
    }
  }

  @Test(
    .enabled(if: jax, "JAX is not in .venv"), arguments: ["vae", "vae-conv", "hierarchical", "realnvp-prior", "vq-vae"])
  func jaxRunsTheText(_ name: String) throws {
    let trained = try #require(try Self.trained(Preset.named(name)))
    for part in ModelPart.allCases {
      let folder = try TemporaryFolder()
      try trained.exported(part, as: .stablehlo, batchSize: 2).write(to: URL(fileURLWithPath: folder.file("part.mlir")))
      let (inputs, outputs, names) = try run(trained, part)
      try NPZ.write(inputs, to: folder.file("in.npz"), overwrite: false)
      try NPZ.write(
        zip(names, outputs).map { ($0, NumericArray(floats: $1.floats, shape: $1.shape.dimensions)) },
        to: folder.file("out.npz"), overwrite: false)
      let seen = try PeerPython.run(
        """
        import numpy as np, jax
        from jax._src import xla_bridge
        from jax._src.interpreters import mlir
        from jax._src.lib import xla_client
        from jax._src.lib.mlir import ir
        from jaxlib import _jax
        client = xla_bridge.get_backend("cpu")
        with mlir.make_ir_context():
            module = ir.Module.parse(open(sys.argv[1]).read())
            devices = _jax.DeviceList(tuple(client.local_devices()[:1]))
            program = client.compile_and_load(module, devices, xla_client.CompileOptions())
        x, y = np.load(sys.argv[2]), np.load(sys.argv[3])
        got = program.execute([jax.device_put(x[n]) for n in x])
        print(json.dumps([max(float(np.abs(np.asarray(a) - y[n]).max()) for a, n in zip(got, y))]))
        """, words: ["part.mlir", "in.npz", "out.npz"].map(folder.file))
      #expect(seen[0] < 1e-4, "\(name) \(part): \(seen)")
    }
  }

  @Test func weightsKeepTheirNamesAndPyTorchsLayout() throws {
    let trained = try #require(try Self.trained(Preset.named("vae-conv")))
    let folder = try TemporaryFolder()
    let path = folder.file("decoder.safetensors")
    try trained.exported(.decoder, as: .safetensors).write(to: URL(fileURLWithPath: path))
    let archive = try #require(try ArrayArchive(path: path))
    #expect(archive.names.contains("decoder/output/kernel") && !archive.names.contains { $0.hasPrefix("encoder") })
    let kernel = try archive.read("decoder/convolution0/kernel")
    #expect(kernel.shape == [4, 4, 32, 64])
    let states = folder.file("decoder.pt")
    try trained.exported(.decoder, as: .torchState).write(to: URL(fileURLWithPath: states))
    #expect(try FileReading.data(at: states).starts(with: [0x50, 0x4B, 3, 4]))
  }

  @Test(.enabled(if: PyTorch.isInstalled, "PyTorch is not in .venv")) func pyTorchsLayersComputeWhatOursDo() throws {
    let trained = try #require(try Self.trained(Preset.named("vae")))
    let folder = try TemporaryFolder()
    try trained.exported(.decoder, as: .torchState).write(to: URL(fileURLWithPath: folder.file("d.pt")))
    let (inputs, outputs, _) = try run(trained, .decoder)
    try NPZ.write(
      inputs + [("mean", NumericArray(floats: outputs[0].floats, shape: [2, 784]))], to: folder.file("a.npz"),
      overwrite: false)
    let seen = try PeerPython.run(
      """
      import numpy as np, torch
      state, a = torch.load(sys.argv[1], weights_only=True), np.load(sys.argv[2])
      class Decoder(torch.nn.Module):
          def __init__(self):
              super().__init__()
              self.hidden0, self.output = torch.nn.Linear(20, 500), torch.nn.Linear(500, 784)
          def forward(self, z): return torch.sigmoid(self.output(torch.tanh(self.hidden0(z))))
      decoder = Decoder()
      decoder.load_state_dict({name.removeprefix("decoder."): value for name, value in state.items()})
      print(json.dumps([float(np.abs(decoder(torch.tensor(a["z"])).detach().numpy() - a["mean"]).max())]))
      """, words: ["d.pt", "a.npz"].map(folder.file))
    #expect(seen[0] < 1e-5, "\(seen)")
  }

  @Test func modelsWithoutLatentsHaveNoParts() throws {
    let trained = try Trainer(
      RunConfiguration(model: Preset.named("made").configuration.model, batchSize: 10, epochs: 1),
      dataset: Dataset(name: "bars", train: Examples(floats: [Float](repeating: 1, count: 640), shape: [8, 8, 1]))
    ).trained
    #expect(throws: LatentError.self) { try trained.exported(.decoder, as: .onnx) }
  }
}
