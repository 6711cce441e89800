import Latent

extension ComplianceCase {
  /// Reductions, products, convolutions, movement, indexing, random numbers, loops, and attention.
  public static let structure: [ComplianceCase] =
    reductions + products + convolutions + movements + indexing + randomness + compositions + loops + attention
    + combinations + sums + ordered + rules + images

  private static let reductions: [ComplianceCase] = {
    let shapes: [([Int], [Int])] = [
      ([3, 5], [0]), ([3, 5], [1]), ([3, 5], [0, 1]), ([2, 3, 4], [1]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [2]),
      ([2, 3, 4, 5], [0, 1, 2]), ([2, 3, 4, 5], [1, 3]), ([1, 7], [0]), ([4], [0]), ([3, 1, 4], [1]),
    ]
    let large: [([Int], [Int])] = [
      ([300, 700], [0]), ([300, 700], [1]), ([300, 700], [0, 1]), ([5, 3000], [1]), ([3000, 5], [0]),
      ([7, 40, 90], [1]),
      ([2, 60, 3000], [1]), ([33, 2500], [0]), ([3, 200, 300], [0, 2]), ([3, 90, 20, 4], [1, 3]),
      ([40, 30, 1, 5, 1], [0, 3]),
    ]
    return [Reduction.sum, .maximum, .minimum].flatMap { reduction in
      (shapes + large).map { shape, dimensions in
        ComplianceCase(
          "\(reduction) of \(shape) over \(dimensions)",
          [.init(shape: Shape(shape), type: .float32, values: .ordinary)], gradient: shape.reduce(1, *) < 200
        ) { operands in
          switch reduction {
          case .sum: operands[0].sum(dimensions)
          case .maximum: operands[0].max(dimensions)
          case .minimum: operands[0].min(dimensions)
          }
        }
      }
    } + [
      ComplianceCase("sum of nothing", [real(0, 3)]) { $0[0].sum([0]) },
      ComplianceCase("sum to nothing", [real(0, 3)]) { $0[0].sum([1]) },
      ComplianceCase("maximum of nothing", [real(2, 0)], gradient: false) { $0[0].max([1]) },
      ComplianceCase("sum of a repeated scalar", [real()]) { $0[0].broadcast(to: [2, 5, 3]).sum([0]) },
      ComplianceCase("maximum of a constant", [real(2)]) { operands in
        operands[0] + operands[0].graph.constant([3], shape: [7, 2], type: operands[0].type).max([0])
      },
      ComplianceCase("sum of int32", [integer(5, 4)], gradient: false) { $0[0].sum([0]) },
      ComplianceCase("maximum of int32", [integer(5, 40)], gradient: false) { $0[0].max([1]) },
      ComplianceCase("mean keeping dimensions", [real(4, 6)]) { $0[0] - $0[0].mean([1], keepingDimensions: true) },
      ComplianceCase("variance", [real(4, 6)]) { $0[0].variance([0]) },
      ComplianceCase("argumentMaximum", [real(5, 9, 3)], gradient: false) { $0[0].argumentMaximum(1) },
      ComplianceCase("argumentMinimum", [real(5, 90)], gradient: false) { $0[0].argumentMinimum(1) },
      ComplianceCase("argumentMaximum takes the first among equals", [integer(5, 40, range: 0...2)], gradient: false) {
        $0[0].argumentMaximum(-1)
      },
    ]
  }()

  private static let products: [ComplianceCase] = {
    let shapes: [[Int]] = [[3, 5, 7], [1, 4, 1], [8, 1, 3], [33, 17, 65]]
    let flags = [(false, false), (true, false), (false, true), (true, true)]
    return shapes.flatMap { shape in
      flags.map { left, right in
        let (m, n, k) = (shape[0], shape[1], shape[2])
        return ComplianceCase(
          "dot \(m)x\(k)x\(n)\(left ? " left transposed" : "")\(right ? " right transposed" : "")",
          [left ? real(k, m) : real(m, k), right ? real(n, k) : real(k, n)], gradient: m < 10
        ) { $0[0].dot($0[1], transposeLeft: left, transposeRight: right) }
      }
    }
      + flags.map { left, right in
        ComplianceCase(
          "batched dot \(left) \(right)", [left ? real(2, 4, 3) : real(2, 3, 4), right ? real(2, 5, 4) : real(2, 4, 5)]
        ) { $0[0].dot($0[1], transposeLeft: left, transposeRight: right) }
      } + [
        ComplianceCase("one row by a wide matrix", [real(1, 300), real(300, 473), real(473)], gradient: false) {
          ($0[0].dot($0[1]) + $0[2]).tanh()
        },
        ComplianceCase(
          "one row by a transposed matrix, rectified", [real(1, 9), real(40, 9), real(40)], gradient: false
        ) {
          ($0[0].dot($0[1], transposeRight: true) + $0[2]).relu()
        },
        ComplianceCase("one row by a narrow matrix", [real(1, 50), real(50, 3)]) { $0[0].dot($0[1]) },
        ComplianceCase("dot with a shared right matrix", [real(2, 3, 4), real(4, 5)]) { $0[0].dot($0[1]) },
        ComplianceCase("dot with a shared left matrix", [real(3, 4), real(2, 4, 5)]) { $0[0].dot($0[1]) },
        ComplianceCase("dot of a transposed view", [real(4, 3), real(4, 5)]) { $0[0].transpose([1, 0]).dot($0[1]) },
        ComplianceCase("dot of a slice", [real(6, 4), real(4, 5)]) { $0[0].slice(0, 2..<5).dot($0[1]) },
        ComplianceCase("dot of columns", [real(3, 9), real(4, 5)]) { $0[0].slice(1, 3..<7).dot($0[1]) },
        ComplianceCase("dot over nothing", [real(3, 0), real(0, 5)]) { $0[0].dot($0[1]) },
        ComplianceCase("dot of no rows", [real(0, 3), real(3, 5)]) { $0[0].dot($0[1]) },
      ]
  }()

  private static let convolutions: [ComplianceCase] = {
    struct Geometry: Sendable {
      var input: [Int]
      var kernel: [Int]
      var strides = [1, 1]
      var padding = Padding.valid
      var dilations = [1, 1]
      var groups = 1
    }
    let geometries = [
      Geometry(input: [2, 5, 4, 3], kernel: [3, 3, 3, 2]),
      Geometry(input: [1, 6, 6, 2], kernel: [4, 4, 2, 3], strides: [2, 2], padding: .explicit(1)),
      Geometry(input: [2, 5, 7, 1], kernel: [3, 2, 1, 4], strides: [2, 1], padding: .same),
      Geometry(input: [1, 7, 7, 2], kernel: [3, 3, 2, 2], padding: .explicit(2), dilations: [2, 2]),
      Geometry(input: [2, 4, 4, 4], kernel: [3, 3, 2, 6], padding: .same, groups: 2),
      Geometry(input: [1, 3, 3, 1], kernel: [1, 1, 1, 1]),
      Geometry(input: [3, 1, 1, 5], kernel: [1, 1, 5, 2]),
      Geometry(input: [0, 4, 4, 2], kernel: [3, 3, 2, 2]),
      Geometry(input: [2, 9, 9, 17], kernel: [3, 3, 17, 33], strides: [2, 2], padding: .same),
    ]
    return geometries.flatMap { geometry in
      let isSmall = geometry.input.reduce(1, *) < 400
      let operand = { (sizes: [Int]) in Operand(shape: Shape(sizes), type: .float32, values: .ordinary) }
      let name = "\(geometry.input) * \(geometry.kernel) by \(geometry.strides) in \(geometry.groups)"
      let output = { (axis: Int) -> Int in
        let amounts = geometry.padding.amounts(
          input: geometry.input[1 + axis], kernel: geometry.kernel[axis], stride: geometry.strides[axis],
          dilation: geometry.dilations[axis])
        let span = geometry.dilations[axis] * (geometry.kernel[axis] - 1) + 1
        return (geometry.input[1 + axis] + amounts.low + amounts.high - span) / geometry.strides[axis] + 1
      }
      return [
        ComplianceCase("convolution \(name)", [operand(geometry.input), operand(geometry.kernel)], gradient: isSmall) {
          $0[0].convolution(
            $0[1], strides: geometry.strides, padding: geometry.padding, dilations: geometry.dilations,
            groups: geometry.groups)
        },
        ComplianceCase(
          "transposed convolution \(name)",
          [operand([geometry.input[0], output(0), output(1), geometry.kernel[3]]), operand(geometry.kernel)],
          gradient: isSmall
        ) {
          $0[0].transposedConvolution(
            $0[1], outputSize: [geometry.input[1], geometry.input[2]], strides: geometry.strides,
            padding: geometry.padding, dilations: geometry.dilations, groups: geometry.groups)
        },
        ComplianceCase(
          "kernel gradient of convolution \(name)",
          [operand(geometry.input), operand([geometry.input[0], output(0), output(1), geometry.kernel[3]])],
          gradient: isSmall
        ) {
          let amounts = (0..<2).map { axis in
            geometry.padding.amounts(
              input: geometry.input[1 + axis], kernel: geometry.kernel[axis], stride: geometry.strides[axis],
              dilation: geometry.dilations[axis])
          }
          let window = ConvolutionWindow(
            inputSize: Array(geometry.input[1...2]), kernelSize: Array(geometry.kernel[0...1]),
            strides: geometry.strides, paddingLow: amounts.map(\.low), paddingHigh: amounts.map(\.high),
            dilations: geometry.dilations, groups: geometry.groups)
          return $0[0].convolution(.kernelGradient, $0[1], window)
        },
      ]
    } + [
      ComplianceCase("second derivative of a convolution", [real(1, 4, 4, 2), real(3, 3, 2, 2)]) { operands in
        let energy = operands[0].convolution(operands[1], padding: .same).tanh().sum()
        return gradient(of: energy, withRespectTo: [operands[0]])[0]
      }
    ]
  }()

  private static let movements: [ComplianceCase] = [
    ComplianceCase("reshape", [real(4, 6)]) { $0[0].reshape([2, -1, 3]) },
    ComplianceCase("reshape of a transposed view", [real(4, 6)]) { $0[0].transpose([1, 0]).reshape([4, 6]) },
    ComplianceCase("transpose", [real(2, 3, 4)]) { $0[0].transpose([2, 0, 1]) },
    ComplianceCase("transpose of a large matrix", [real(70, 90)], gradient: false) { $0[0].transpose([1, 0]) * 2 },
    ComplianceCase("broadcast", [real(3, 1)]) { $0[0].broadcast(to: [2, 3, 4]) },
    ComplianceCase("broadcast with a mapping", [real(3, 2)]) { $0[0].broadcast(to: [3, 5, 2, 4], mapping: [0, 2]) },
    ComplianceCase("broadcast to nothing", [real(3, 1)]) { $0[0].broadcast(to: [3, 0]) },
    ComplianceCase("slice with strides", [real(7, 9)]) {
      $0[0].slice(starts: [1, 0], limits: [6, 9], strides: [2, 4])
    },
    ComplianceCase("slice of nothing", [real(7, 9)]) { $0[0].slice(0, 3..<3) },
    ComplianceCase("pad", [real(2, 3), real()]) {
      $0[0].graph.add(
        .pad(low: [1, 0], high: [2, 1], interior: [1, 2]), [$0[0], $0[1]], shape: [6, 8], type: $0[0].type)
    },
    ComplianceCase("pad of nothing", [real(0, 3)]) { $0[0].pad(low: [1, 1], high: [1, 0], value: 2) },
    ComplianceCase("concatenate", [real(2, 3), real(2, 1), real(2, 4)]) { Tensor.concatenate($0, dimension: 1) },
    ComplianceCase("concatenate with nothing", [real(2, 3), real(0, 3)]) { Tensor.concatenate($0, dimension: 0) },
    ComplianceCase("concatenate of bool", [truth(2, 3), truth(2, 3)], gradient: false) {
      Tensor.concatenate($0, dimension: 1)
    },
    ComplianceCase("reverse", [real(3, 4, 2)]) { $0[0].reverse([0, 2]) },
    ComplianceCase("split", [real(3, 8)]) { operands in
      let parts = operands[0].split(2, dimension: 1)
      return parts[0] * parts[1].exp()
    },
    ComplianceCase("iota", [real(3, 4)]) { $0[0] * $0[0].graph.iota(shape: [3, 4], dimension: 1, type: $0[0].type) },
    ComplianceCase("iota of bfloat16", [integer(3)], gradient: false) {
      $0[0] + $0[0].graph.iota(shape: [3], dimension: 0, type: .bfloat16).converted(to: .int32)
    },
    ComplianceCase("constant", [real(2, 3)]) {
      $0[0] * $0[0].graph.constant([1, 2, 3, 4, 5, 6], shape: [2, 3], type: $0[0].type)
    },
  ]

  private static let indexing: [ComplianceCase] = [
    ComplianceCase("gather", [real(5, 3), integer(7, range: 0...4)]) { $0[0].gather($0[1]) },
    ComplianceCase("gather along the last dimension", [real(2, 5), integer(4, range: 0...4)]) {
      $0[0].gather($0[1], dimension: 1)
    },
    ComplianceCase("gather clamps", [real(5, 3), integer(9, range: -4...9)], gradient: false) { $0[0].gather($0[1]) },
    ComplianceCase("gather of bool", [truth(5, 3), integer(4, range: 0...4)], gradient: false) { $0[0].gather($0[1]) },
    ComplianceCase("gather of no index", [real(5, 3), integer(0)]) { $0[0].gather($0[1]) },
    ComplianceCase("scatterAdd", [real(7, 3), integer(7, range: 0...4)]) { $0[0].scatterAdd($0[1], size: 5) },
    ComplianceCase("scatterAdd ignores what is out of range", [real(9, 3), integer(9, range: -3...8)]) {
      $0[0].scatterAdd($0[1], size: 5)
    },
    ComplianceCase("scatterAdd along the last dimension", [real(2, 6), integer(6, range: 0...3)]) {
      $0[0].scatterAdd($0[1], dimension: 1, size: 4)
    },
    ComplianceCase("scatterAdd of int32", [integer(7, 2), integer(7, range: 0...2)], gradient: false) {
      $0[0].scatterAdd($0[1], size: 3)
    },
    ComplianceCase("scatterAdd into nothing", [real(2, 3), integer(2)]) { $0[0].scatterAdd($0[1], size: 0) },
    ComplianceCase("oneHot", [integer(4, 2, range: -1...3)], gradient: false) { $0[0].oneHot(3) },
  ]

  private static let randomness: [ComplianceCase] = [
    ComplianceCase("random bits", [integer(7, 9)], gradient: false) {
      $0[0] ^ $0[0].graph.random(.bits, shape: [7, 9])
    },
    ComplianceCase("random uniform", [real(7, 9)]) {
      $0[0] * $0[0].graph.random(.uniform, shape: [7, 9], type: $0[0].type)
    },
    ComplianceCase("random normal", [real(7, 9)]) {
      $0[0] * $0[0].graph.random(.normal, shape: [7, 9], type: $0[0].type)
    },
    ComplianceCase("many random normals", [real(130, 77)], gradient: false) {
      $0[0] + $0[0].graph.random(.normal, shape: [130, 77], type: $0[0].type)
    },
  ]

  private static let compositions: [ComplianceCase] = [
    ComplianceCase("a dense layer", [real(6, 5), real(5, 4), real(4)]) { ($0[0].dot($0[1]) + $0[2]).tanh() },
    ComplianceCase("an element-wise chain that reduces both ways", [real(40, 33), real(33)], gradient: false) {
      let y = ($0[0] * $0[1]).tanh()
      return Tensor.concatenate([y.sum([0]), y.sum([1])], dimension: 0)
    },
    ComplianceCase("a value used before and after its own reduction", [real(6, 5)]) {
      let e = $0[0].exp()
      return e / e.sum([1], keepingDimensions: true) + e * e.max([0], keepingDimensions: true)
    },
    ComplianceCase("second derivative", [real(5)]) {
      let x = $0[0]
      let first = gradient(of: (x.tanh() * x.exp()).sum(), withRespectTo: [x])[0]
      return gradient(of: (first * first).sum(), withRespectTo: [x])[0]
    },
    ComplianceCase("broadcast over many dimensions", [real(2, 1, 3, 1), real(4, 1, 2)]) { $0[0] * $0[1] },
    ComplianceCase("all orders of one tensor", [real(3, 4)]) {
      $0[0] + $0[0].transpose([1, 0]).reverse([0]).transpose([1, 0]) * $0[0].slice(0, 0..<1)
    },
  ]
}
