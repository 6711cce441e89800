import Latent

extension ComplianceCase {
  /// Every element-wise operation, over ordinary, odd, single, and empty shapes.
  public static let elementwise: [ComplianceCase] =
    unaryCases + binaryCases + comparisonCases + conversionCases + derivedCases

  private static let unaryCases: [ComplianceCase] = {
    typealias Function = @Sendable (Tensor) -> Tensor
    let smooth: [(String, Values, Function)] = [
      ("negate", .ordinary, { -$0 }), ("abs", .ordinary, { $0.absoluteValue() }),
      ("squareRoot", .positive, { $0.squareRoot() }),
      ("reciprocalSquareRoot", .positive, { $0.reciprocalSquareRoot() }), ("exp", .ordinary, { $0.exp() }),
      ("expm1", .ordinary, { $0.expm1() }), ("log", .positive, { $0.log() }), ("log1p", .unit, { $0.log1p() }),
      ("tanh", .ordinary, { $0.tanh() }), ("logistic", .ordinary, { $0.logistic() }), ("erf", .ordinary, { $0.erf() }),
      ("sine", .ordinary, { $0.sine() }), ("cosine", .ordinary, { $0.cosine() }),
    ]
    let steps: [(String, Values, Function)] = [
      ("sign", .ordinary, { $0.sign() }), ("floor", .ordinary, { $0.floor() }), ("ceil", .ordinary, { $0.ceil() }),
      ("round", .ordinary, { $0.round() }),
    ]
    let shapes: [[Int]] = [[3, 5], [1], [0, 4], [2, 3, 7], [1500], []]
    let all = smooth.map { ($0, true) } + steps.map { ($0, false) }
    return all.flatMap { entry, isSmooth in
      shapes.map { shape in
        ComplianceCase(
          "\(entry.0) \(shape)", [.init(shape: Shape(shape), type: .float32, values: entry.1)],
          gradient: isSmooth && shape != [1500]
        ) { entry.2($0[0]) }
      }
    } + [
      ComplianceCase("isFinite of infinities", [real(4, 3)], gradient: false) { ($0[0] / ($0[0] - $0[0])).isFinite() },
      ComplianceCase("not of bool", [truth(5, 3)], gradient: false) { !$0[0] },
      ComplianceCase("not of int32", [integer(5, 3)], gradient: false) { !$0[0] },
      ComplianceCase("negate int32", [integer(5, 3)], gradient: false) { -$0[0] },
      ComplianceCase("abs of int32", [integer(7)], gradient: false) { $0[0].absoluteValue() },
      ComplianceCase("sign of int32", [integer(7)], gradient: false) { $0[0].sign() },
    ]
  }()

  private static let binaryCases: [ComplianceCase] = {
    typealias Function = @Sendable (Tensor, Tensor) -> Tensor
    let operations: [(String, Values, Values, Function)] = [
      ("add", .ordinary, .ordinary, { $0 + $1 }), ("subtract", .ordinary, .ordinary, { $0 - $1 }),
      ("multiply", .ordinary, .ordinary, { $0 * $1 }), ("divide", .ordinary, .positive, { $0 / $1 }),
      ("maximum", .ordinary, .ordinary, { $0.maximum($1) }), ("minimum", .ordinary, .ordinary, { $0.minimum($1) }),
      ("power", .positive, .ordinary, { $0.power($1) }), ("arctangent2", .ordinary, .ordinary, { $0.arctangent2($1) }),
      ("remainder", .ordinary, .positive, { $0.remainder($1) }),
    ]
    let pairs: [([Int], [Int])] = [
      ([3, 5], [3, 5]), ([3, 5], [5]), ([3, 1], [1, 5]), ([2, 3, 4], [3, 1]), ([], [4]), ([0, 3], [3]), ([1], [1]),
      ([40, 33], [33]), ([7, 1100], [7, 1]),
    ]
    return operations.flatMap { operation in
      pairs.map { pair in
        ComplianceCase(
          "\(operation.0) \(pair.0) \(pair.1)",
          [
            .init(shape: Shape(pair.0), type: .float32, values: operation.1),
            .init(shape: Shape(pair.1), type: .float32, values: operation.2),
          ], gradient: pair.0.reduce(1, *) < 100
        ) { operation.3($0[0], $0[1]) }
      }
    } + [
      ComplianceCase("arithmetic of int32", [integer(6, 5), integer(6, 5)], gradient: false) {
        ($0[0] + $0[1]) * $0[0] - $0[1] / $0[0] + $0[0].remainder($0[1])
      },
      ComplianceCase("int32 wraps around", [integer(9)], gradient: false) { $0[0] * 2e9 * 3 },
      ComplianceCase("extrema of int32", [integer(9), integer(9)], gradient: false) {
        $0[0].maximum($0[1]) - $0[0].minimum($0[1])
      },
      ComplianceCase("bits of int32", [integer(9), integer(9)], gradient: false) {
        ($0[0] & $0[1]) + ($0[0] | $0[1]) - ($0[0] ^ $0[1])
      },
      ComplianceCase("logic of bool", [truth(9), truth(9)], gradient: false) { ($0[0] & $0[1]) | ($0[0] ^ !$0[1]) },
    ]
  }()

  private static let comparisonCases: [ComplianceCase] =
    Comparison.allCases.flatMap { comparison in
      [
        ComplianceCase(
          "\(comparison) float32", [integer(4, 9, range: 0...3), integer(9, range: 0...3)], gradient: false
        ) {
          $0[0].converted(to: .float32).compare(comparison, $0[1].converted(to: .float32))
        },
        ComplianceCase("\(comparison) int32", [integer(31, range: 0...3), integer(31, range: 0...3)], gradient: false) {
          $0[0].compare(comparison, $0[1])
        },
        ComplianceCase("\(comparison) bool", [truth(31), truth(31)], gradient: false) {
          $0[0].compare(comparison, $0[1])
        },
      ]
    } + [
      ComplianceCase("select", [truth(4, 5), real(4, 5), real(5)]) { $0[0].select($0[1], $0[2]) },
      ComplianceCase("select by one bool", [truth(), real(4, 5), real()]) { $0[0].select($0[1], $0[2]) },
      ComplianceCase("select of int32", [truth(7), integer(7), integer(7)], gradient: false) {
        $0[0].select($0[1], $0[2])
      },
      ComplianceCase("clamp", [real(5, 7)]) { $0[0].clamped(-0.5, 0.75) },
    ]

  private static let conversionCases: [ComplianceCase] = [
    ComplianceCase("float32 to int32", [real(4, 7)], gradient: false) { ($0[0] * 3).converted(to: .int32) },
    ComplianceCase("huge float32 to int32", [real(9)], gradient: false) { ($0[0] * 1e15).converted(to: .int32) },
    ComplianceCase("int32 to float32", [integer(4, 7)], gradient: false) { $0[0].converted(to: .float32) },
    ComplianceCase("float32 to bool", [integer(15, range: -1...1)], gradient: false) {
      $0[0].converted(to: .float32).converted(to: .bool)
    },
    ComplianceCase("int32 to bool", [integer(15, range: -1...1)], gradient: false) { $0[0].converted(to: .bool) },
    ComplianceCase("bool to float32", [truth(15)], gradient: false) { $0[0].converted(to: .float32) },
    ComplianceCase("bool to int32", [truth(15)], gradient: false) { $0[0].converted(to: .int32) },
    ComplianceCase("through bfloat16", [real(4, 7)], gradient: false) {
      $0[0].converted(to: .bfloat16).converted(to: .float32)
    },
    ComplianceCase("arithmetic in bfloat16", [real(4, 7), real(4, 7)], gradient: false) {
      ($0[0].converted(to: .bfloat16) * $0[1].converted(to: .bfloat16)).converted(to: .float32)
    },
    ComplianceCase("stopGradient", [real(4)]) { $0[0] * 2 + ($0[0] - $0[0]).stopGradient() },
  ]

  private static let derivedCases: [ComplianceCase] = [
    ComplianceCase("tangent", [real(3, 5, values: .unit)]) { $0[0].tangent() },
    ComplianceCase("arctangent", [real(3, 5)]) { $0[0].arctangent() },
    ComplianceCase("arcsine", [real(3, 5, values: .unit)]) { $0[0].arcsine() },
    ComplianceCase("arccosine", [real(3, 5, values: .unit)]) { $0[0].arccosine() },
    ComplianceCase("sinh", [real(3, 5)]) { $0[0].sinh() },
    ComplianceCase("cosh", [real(3, 5)]) { $0[0].cosh() },
    ComplianceCase("arsinh", [real(3, 5)]) { $0[0].arsinh() },
    ComplianceCase("arcosh", [real(3, 5, values: .positive)]) { ($0[0] + 1).arcosh() },
    ComplianceCase("artanh", [real(3, 5, values: .unit)]) { $0[0].artanh() },
    ComplianceCase("digamma", [real(3, 5, values: .positive)]) { ($0[0] * 3).digamma() },
    ComplianceCase("trigamma", [real(3, 5, values: .positive)]) { ($0[0] * 3).trigamma() },
    ComplianceCase("softplus", [real(3, 5)]) { ($0[0] * 20).softplus() },
    ComplianceCase("logLogistic", [real(3, 5)]) { ($0[0] * 20).logLogistic() },
    ComplianceCase("relu", [real(3, 5)]) { $0[0].relu() },
    ComplianceCase("leakyRelu", [real(3, 5)]) { $0[0].leakyRelu() },
    ComplianceCase("elu", [real(3, 5)]) { $0[0].elu() },
    ComplianceCase("gelu", [real(3, 5)]) { $0[0].gelu() },
    ComplianceCase("silu", [real(3, 5)]) { $0[0].silu() },
    ComplianceCase("softmax", [real(3, 5)]) { $0[0].softmax() },
    ComplianceCase("softmax along the first dimension", [real(3, 5)]) { $0[0].softmax(0) },
    ComplianceCase("logSoftmax of large logits", [real(3, 5)]) { ($0[0] * 60).logSoftmax() },
    ComplianceCase("logSumExp", [real(3, 5, 2)]) { $0[0].logSumExp([0, 2]) },
    ComplianceCase("binary cross-entropy", [real(3, 5), real(3, 5, values: .unit)]) {
      $0[0].binaryCrossEntropy(targets: $0[1].absoluteValue())
    },
    ComplianceCase("categorical cross-entropy", [real(6, 5), integer(6, range: 0...4)]) {
      $0[0].categoricalCrossEntropy(targets: $0[1])
    },
    ComplianceCase("layer normalisation", [real(3, 5), real(5), real(5)]) {
      $0[0].layerNormalized(scale: $0[1], offset: $0[2])
    },
    ComplianceCase("group normalisation", [real(2, 3, 2, 4), real(4), real(4)]) {
      $0[0].groupNormalized(groups: 2, scale: $0[1], offset: $0[2])
    },
    ComplianceCase("batch normalisation", [real(6, 4), real(4), real(4)]) {
      $0[0].batchNormalized(
        mean: $0[0].mean([0]), variance: $0[0].variance([0]), scale: $0[1], offset: $0[2])
    },
    ComplianceCase("max pooling", [real(2, 6, 4, 3)]) { $0[0].maxPooled(size: 2) },
    ComplianceCase("max pooling with overlap and padding", [real(1, 5, 5, 2)]) {
      $0[0].maxPooled(size: 3, stride: 2, padding: .explicit(1))
    },
    ComplianceCase("average pooling", [real(2, 6, 4, 3)]) { $0[0].averagePooled(size: 2) },
    ComplianceCase("nearest upsampling", [real(2, 3, 2, 3)]) { $0[0].upsampledNearest(2) },
  ]
}
