import Latent
import Testing

struct RandomTextTests {
  private func module(_ build: (Graph) -> [Tensor]) -> StableHLOModule {
    let graph = Graph()
    return StableHLOModule(Program(graph: graph, outputs: build(graph)))
  }

  @Test func theRandomStateIsAnArgumentAfterTheInputs() {
    let bias = Variable("bias", shape: [3])
    let module = module { graph in
      [graph.random(.normal, shape: [2, 3]) + graph.read(bias) + graph.input("x", shape: [2, 3])]
    }
    #expect(module.arguments.map(\.source) == [.input(0), .randomState, .variable(bias)])
    #expect(module.text.contains("@main(%arg0: tensor<2x3xf32>, %arg1: tensor<4xi32>, %arg2: tensor<3xf32>)"))
  }

  @Test func drawsOfOneKindShareAFunctionAndDifferInTheirStream() {
    let text = module { graph in (0..<3).map { _ in graph.random(.normal, shape: [2, 3]) } }.text
    #expect(text.matches(of: /func.func private @random_normal_2x3xf32\(/).count == 1)
    #expect(text.matches(of: /func.call @random_normal_2x3xf32\(/).count == 3)
    let streams = text.matches(of: /dense<([0-9]+)> : tensor<ui32>/).prefix(3).map { $0.output.1 }
    #expect(Set(streams).count == 3)
  }

  @Test func aBlockServesFourElements() {
    let text = module { [$0.random(.uniform, shape: [7, 9]), $0.random(.bits, shape: [64])] }.text
    #expect(text.matches(of: /func.func private @philox4x32_16\(/).count == 1)
    #expect(text.matches(of: /func.call @philox4x32_16\(/).count == 2)
    #expect(text.contains("[0:63] : (tensor<64xui32>) -> tensor<63xui32>"))
  }

  @Test func thePhiloxFunctionHasTenRoundsOfTwoWideProducts() {
    let whole = module { [$0.random(.bits, shape: [8])] }.text
    let text = whole.after("func.func private @philox4x32_2(").before("  }\n")
    #expect(text.matches(of: /stablehlo.multiply .* : tensor<2xui64>/).count == 20)
    #expect(text.matches(of: /stablehlo.xor/).count == 40)
    #expect(text.matches(of: /stablehlo.add .* : tensor<ui32>/).count == 18)
    for constant in [0xD251_1F53, 0xCD9E_8D57, 0x9E37_79B9, 0xBB67_AE85] as [UInt32] {
      #expect(text.contains("dense<\(constant)>"))
    }
  }

  @Test func normalsComeInPairsOfCosineAndSine() {
    let text = module { [$0.random(.normal, shape: [8], type: .float64)] }.text
    #expect(text.matches(of: /stablehlo.cosine/).count == 2)
    #expect(text.matches(of: /stablehlo.sine/).count == 2)
    #expect(text.contains("dense<6.283185307179586> : tensor<2xf64>"))
  }

  @Test func bfloat16IsDrawnAsFloat32() {
    let text = module { [$0.random(.uniform, shape: [5], type: .bfloat16)] }.text
    #expect(text.contains("stablehlo.convert %1 : (tensor<5xf32>) -> tensor<5xbf16>"))
  }
}
