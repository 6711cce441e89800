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
    #expect(1 * x == x)
    #expect(0 + x == x)
  }

  @Test func whatIsNotNeutralStays() {
    let x = graph.input("x", shape: [3])
    let all = [1 - x, 0 - x, 1 / x, x * 0, x - 1, x + 1, x / 0, x.power(0), x.exp().power(2), x.power(0.5)]
    #expect(all.allSatisfy { $0 != x })
    #expect(Set(all.map(\.index)).count == all.count)
    #expect(x.power(2) == x * x)
    #expect(x.power(0.5) == x.squareRoot())
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

  @Test func tensorsAreReadInPlaceOfVariablesInsideABody() throws {
    let weight = Variable("w", shape: [2], initializer: .values([0.5, -3]))
    let bias = Variable("b", shape: [2])
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
    let program = Program(graph: graph, outputs: [slope, own])
    let values = try ReferenceBackend().compile(program, state: VariableStore(seed: 0)).run([]).map(\.doubles)
    // Of the squares of 3 w: 18 w.
    #expect(values[0] == values[1].map { 18 * $0 })
    #expect(values[1].allSatisfy { $0 != 0 })
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
