import Latent

extension OperationTextTests {
  static let movement: [TextCase] = [
    TextCase("constant", "%0 = stablehlo.constant dense<[[1.0, -2.5], [0.1, 4.0]]> : tensor<2x2xf32>") {
      $0.constant([1, -2.5, 0.1, 4], shape: [2, 2])
    },
    TextCase("splat", "stablehlo.constant dense<0.25> : tensor<2x2xf32>") { $0.constant([0.25], shape: [2, 2]) },
    TextCase("iota", "stablehlo.iota dim = 1 : tensor<2x3xi32>") { $0.iota(shape: [2, 3], dimension: 1) },
    TextCase("select", "stablehlo.select %arg0, %arg1, %arg2 : tensor<4xi1>, tensor<4xf32>") {
      $0.truth(4).select($0.real(4), $0.other(4))
    },
    TextCase("reshape", "stablehlo.reshape %arg0 : (tensor<2x3xf32>) -> tensor<6xf32>") { $0.real(2, 3).reshape([6]) },
    TextCase("transpose", "stablehlo.transpose %arg0, dims = [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>") {
      $0.real(2, 3).transpose([1, 0])
    },
    TextCase("broadcast", "stablehlo.broadcast_in_dim %arg0, dims = [0, 2] : (tensor<2x1xf32>) -> tensor<2x4x3xf32>") {
      $0.real(2, 1).broadcast(to: [2, 4, 3], mapping: [0, 2])
    },
    TextCase("slice", "stablehlo.slice %arg0 [1:6:2, 0:9:4] : (tensor<7x9xf32>) -> tensor<3x3xf32>") {
      $0.real(7, 9).slice(starts: [1, 0], limits: [6, 9], strides: [2, 4])
    },
    TextCase(
      "pad",
      "%1 = stablehlo.pad %arg0, %0, low = [1, 0], high = [2, 1], interior = [1, 2] : "
        + "(tensor<2x3xf32>, tensor<f32>) -> tensor<6x8xf32>"
    ) { $0.real(2, 3).pad(low: [1, 0], high: [2, 1], interior: [1, 2], value: 7) },
    TextCase(
      "concatenate",
      "stablehlo.concatenate %arg0, %arg1, dim = 1 : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>"
    ) { Tensor.concatenate([$0.real(2, 3), $0.real(2, 1)], dimension: 1) },
    TextCase("reverse", "stablehlo.reverse %arg0, dims = [0, 2] : tensor<3x4x2xf32>") {
      $0.real(3, 4, 2).reverse([0, 2])
    },
  ]

  static let indexing: [TextCase] = [
    TextCase(
      "gather",
      "\"stablehlo.gather\"(%arg0, %arg1) <{dimension_numbers = #stablehlo.gather<offset_dims = [0], "
        + "collapsed_slice_dims = [1], start_index_map = [1], index_vector_dim = 1>, slice_sizes = array<i64: 2, 1>, "
        + "indices_are_sorted = false}> : (tensor<2x5xf32>, tensor<4xi32>) -> tensor<2x4xf32>"
    ) { $0.real(2, 5).gather($0.integer(4), dimension: 1) },
    TextCase(
      "scatterAdd",
      "\"stablehlo.scatter\"(%0, %arg1, %arg0) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], "
        + "inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, "
        + "indices_are_sorted = false, unique_indices = false}> ({",
      "^bb0(%2: tensor<f32>, %3: tensor<f32>):\n", "%4 = stablehlo.add %2, %3 : tensor<f32>",
      "}) : (tensor<5x3xf32>, tensor<7xi32>, tensor<7x3xf32>) -> tensor<5x3xf32>"
    ) { $0.real(7, 3).scatterAdd($0.integer(7), size: 5) },
  ]

  static let reduction: [TextCase] = [
    TextCase(
      "sum", "%0 = stablehlo.constant dense<0.0> : tensor<f32>",
      "stablehlo.reduce(%arg0 init: %0) applies stablehlo.add across dimensions = [0, 2] : "
        + "(tensor<2x3x4xf32>, tensor<f32>) -> tensor<3xf32>"
    ) { $0.real(2, 3, 4).sum([0, 2]) },
    TextCase("maximum", "dense<0xFF800000> : tensor<f32>", "applies stablehlo.maximum across") { $0.real(3).max() },
    TextCase("minimum", "dense<0x7F800000> : tensor<f32>", "applies stablehlo.minimum across") { $0.real(3).min() },
    TextCase("maximum of int32", "dense<-2147483648> : tensor<i32>") { $0.integer(3).max() },
    TextCase("sum of bfloat16", "across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>") {
      $0.input("x", shape: [3], type: .bfloat16).sum()
    },
    TextCase(
      "argumentMaximum", "%0 = stablehlo.iota dim = 1 : tensor<5x9xi32>",
      "%3:2 = stablehlo.reduce(%arg0 init: %1), (%0 init: %2) across dimensions = [1] : "
        + "(tensor<5x9xf32>, tensor<5x9xi32>, tensor<f32>, tensor<i32>) -> (tensor<5xf32>, tensor<5xi32>)",
      "reducer(%4: tensor<f32>, %5: tensor<f32>) (%6: tensor<i32>, %7: tensor<i32>) {",
      "stablehlo.compare GT, %4, %5, FLOAT", "stablehlo.compare NE, %4, %4, FLOAT",
      "stablehlo.compare LT, %6, %7, SIGNED", "return %3#1 : tensor<5xi32>"
    ) { $0.real(5, 9).argumentMaximum(1) },
    TextCase("argumentMinimum", "stablehlo.compare LT, %4, %5, FLOAT") { $0.real(5, 9).argumentMinimum(1) },
  ]

  static let ordered: [TextCase] = [
    TextCase(
      "cumulativeSum",
      "%1 = \"stablehlo.reduce_window\"(%arg0, %0) <{window_dimensions = array<i64: 1, 5>, padding = dense<[[0, 0], [4, 0]]>"
        + " : tensor<2x2xi64>}> ({",
      "^bb0(%2: tensor<f32>, %3: tensor<f32>):\n", "%4 = stablehlo.add %2, %3 : tensor<f32>",
      "}) : (tensor<2x5xf32>, tensor<f32>) -> tensor<2x5xf32>"
    ) { $0.real(2, 5).cumulativeSum() },
    TextCase("cumulativeSum in reverse", "padding = dense<[[0, 4], [0, 0]]>") {
      $0.real(5, 2).cumulativeSum(0, isReversed: true)
    },
    TextCase(
      "exclusive cumulativeSum", "padding = dense<[[5, 0]]>", "-> tensor<6xf32>",
      "stablehlo.slice %1 [0:5] : (tensor<6xf32>) -> tensor<5xf32>"
    ) { $0.real(5).cumulativeSum(isExclusive: true) },
    TextCase(
      "exclusive cumulativeSum in reverse", "padding = dense<[[0, 5]]>",
      "stablehlo.slice %1 [1:6] : (tensor<6xf32>) -> tensor<5xf32>"
    ) { $0.real(5).cumulativeSum(isExclusive: true, isReversed: true) },
    TextCase(
      "argumentSort", "%0 = stablehlo.iota dim = 1 : tensor<3x5xi32>",
      "%1:2 = \"stablehlo.sort\"(%arg0, %0) <{dimension = 1 : i64, is_stable = true}> ({",
      "^bb0(%2: tensor<f32>, %3: tensor<f32>, %4: tensor<i32>, %5: tensor<i32>):\n",
      "%6 = stablehlo.compare LT, %2, %3, FLOAT", "%7 = stablehlo.compare EQ, %2, %2, FLOAT",
      "%8 = stablehlo.compare NE, %3, %3, FLOAT", "stablehlo.or %6, %9 : tensor<i1>",
      "}) : (tensor<3x5xf32>, tensor<3x5xi32>) -> (tensor<3x5xf32>, tensor<3x5xi32>)", "return %1#1 : tensor<3x5xi32>"
    ) { $0.real(3, 5).argumentSort(1) },
    TextCase("descending argumentSort of int32", "stablehlo.compare GT, %2, %3, SIGNED") {
      $0.integer(5).argumentSort(isDescending: true)
    },
  ]

  static let rules: [TextCase] = [
    TextCase("gradientRule", "return %arg0 : tensor<3xf32>") { $0.real(3).withGradient(of: $0.other(3)) },
    TextCase(
      "barrier",
      "%0:2 = \"stablehlo.optimization_barrier\"(%arg0, %arg1) : (tensor<3xf32>, tensor<2xf32>) -> "
        + "(tensor<3xf32>, tensor<2xf32>)", "return %0#0 : tensor<3xf32>"
    ) { $0.real(3).barrier(after: $0.other(2)) },
  ]

  static let products: [TextCase] = [
    TextCase(
      "dot",
      "stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : "
        + "(tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>"
    ) { $0.real(3, 7).dot($0.real(7, 5)) },
    TextCase("dot of transposes", "contracting_dims = [0] x [1], ") {
      $0.real(7, 3).dot($0.real(5, 7), transposeLeft: true, transposeRight: true)
    },
    TextCase("batched dot", "batching_dims = [0] x [0], contracting_dims = [2] x [2], ") {
      $0.real(2, 3, 7).dot($0.real(2, 5, 7), transposeRight: true)
    },
  ]
}

extension Graph {
  fileprivate func real(_ sizes: Int...) -> Tensor { input("real \(sizes)", shape: Shape(sizes)) }
  fileprivate func other(_ sizes: Int...) -> Tensor { input("other \(sizes)", shape: Shape(sizes)) }
  fileprivate func integer(_ sizes: Int...) -> Tensor { input("integer \(sizes)", shape: Shape(sizes), type: .int32) }
  fileprivate func truth(_ sizes: Int...) -> Tensor { input("truth \(sizes)", shape: Shape(sizes), type: .bool) }
}
