import CLatentKernels
import Testing

@Suite("Products of one row")
struct VectorProductTests {
  @Test("A product writes its result and nothing beside it", arguments: Array(1...100) + [127, 256, 270, 500])
  func writesItsResultOnly(_ columns: Int) {
    let (inner, margin) = (5, 64)
    let x = (0..<inner).map { Float($0) - 1.5 }
    let w = (0..<inner * columns).map { Float(($0 * 37) % 11) - 5 }
    let untouched: Float = 12_345
    var y = [Float](repeating: untouched, count: columns + 2 * margin)
    x.withUnsafeBytes { x in
      w.withUnsafeBytes { w in
        y.withUnsafeMutableBufferPointer { y in
          var product = latent_vector_product()
          product.x = x.baseAddress
          product.w = w.baseAddress
          product.y = y.baseAddress.map { $0 + margin }
          product.k = inner
          product.n = columns
          latent_vector_product_run(&product, 1)
        }
      }
    }
    let expected = (0..<columns).map { column in
      (0..<inner).reduce(Float(0)) { $0 + x[$1] * w[$1 * columns + column] }
    }
    #expect(Array(y[margin..<margin + columns]) == expected)
    #expect(y.prefix(margin).allSatisfy { $0 == untouched } && y.suffix(margin).allSatisfy { $0 == untouched })
  }
}
