import Foundation
import Latent
import TestSupport
import Testing

@Suite(.serialized) struct LayerTests {
  private func run(
    _ layer: any Layer, _ input: HostTensor, mode: Mode = .inference, store: VariableStore = VariableStore(seed: 0)
  ) throws -> HostTensor {
    let graph = Graph()
    let x = graph.input("x", shape: input.shape)
    let program = Program(graph: graph, outputs: [layer(x, mode: mode)])
    return try CPUBackend().compile(program, state: store).run([input])[0]
  }

  @Test func denseIsAProductASumAndAnActivation() throws {
    let layer = Dense("layer", inputs: 2, outputs: 2, activation: .relu)
    let store = VariableStore(seed: 0)
    try store.set(layer.kernel, to: HostTensor([1, 2, 3, 4], shape: [2, 2]))
    try store.set(layer.bias, to: HostTensor([-5, 1], shape: [2]))
    let result = try run(layer, HostTensor([1, 1, 2, 0], shape: [2, 2]), store: store)
    #expect(result.doubles == [0, 7, 0, 5])
  }

  /// Without a kernel, what is left of a layer is the activation of its bias, feature by feature.
  @Test func layersAddTheirBiasBeforeTheirActivation() throws {
    let layers: [(any Layer, Variable, Variable, [Int])] = [
      { ($0, $0.kernel, $0.bias, [4, 2]) }(Dense("d", inputs: 2, outputs: 3, activation: .relu)),
      { ($0, $0.kernel, $0.bias, [2, 4, 4, 2]) }(Convolution("c", inputs: 2, outputs: 3, size: 3, activation: .relu)),
      { ($0, $0.kernel, $0.bias, [2, 4, 4, 2]) }(
        TransposedConvolution("t", inputs: 2, outputs: 3, size: 4, stride: 2, activation: .relu)),
      {
        ($0, $0.kernel, $0.bias, [4, 2])
      }(MaskedDense("m", inputDegrees: [1, 2], outputDegrees: [1, 2, 2], activation: .relu)),
    ]
    for (layer, kernel, bias, shape) in layers {
      let store = VariableStore(seed: 0)
      let zeros = [Double](repeating: 0, count: kernel.shape.elementCount)
      try store.set(kernel, to: HostTensor(zeros, shape: kernel.shape))
      try store.set(bias, to: HostTensor([1, -2, 3], shape: [3]))
      let input = HostTensor([Double](repeating: 1, count: shape.reduce(1, *)), shape: Shape(shape))
      let result = try run(layer, input, store: store).doubles
      #expect(result.count >= 12 && result.enumerated().allSatisfy { $1 == [1, 0, 3][$0 % 3] }, "\(layer)")
    }
  }

  @Test func aGatedLayerIsItsValueTimesItsGate() throws {
    let layer = GatedDense("gated", inputs: 1, outputs: 2)
    let store = VariableStore(seed: 0)
    try store.set(layer.value.kernel, to: HostTensor([3, -4], shape: [1, 2]))
    try store.set(layer.gate.bias, to: HostTensor([0, 50], shape: [2]))
    try store.set(layer.gate.kernel, to: HostTensor([0, 0], shape: [1, 2]))
    let result = try run(layer, HostTensor([1, 2], shape: [2, 1]), store: store).doubles
    #expect(largestDifference(result, [1.5, -4, 3, -8]) < 1e-6)
  }

  /// The sum, then batch normalisation, then the activation: with offsets of 0 half of a symmetric batch is cut off.
  @Test func aNormalisedLayerNormalisesBeforeItsActivation() throws {
    let layer = NormalizedDense("n", inputs: 1, outputs: 1, activation: .relu)
    let store = VariableStore(seed: 0)
    try store.set(layer.sum.kernel, to: HostTensor([10], shape: [1, 1]))
    let result = try run(layer, HostTensor([5, 6, 7, 8], shape: [4, 1]), mode: .training, store: store).doubles
    #expect(largestDifference(result, [0, 0, 1, 3].map { $0 / 5.0.squareRoot() }) < 1e-4)
  }

  @Test func aTransposedConvolutionUndoesTheShapeOfAStridedOne() throws {
    let down = Convolution("down", inputs: 3, outputs: 5, size: 4, stride: 2)
    let up = TransposedConvolution("up", inputs: 5, outputs: 3, size: 4, stride: 2)
    let image = HostTensor([Double](repeating: 1, count: 2 * 8 * 6 * 3), shape: [2, 8, 6, 3])
    let small = try run(down, image)
    #expect(small.shape == [2, 4, 3, 5])
    #expect(try run(up, small).shape == [2, 8, 6, 3])
  }

  @Test func batchNormalizationStandardizesInTrainingAndRemembers() throws {
    let layer = BatchNormalization("norm", features: 1, momentum: 0.75)
    let store = VariableStore(seed: 0)
    let batch = HostTensor([2, 4, 6, 8], shape: [4, 1])
    let result = try run(layer, batch, mode: .training, store: store).doubles
    #expect(largestDifference(result, [-3, -1, 1, 3].map { $0 / 5.0.squareRoot() }) < 1e-4)
    #expect(try store.value(of: layer.mean).doubles == [1.25])
    #expect(try store.value(of: layer.variance).doubles == [0.75 + 1.25])
    let inference = try run(layer, batch, store: store).doubles
    #expect(largestDifference(inference, [2, 4, 6, 8].map { ($0 - 1.25) / 2.0.squareRoot() }) < 1e-4)
  }

  @Test func layerAndGroupNormalizationStandardizeEachExample() throws {
    let values = (0..<32).map { Double($0 * $0 % 17) }
    let layer = try run(LayerNormalization("n", features: 8), HostTensor(values, shape: [4, 8])).doubles
    let group = try run(GroupNormalization("g", features: 4, groups: 2), HostTensor(values, shape: [2, 2, 2, 4]))
      .doubles
    for row in 0..<4 {
      let part = layer[(row * 8)..<(row * 8 + 8)]
      #expect(abs(part.reduce(0, +)) < 1e-4)
      #expect(abs(part.reduce(0) { $0 + $1 * $1 } / 8 - 1) < 1e-3)
    }
    // A group of an example is channels 0 and 1, or 2 and 3, of its four pixels.
    for first in [0, 2, 16, 18] {
      let part = [0, 1, 4, 5, 8, 9, 12, 13].map { group[first + $0] }
      #expect(abs(part.reduce(0, +)) < 1e-4)
      #expect(abs(part.reduce(0) { $0 + $1 * $1 } / 8 - 1) < 1e-3)
    }
  }

  /// What a layer has learned is applied to each feature after it is normalised.
  @Test func normalizationsScaleAndShiftEachFeature() throws {
    let values = (0..<32).map { Double($0 * $0 % 17) }
    let norms: [(any Layer, Variable, Variable)] = [
      { ($0, $0.scale, $0.offset) }(LayerNormalization("n", features: 4)),
      { ($0, $0.scale, $0.offset) }(GroupNormalization("n", features: 4, groups: 2)),
      { ($0, $0.scale, $0.offset) }(BatchNormalization("n", features: 4)),
    ]
    for (layer, scale, offset) in norms {
      for mode in [Mode.training, .inference] {
        let input = HostTensor(values, shape: [2, 2, 2, 4])
        let plain = try run(layer, input, mode: mode).doubles
        let store = VariableStore(seed: 0)
        try store.set(scale, to: HostTensor([1, 2, -3, 0.5], shape: [4]))
        try store.set(offset, to: HostTensor([0, 10, 20, -30], shape: [4]))
        let changed = try run(layer, input, mode: mode, store: store).doubles
        let expected = plain.enumerated().map { $1 * [1, 2, -3, 0.5][$0 % 4] + [0, 10, 20, -30][$0 % 4] }
        #expect(largestDifference(changed, expected) < 1e-5)
      }
    }
  }

  @Test func upsamplingRepeatsPixelsAndCuts() throws {
    let image = HostTensor([1, 2, 3, 4], shape: [1, 2, 2, 1])
    #expect(try run(Upsampling(), image).doubles == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    #expect(try run(Upsampling(outputSize: [3, 3]), image).doubles == [1, 1, 2, 1, 1, 2, 3, 3, 4])
  }

  @Test func aResidualAddsItsShortcutToItsLayers() throws {
    let image = HostTensor([1, -2], shape: [1, 2])
    #expect(try run(Residual([ActivationLayer(.relu)]), image).doubles == [2, -2])
    #expect(
      try run(Residual([ActivationLayer(.relu)], shortcut: ActivationLayer(.relu)), image).doubles == [2, 0])
  }

  /// Against the definition, position by position and head by head, in double precision.
  @Test(arguments: [1, 2]) func attentionIsTheWeightedMeanOfValues(_ heads: Int) throws {
    let layer = SelfAttention("attention", features: 4, heads: heads)
    let store = VariableStore(seed: 4)
    func values(_ variable: Variable) throws -> [Double] { try store.value(of: variable).doubles }
    let x = (0..<24).map { Double(($0 * 7) % 11) / 5 - 1 }
    func product(_ row: [Double], _ layer: Dense) throws -> [Double] {
      let (kernel, bias) = (try values(layer.kernel), try values(layer.bias))
      return bias.indices.map { column in
        row.indices.reduce(bias[column]) { $0 + row[$1] * kernel[$1 * bias.count + column] }
      }
    }
    var expected: [Double] = []
    for example in 0..<2 {
      let rows = try (0..<3).map { position in
        try product(Array(x[((example * 3 + position) * 4)..<((example * 3 + position + 1) * 4)]), layer.inputs)
      }
      for query in rows {
        var attended = [Double](repeating: 0, count: 4)
        for head in 0..<heads {
          let columns = (head * 4 / heads)..<((head + 1) * 4 / heads)
          let scores = rows.map { row in
            exp(columns.reduce(0) { $0 + query[$1] * row[4 + $1] } / Double(columns.count).squareRoot())
          }
          for column in columns {
            attended[column] =
              zip(scores, rows).reduce(0) { $0 + $1.0 * $1.1[8 + column] } / scores.reduce(0, +)
          }
        }
        expected += try product(attended, layer.output)
      }
    }
    let result = try run(layer, HostTensor(x, shape: [2, 3, 4]), store: store)
    #expect(largestDifference(result.doubles, expected) < 1e-5)
    let image = try run(layer, HostTensor(x, shape: [2, 1, 3, 4]), store: store)
    #expect(image.shape == [2, 1, 3, 4] && image.doubles == result.doubles)
  }

  @Test func dropoutKeepsTheExpectationAndPassesThroughInInference() throws {
    let ones = HostTensor([Double](repeating: 1, count: 10_000), shape: [10_000])
    let dropped = try run(Dropout(rate: 0.25), ones, mode: .training).doubles
    #expect(abs(Double(dropped.filter { $0 == 0 }.count) - 2500) < 150)
    #expect(Set(dropped).count == 2)
    #expect(abs(dropped.reduce(0, +) / 10_000 - 1) < 0.03)
    #expect(try run(Dropout(rate: 0.25), ones) == ones)
  }

  @Test(arguments: Activation.allCases)
  func activationsAreTheirDefinitions(_ activation: Activation) throws {
    let graph = Graph()
    let x = graph.input("x", shape: [3])
    let executable = try ReferenceBackend().compile(
      Program(graph: graph, outputs: [activation(x)]), state: VariableStore(seed: 0))
    let values = try executable.run([HostTensor([-1, 0, 2], shape: [3])])[0].doubles
    let expected: [Double] =
      switch activation {
      case .identity: [-1, 0, 2]
      case .tanh: [-0.76159416, 0, 0.96402758]
      case .relu: [0, 0, 2]
      case .leakyRelu: [-0.01, 0, 2]
      case .elu: [-0.63212056, 0, 2]
      case .gelu: [-0.15865525, 0, 1.95449974]
      case .silu: [-0.26894142, 0, 1.76159416]
      case .logistic: [0.26894142, 0.5, 0.88079708]
      case .softplus: [0.31326169, 0.69314718, 2.12692801]
      }
    #expect(largestDifference(values, expected) < 1e-6)
  }
}
