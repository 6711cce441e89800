import Latent
import Testing

@Suite struct GraphTests {
  let graph = Graph()

  @Test func equalNodesAreOneNode() {
    let x = graph.input("x", shape: [3])
    #expect(x.exp() == x.exp())
    #expect((x + 1).tanh() == (x + 1).tanh())
    #expect(x.exp() != x.log())
  }

  @Test func randomNodesAreNeverEqual() {
    #expect(graph.random(.normal, shape: [3]) != graph.random(.normal, shape: [3]))
  }

  @Test func neutralElementsVanish() {
    let x = graph.input("x", shape: [3])
    #expect(x * 1 == x)
    #expect(x + 0 == x)
    #expect(x - 0 == x)
    #expect(x / 1 == x)
    #expect(-(-x) == x)
    #expect(x.power(1) == x)
  }

  @Test func constantsOfConstantsAreComputedWhenTheyAreMade() {
    let sum = graph.constant(2) * 3 + 4
    #expect(sum == graph.constant(10))
    let row = graph.constant(2).broadcast(to: [4, 5]).reshape([20])
    #expect(row.node.operation == .constant([2]))
  }

  @Test func viewsOfViewsAreOneView() {
    let x = graph.input("x", shape: [2, 3, 4])
    #expect(x.reshape([6, 4]).reshape([24]) == x.reshape([24]))
    #expect(x.transpose([1, 2, 0]).transpose([2, 0, 1]) == x)
    #expect(x.reshape([24]).reshape([2, 3, 4]) == x)
  }

  @Test func inputsAreThoseThatAreUsed() {
    let x = graph.input("x", shape: [3])
    _ = graph.input("unused", shape: [3])
    let program = Program(graph: graph, outputs: [x * 2])
    #expect(program.inputs == [x])
    #expect(!program.isRandom)
    #expect(Program(graph: graph, outputs: [graph.random(.bits, shape: [2])]).isRandom)
  }

  @Test func substitutesAreReadInPlaceOfVariables() {
    let (weight, average) = (Variable("w", shape: [2]), Variable("average", shape: [2]))
    let graph = Graph(substituting: [weight: average])
    #expect(graph.read(weight).node.operation == .variable(average))
  }

  @Test func tensorsAreReadInPlaceOfVariablesInsideABody() {
    let (weight, bias) = (Variable("w", shape: [2]), Variable("b", shape: [2]))
    let own = graph.read(weight)
    let noisy = own + graph.random(.normal, shape: [2])
    graph.substituting([weight: noisy]) {
      #expect(graph.read(weight) == noisy)
      #expect(graph.read(bias).node.operation == .variable(bias))
      graph.substituting([bias: noisy]) { #expect(graph.read(bias) == noisy && graph.read(weight) == noisy) }
      graph.substituting([weight: own * 2]) { #expect(graph.read(weight) == own * 2) }
      #expect(graph.read(weight) == noisy)
    }
    #expect(graph.read(weight) == own)
    // The gradient goes through the substitute to what it is made of.
    let square = graph.substituting([weight: own * 3]) { graph.read(weight).squared().sum() }
    let slope = gradient(of: square, withRespectTo: [own])[0]
    #expect(slope != graph.constant([0], shape: [2]))
  }

  @Test(arguments: [
    (ConvolutionWindow(inputSize: [28, 28], kernelSize: [3, 3]), [26, 26]),
    (
      ConvolutionWindow(
        inputSize: [5, 7], kernelSize: [3, 2], strides: [2, 3], paddingLow: [1, 0], paddingHigh: [1, 1]), [3, 3]
    ),
    (ConvolutionWindow(inputSize: [7, 7], kernelSize: [3, 3], dilations: [2, 3]), [3, 1]),
    (ConvolutionWindow(inputSize: [2, 2], kernelSize: [3, 3]), [0, 0]),
  ])
  func outputSizesOfConvolutions(_ window: ConvolutionWindow, _ expected: [Int]) {
    #expect(window.outputSize == expected)
  }

  @Test(arguments: [(28, 4, 2), (7, 3, 2), (5, 3, 1), (9, 2, 4)])
  func samePaddingDividesBySteps(_ input: Int, _ kernel: Int, _ stride: Int) {
    let amounts = Padding.same.amounts(input: input, kernel: kernel, stride: stride, dilation: 1)
    let window = ConvolutionWindow(
      inputSize: [input, 1], kernelSize: [kernel, 1], strides: [stride, 1], paddingLow: [amounts.low, 0],
      paddingHigh: [amounts.high, 0])
    #expect(window.outputSize[0] == (input + stride - 1) / stride)
  }
}
