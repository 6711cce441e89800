import Foundation
import Latent

/// What the engine does by itself, as Markdown tables: compiling, loops, and normalisation beside a copy of memory.
enum EngineFigures {
  static func print(_ settings: Settings) throws {
    Swift.print(
      [
        try compiling(settings), try loops(settings), try normalization(settings), try drawing(settings),
      ].joined(separator: "\n\n"))
  }

  /// A chain of residual dense layers with its gradient and update, by the number of its nodes.
  private static func compiling(_ settings: Settings) throws -> String {
    var rows = ["| nodes | tracing, s | compiling, s |", "|---|---|---|"]
    for layers in [500, 1000, 2000] {
      let clock = ContinuousClock()
      let start = clock.now
      let graph = Graph()
      var x = graph.input("x", shape: [8, 16])
      var variables: [Variable] = []
      for layer in 0..<layers {
        let dense = Dense("dense\(layer)", inputs: 16, outputs: 16)
        x = x + dense(x).tanh()
        variables += dense.variables
      }
      let optimizer = OptimizerState(.adam(learningRate: 1e-3), over: variables)
      optimizer.minimize(x.squared().sum(), learningRate: graph.constant(1e-3))
      let program = Program(graph: graph, outputs: [])
      let traced = clock.now
      _ = try settings.backend.compile(program, state: VariableStore(seed: 0))
      rows.append(
        "| \(program.nodes.count) | \(number((traced - start).inSeconds)) | \(number((clock.now - traced).inSeconds)) |"
      )
    }
    return rows.joined(separator: "\n")
  }

  /// A recurrence of 64 units with its gradient, by its length.
  private static func loops(_ settings: Settings) throws -> String {
    var rows = ["| steps of a loop | kept | compiling, s | a run, ms |", "|---|---|---|---|"]
    for (length, isRematerialized) in [(100, false), (10_000, false), (10_000, true)] {
      let graph = Graph()
      let x = graph.input("x", shape: [length, 1, 64])
      let kernel = graph.input("kernel", shape: [64, 64])
      let last = graph.scan([x], carrying: [graph.constant([0], shape: [1, 64])], isRematerialized: isRematerialized) {
        carried, slices in ([(carried[0].dot(kernel) + slices[0]).tanh()], [])
      }.carried[0]
      let loss = last.squared().sum()
      let program = Program(graph: graph, outputs: [loss] + gradient(of: loss, withRespectTo: [kernel, x]))
      let clock = ContinuousClock()
      let start = clock.now
      let executable = try settings.backend.compile(program, state: VariableStore(seed: 0))
      let compiled = (clock.now - start).inSeconds
      let time = try median(executable)
      rows.append(
        "| \(length) | \(isRematerialized ? "carried values" : "results") | \(number(compiled)) | \(number(time * 1e3)) |"
      )
    }
    return rows.joined(separator: "\n")
  }

  /// Binary pictures of 28 x 28 pixels drawn place by place, 16 at once: with what is kept of earlier places, and by a pass over
  /// all places for each of them, of which one is timed and counted as often as there are places.
  private static func drawing(_ settings: Settings) throws -> String {
    let networks: [(name: String, likelihood: AutoregressiveLikelihood, places: Int)] = [
      ("MADE, 8000 units", .autoregressive(.masked(hidden: [8000])), 784),
      ("NADE, 500 units", .autoregressive(.nade()), 784),
      ("gated PixelCNN, 8 layers of 32", .autoregressive(.gatedPixelCNN()), 784),
      ("transformer, 6 blocks of 96", .autoregressive(.transformer(features: 96, heads: 4, blocks: 6)), 784),
      (
        "the same over 2 x 2 pixels",
        .autoregressive(.transformer(features: 96, heads: 4, blocks: 6), output: .binaryPatterns, patchSize: 2), 196
      ),
    ]
    var rows = ["| network | place by place, s | a pass for each place, s | times as fast |", "|---|---|---|---|"]
    for (name, likelihood, places) in networks {
      let model = Model(.withoutLatents(likelihood), exampleShape: [28, 28, 1])
      let store = VariableStore(seed: 0)
      let times = try [true, false].map { isWalk in
        let graph = Graph()
        let z = graph.constant([0], shape: [16, 1])
        let x = graph.random(.uniform, shape: [16, 28, 28, 1]).compare(.less, graph.constant(0.1))
        let result =
          isWalk
          ? model.likelihood(z, mode: .inference).sample(count: nil)
          : model.logLikelihood(x.converted(to: .float32), z.expandingDimension(0), mode: .inference)
        return try median(
          settings.backend.compile(Program(graph: graph, outputs: [result]), state: store), runs: 5)
      }
      let passes = times[1] * Double(places)
      rows.append(
        "| \(name) | \(number(times[0])) | \(number(passes)) | \(String(format: "%.0f", passes / times[0])) |")
    }
    return rows.joined(separator: "\n")
  }

  /// Normalisations of klae32 and gpt196: the bandwidth of each loop above 30 microseconds, by what it reads and writes, beside
  /// that of a copy of 256 MiB, which no cache holds.
  private static func normalization(_ settings: Settings) throws -> String {
    let pixels: Shape = [16, 32, 32, 128]
    let tokens: Shape = [32, 196, 96]
    let scores: Shape = [32 * 4, 196, 196]
    let scale = { (x: Tensor) in
      (x.graph.input("scale", shape: [x.shape[-1]]), x.graph.input("offset", shape: [x.shape[-1]]))
    }
    let cases: [(name: String, shape: Shape, apply: (Tensor) -> Tensor)] = [
      (
        "group, 32 groups", pixels,
        { x in
          let (s, o) = scale(x); return x.groupNormalized(groups: 32, scale: s, offset: o)
        }
      ),
      (
        "instance", pixels,
        { x in
          let (s, o) = scale(x); return x.instanceNormalized(scale: s, offset: o)
        }
      ),
      (
        "batch", pixels,
        { x in
          let (s, o) = scale(x)
          let (mean, variance) = x.moments([0, 1, 2])
          return x.batchNormalized(
            mean: mean.reshape([-1]), variance: variance.reshape([-1]), scale: s, offset: o)
        }
      ),
      (
        "layer", tokens,
        { x in
          let (s, o) = scale(x); return x.layerNormalized(scale: s, offset: o)
        }
      ),
      ("softmax, last dimension", scores, { $0.softmax(-1) }),
      ("softmax, middle dimension", scores, { $0.softmax(1) }),
    ]
    let large: Shape = [1 << 26]
    let memory = try loops(of: { $0 * 1.5 }, large, settings).map(\.bandwidth).max() ?? .nan
    var rows = [
      "A copy of 256 MiB goes at \(number(memory / 1e9)) GB/s.", "",
      "| normalisation | tensor | forward, ms | loops, GB/s | backward, ms | loops, GB/s |",
      "|---|---|---|---|---|---|",
    ]
    for (name, shape, apply) in cases {
      let forward = try loops(of: apply, shape, settings)
      // The gradient alone: of the forward pass what it needs of it, which is the statistics.
      let backward = try loops(
        of: { x in gradient(of: (apply(x) * x.graph.input("worth", shape: shape)).sum(), withRespectTo: [x])[0] },
        shape,
        settings)
      let columns = [forward, backward].map { loops in
        "\(number(loops.reduce(0) { $0 + $1.seconds } * 1e3)) | "
          + loops.map { number($0.bandwidth / 1e9) }.joined(separator: ", ")
      }
      rows.append("| \(name) | \(shape) | \(columns.joined(separator: " | ")) |")
    }
    return rows.joined(separator: "\n")
  }

  /// The loops of a computation that take more than 30 microseconds: medians of 31 runs.
  private static func loops(
    of trace: (Tensor) -> Tensor, _ shape: Shape, _ settings: Settings
  ) throws -> [(seconds: Double, bandwidth: Double)] {
    let graph = Graph()
    let program = Program(graph: graph, outputs: [trace(graph.input("x", shape: shape))])
    let executable = try settings.backend.compile(program, state: VariableStore(seed: 0))
    for index in executable.program.inputs.indices { executable.fillInput(index) }
    for _ in 0..<3 { try executable.run(RandomState(seed: 1)) }
    let runs = try (0..<31).map { _ in try executable.profile(RandomState(seed: 1)) }
    return runs[0].indices.compactMap { index in
      let seconds = runs.map { $0[index].seconds }.sorted()[15]
      return seconds > 30e-6 ? (seconds, Double(runs[0][index].bytes) / seconds) : nil
    }
  }

  /// Seconds of a run: the median of at least nine.
  private static func median(_ executable: any Executable, runs: Int = 9) throws -> Double {
    let clock = ContinuousClock()
    for _ in 0..<(runs / 3) { try executable.run(RandomState(seed: 1)) }
    var times: [Double] = []
    let start = clock.now
    while times.count < runs || (clock.now - start).inSeconds < 0.5 {
      times.append(try clock.measure { try executable.run(RandomState(seed: 1)) }.inSeconds)
    }
    return times.sorted()[times.count / 2]
  }

  private static func number(_ value: Double) -> String { String(format: "%.3g", value) }
}

extension Duration {
  /// The duration as a number.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
