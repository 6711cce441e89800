import Latent
import TestSupport
import Testing

/// What holds for the text of every program.
struct ModuleLawTests {
  @Test(arguments: ComplianceCase.elementwise + ComplianceCase.structure)
  func everyValueIsDefinedOnceBeforeItsUseAndUsedWithItsType(_ instance: ComplianceCase) {
    for gradients in instance.hasGradient ? [false, true] : [false] {
      for type in [ElementType.float32, .bfloat16, .float64] {
        let module = StableHLOModule(instance.program(type, gradients: gradients))
        let checker = TextChecker(module.text)
        #expect(checker.problems.isEmpty)
        #expect(checker.functions.contains("main"))
      }
    }
  }

  @Test func theCheckerSeesWhatItIsThereToSee() {
    let head = "  func.func public @main(%arg0: tensor<2xf32>) -> tensor<2xf32> {\n"
    let problems = { (body: String) in TextChecker(head + body).problems }
    #expect(problems("    %0 = stablehlo.abs %arg0 : tensor<2xf32>\n    return %0 : tensor<2xf32>").isEmpty)
    #expect(!problems("    %0 = stablehlo.abs %1 : tensor<2xf32>").isEmpty)
    #expect(!problems("    %0 = stablehlo.abs %arg0 : tensor<3xf32>").isEmpty)
    #expect(!problems("    %arg0 = stablehlo.iota dim = 0 : tensor<2xf32>").isEmpty)
    #expect(!problems("    %0 = func.call @absent(%arg0) : (tensor<2xf32>) -> tensor<2xf32>").isEmpty)
  }

  @Test func nothingButTheProgramIsWritten() {
    let graph = Graph()
    let x = graph.input("x", shape: [2])
    _ = graph.random(.normal, shape: [2]) + x.exp()
    let module = StableHLOModule(Program(graph: graph, outputs: [-x]))
    #expect(
      module.text == """
        module @latent {
          func.func public @main(%arg0: tensor<2xf32>) -> tensor<2xf32> {
            %0 = stablehlo.negate %arg0 : tensor<2xf32>
            return %0 : tensor<2xf32>
          }
        }

        """)
  }

  @Test func theSameProgramGivesTheSameText() {
    for instance in ComplianceCase.structure.suffix(12) {
      let texts = (0..<2).map { _ in StableHLOModule(instance.program(.float32, gradients: false)).text }
      #expect(texts[0] == texts[1])
    }
  }

  @Test func aResultWithoutElementsIsAConstant() {
    let graph = Graph()
    let indices = graph.input("indices", shape: [0], type: .int32)
    let gathered = graph.input("x", shape: [3, 2]).gather(indices)
    let module = StableHLOModule(Program(graph: graph, outputs: [gathered]))
    #expect(module.text.contains("= stablehlo.constant dense<> : tensor<0x2xf32>"))
  }

  @Test func aProgramWithoutResultsReturnsNothing() {
    let text = StableHLOModule(Program(graph: Graph(), outputs: [])).text
    #expect(text.contains("func.func public @main() {\n    return\n  }"))
  }
}
