import Latent
import Testing

/// One operation and what its text must contain.
struct TextCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var expected: [String]
  var build: @Sendable (Graph) -> Tensor

  init(_ name: String, _ expected: String..., build: @escaping @Sendable (Graph) -> Tensor) {
    testDescription = name
    self.expected = expected
    self.build = build
  }

  var text: String {
    let graph = Graph()
    return StableHLOModule(Program(graph: graph, outputs: [build(graph)])).text
  }
}

struct OperationTextTests {
  @Test(arguments: movement + indexing + reduction + ordered + rules + products)
  func theTextOfAnOperationIs(_ instance: TextCase) {
    for snippet in instance.expected { #expect(instance.text.contains(snippet)) }
  }

  @Test(arguments: UnaryOperation.allCases)
  func everyUnaryOperationHasItsName(_ operation: UnaryOperation) {
    let names: [UnaryOperation: String] = [
      .negate: "negate", .abs: "abs", .sign: "sign", .floor: "floor", .ceil: "ceil",
      .roundNearestEven: "round_nearest_even", .squareRoot: "sqrt", .reciprocalSquareRoot: "rsqrt",
      .exponential: "exponential", .exponentialMinusOne: "exponential_minus_one", .logarithm: "log",
      .logarithmPlusOne: "log_plus_one", .tanh: "tanh", .logistic: "logistic", .sine: "sine", .cosine: "cosine",
      .not: "not",
    ]
    let type: ElementType = operation == .not ? .bool : .float32
    let instance = TextCase(operation.rawValue) { graph in
      let x = graph.input("x", shape: [2, 3], type: type)
      return graph.add(.unary(operation), [x], shape: x.shape, type: operation == .isFinite ? .bool : type)
    }
    let expected =
      switch operation {
      case .erf: "%0 = func.call @erf_2x3xf32(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>"
      case .softplus: "stablehlo.log_plus_one %3 : tensor<2x3xf32>"
      case .isFinite: "%0 = stablehlo.is_finite %arg0 : (tensor<2x3xf32>) -> tensor<2x3xi1>"
      case .not: "%0 = stablehlo.not %arg0 : tensor<2x3xi1>"
      default: "%0 = stablehlo.\(names[operation] ?? "?") %arg0 : tensor<2x3xf32>"
      }
    #expect(instance.text.contains(expected + "\n"))
  }

  @Test(arguments: BinaryOperation.allCases, ElementType.allCases)
  func everyBinaryOperationHasItsName(_ operation: BinaryOperation, _ type: ElementType) {
    guard operation.isDefined(for: type) else { return }
    let text = TextCase(operation.rawValue) { graph in
      let operands = ["x", "y"].map { graph.input($0, shape: [4], type: type) }
      return graph.add(.binary(operation), operands, shape: [4], type: type)
    }.text
    // int32 is divided by a divisor that is neither 0 nor -1.
    let isGuarded = type == .int32 && (operation == .divide || operation == .remainder)
    #expect(text.contains("stablehlo.\(operation.rawValue) %arg0, \(isGuarded ? "%6" : "%arg1") : "))
  }

  @Test(arguments: zip(Comparison.allCases, ["EQ", "NE", "LT", "LE", "GT", "GE"]))
  func everyComparisonHasItsDirection(_ comparison: Comparison, _ direction: String) {
    for (type, kind) in [(ElementType.float32, "FLOAT"), (.int32, "SIGNED"), (.bool, "UNSIGNED")] {
      let text = TextCase(direction) { graph in
        graph.input("x", shape: [4], type: type).compare(comparison, graph.input("y", shape: [4], type: type))
      }.text
      #expect(text.contains("stablehlo.compare \(direction), %arg0, %arg1, \(kind) : "))
    }
  }

  @Test func conversionsToInt32AreConfined() {
    let text = TextCase("convert") { $0.input("x", shape: [3]).converted(to: .int32) }.text
    #expect(text.contains("%0 = stablehlo.convert %arg0 : (tensor<3xf32>) -> tensor<3xi32>"))
    #expect(text.contains("dense<2147483647> : tensor<3xi32>") && text.contains("dense<-2147483648> : tensor<3xi32>"))
    #expect(text.contains("stablehlo.compare EQ, %arg0, %arg0, FLOAT"))
  }

  @Test func conversionsToBoolAskForWhatIsNotZero() {
    let text = TextCase("convert") { $0.input("x", shape: [3]).converted(to: .bool) }.text
    #expect(
      text.contains("%1 = stablehlo.compare NE, %arg0, %0, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>"))
  }

  @Test func stopGradientLeavesNoTrace() {
    let text = TextCase("stopGradient") { $0.input("x", shape: [3]).stopGradient() }.text
    #expect(text.contains("{\n    return %arg0 : tensor<3xf32>\n"))
  }
}
