import Latent
import Testing

struct ConvolutionTextTests {
  private func text(
    _ direction: ConvolutionDirection, _ window: ConvolutionWindow, _ first: Shape, _ second: Shape,
    precision: MatrixPrecision = .highest
  ) -> String {
    let graph = Graph()
    let result = graph.input("first", shape: first).convolution(direction, graph.input("second", shape: second), window)
    return StableHLOModule(Program(graph: graph, outputs: [result]), precision: precision).text
  }

  private let strided = ConvolutionWindow(
    inputSize: [7, 8], kernelSize: [3, 2], strides: [2, 1], paddingLow: [1, 0], paddingHigh: [0, 2], dilations: [1, 2])
  private let grouped = ConvolutionWindow(inputSize: [4, 4], kernelSize: [3, 3], groups: 2)

  @Test func theForwardDirectionIsTheWindowItself() {
    let text = text(.forward, strided, [5, 7, 8, 3], [3, 2, 3, 4])
    #expect(
      text.contains(
        "stablehlo.convolution(%arg0, %arg1) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 1], "
          + "pad = [[1, 0], [0, 2]], lhs_dilate = [1, 1], rhs_dilate = [1, 2]} {batch_group_count = 1 : i64, "
          + "feature_group_count = 1 : i64, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]}"
          + " : (tensor<5x7x8x3xf32>, tensor<3x2x3x4xf32>) -> tensor<5x3x8x4xf32>"))
  }

  @Test func theInputGradientSlidesTheReversedKernelOverTheDilatedOutput() {
    let text = text(.inputGradient, strided, [5, 3, 8, 4], [3, 2, 3, 4])
    #expect(text.contains("%0 = stablehlo.reverse %arg1, dims = [0, 1] : tensor<3x2x3x4xf32>"))
    #expect(
      text.contains(
        "stablehlo.convolution(%arg0, %0) dim_numbers = [b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f], window = {stride = [1, 1], "
          + "pad = [[1, 3], [2, 0]], lhs_dilate = [2, 1], rhs_dilate = [1, 2]}"))
    #expect(text.contains("-> tensor<5x7x8x3xf32>"))
  }

  @Test func theKernelGradientSumsOverTheBatch() {
    let text = text(.kernelGradient, strided, [5, 7, 8, 3], [5, 3, 8, 4])
    #expect(
      text.contains(
        "stablehlo.convolution(%arg0, %arg1) dim_numbers = [f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f], window = {stride = [1, 2], "
          + "pad = [[1, -1], [0, 2]], lhs_dilate = [1, 1], rhs_dilate = [2, 1]}"))
    #expect(text.contains("-> tensor<3x2x3x4xf32>"))
  }

  @Test func groupsAreOfFeaturesInTheForwardDirectionAndInTheInputGradient() {
    let groups = "{batch_group_count = 1 : i64, feature_group_count = 2 : i64, "
    #expect(text(.forward, grouped, [5, 4, 4, 6], [3, 3, 3, 8]).contains(groups))
    let gradient = text(.inputGradient, grouped, [5, 2, 2, 8], [3, 3, 3, 8])
    #expect(gradient.contains(groups))
    #expect(gradient.contains("stablehlo.reshape %0 : (tensor<3x3x3x8xf32>) -> tensor<3x3x3x2x4xf32>"))
    #expect(gradient.contains("(tensor<3x3x2x3x4xf32>) -> tensor<3x3x6x4xf32>"))
  }

  @Test func groupsAreOfTheBatchInTheKernelGradient() {
    let text = text(.kernelGradient, grouped, [5, 4, 4, 6], [5, 2, 2, 8])
    #expect(text.contains("{batch_group_count = 2 : i64, feature_group_count = 1 : i64, "))
    #expect(text.contains("-> tensor<3x3x3x8xf32>"))
  }

  @Test func aSumOverNothingIsZero() {
    let text = text(.kernelGradient, grouped, [0, 4, 4, 6], [0, 2, 2, 8])
    #expect(text.contains("%0 = stablehlo.constant dense<0.0> : tensor<3x3x3x8xf32>\n    return %0"))
  }

  @Test(arguments: zip(MatrixPrecision.allCases, ["DEFAULT", "HIGH", "HIGHEST"]))
  func thePrecisionIsTheOneAskedFor(_ precision: MatrixPrecision, _ name: String) {
    let text = text(.forward, grouped, [5, 4, 4, 6], [3, 3, 3, 8], precision: precision)
    #expect(text.contains("precision_config = [#stablehlo<precision \(name)>, #stablehlo<precision \(name)>]"))
  }
}
