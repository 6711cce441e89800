import Latent
import TestSupport
import Testing

/// A whole step: forward pass, gradients, update.
struct TrainingStepTextTests {
  private let kernel = Variable("kernel", shape: [6, 5])
  private let slot = Variable("slot", shape: [6, 5])
  private let frozen = Variable("frozen", shape: [5])
  private let count = Variable("count", shape: [], type: .int32, isTrainable: false)
  private let last = Variable("last", shape: [8, 5], isTrainable: false)

  private var program: Program {
    let graph = Graph()
    let x = graph.input("x", shape: [8, 6])
    let weights = graph.read(kernel)
    let noise = graph.random(.normal, shape: [8, 5])
    let y = (x.dot(weights) + graph.read(frozen)).tanh() + noise * 0.1
    let loss = y.squared().sum([1]).mean()
    let slope = gradient(of: loss, withRespectTo: [weights])[0]
    let average = graph.read(slot) * 0.9 + slope * slope * 0.1
    graph.update(count, to: graph.read(count) + graph.constant(1, .int32))
    graph.update(kernel, to: weights - slope / (average.squareRoot() + 1e-8) * 0.01)
    graph.update(slot, to: average)
    graph.update(last, to: y)
    return Program(graph: graph, outputs: [loss])
  }

  @Test func argumentsAreInputsThenStateThenVariables() {
    let program = program
    let module = StableHLOModule(program)
    #expect(module.arguments.map(\.source) == [.input(0), .randomState] + program.variables.map { .variable($0) })
    #expect(module.arguments.map(\.shape).prefix(2) == [[8, 6], [4]])
    #expect(module.arguments.map(\.type).prefix(2) == [.float32, .int32])
  }

  @Test func resultsAreOutputsThenAssignments() {
    let module = StableHLOModule(program)
    #expect(
      module.results.map(\.destination) == [
        .output(0), .variable(count), .variable(kernel), .variable(slot), .variable(last),
      ])
    #expect(
      module.text.contains(
        "-> (tensor<f32>, tensor<i32>, tensor<6x5xf32>, tensor<6x5xf32>, tensor<8x5xf32>) {\n"))
  }

  @Test func assignedVariablesAreDonatedToTheirNewValuesAndOthersAreNot() {
    let module = StableHLOModule(program)
    let donated = module.arguments.map(\.aliasedResult)
    for (argument, result) in zip(module.arguments, donated) {
      switch argument.source {
      case .input, .randomState, .variable(frozen): #expect(result == nil)
      case .variable(let variable):
        let place = module.results.firstIndex { $0.destination == .variable(variable) }
        #expect(result == place && result != nil)
      }
    }
    for (place, argument) in module.arguments.enumerated() {
      let alias = argument.aliasedResult.map { " {tf.aliasing_output = \($0) : i32}" } ?? ""
      let type = argument.shape.dimensions.map { "\($0)x" }.joined() + (argument.type == .int32 ? "i32" : "f32")
      #expect(module.text.contains("%arg\(place): tensor<\(type)>\(alias)\(place + 1 < donated.count ? "," : ")")"))
    }
  }

  @Test func theTextIsWellFormed() {
    let checker = TextChecker(StableHLOModule(program).text)
    #expect(checker.problems.isEmpty)
    #expect(checker.functions == ["main", "philox4x32_10", "random_normal_8x5xf32"])
  }
}
