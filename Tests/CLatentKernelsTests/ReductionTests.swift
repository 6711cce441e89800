import CLatentKernels
import Foundation
import Testing

@Suite("Reductions")
struct ReductionTests {
  static let counts = [0, 1, 2, 7, 15, 16, 31, 32, 33, 63, 64, 65, 100, 500, 784, 1000, 1024]
  static let values = (0..<1024).map { Float(($0 * 7919) % 1021) * 0.37 - 190 }
  static let integers = (0..<1024).map { Int32(truncatingIfNeeded: $0 &* 0x9E37_79B9) }
  static let kinds = [LATENT_REDUCE_SUM, LATENT_REDUCE_MAX, LATENT_REDUCE_MIN]

  @Test("A sum is close to the double-precision sum and independent of where the run lies")
  func sum() throws {
    for count in Self.counts {
      let run = Array(Self.values[..<count])
      let result = latent_reduce_f32(LATENT_REDUCE_SUM, count, run)
      let truth = run.reduce(0.0) { $0 + Double($1) }
      #expect(abs(Double(result) - truth) <= 1e-6 * run.reduce(0.0) { $0 + abs(Double($1)) })
      try ([0] + run).withUnsafeBufferPointer {
        let moved = try #require($0.baseAddress) + 1
        #expect(latent_reduce_f32(LATENT_REDUCE_SUM, count, moved).bitPattern == result.bitPattern)
      }
    }
  }

  @Test("The order of a sum is dealing to 32 accumulators and adding them pairwise")
  func sumOrder() {
    for count in Self.counts {
      var partial = [Float](repeating: 0, count: 32)
      for i in 0..<count { partial[i % 32] += Self.values[i] }
      for half in [16, 8, 4, 2, 1] {
        for j in 0..<half { partial[j] += partial[j + half] }
      }
      #expect(latent_reduce_f32(LATENT_REDUCE_SUM, count, Self.values).bitPattern == partial[0].bitPattern)
    }
  }

  @Test("The largest and smallest are found wherever they are")
  func extremes() {
    for count in Self.counts {
      let run = Self.values[..<count]
      #expect(latent_reduce_f32(LATENT_REDUCE_MAX, count, Self.values) == run.max() ?? -.infinity)
      #expect(latent_reduce_f32(LATENT_REDUCE_MIN, count, Self.values) == run.min() ?? .infinity)
      let integers = Self.integers[..<count]
      #expect(latent_reduce_i32(LATENT_REDUCE_MAX, count, Self.integers) == integers.max() ?? .min)
      #expect(latent_reduce_i32(LATENT_REDUCE_MIN, count, Self.integers) == integers.min() ?? .max)
      #expect(latent_reduce_i32(LATENT_REDUCE_SUM, count, Self.integers) == integers.reduce(0, &+))
    }
  }

  @Test("One NaN anywhere makes every float reduction NaN, and is what arg-max and arg-min find")
  func notANumber() {
    for count in Self.counts where count > 0 {
      for place in Set([0, count / 3, count / 2, count - 1]) {
        var run = Array(Self.values[..<count])
        run[place] = .nan
        for kind in Self.kinds { #expect(latent_reduce_f32(kind, count, run).isNaN) }
        #expect(latent_argmax_f32(count, run, 0) == place)
        #expect(latent_argmax_f32(count, run, 1) == place)
        run[count - 1] = .nan
        #expect(latent_argmax_f32(count, run, 0) == place)
      }
    }
  }

  @Test("Arg-max and arg-min give the first of equals")
  func argumentOfTheExtreme() {
    for count in Self.counts {
      let run = Self.values[..<count].map { $0.rounded(.down) / 8 }
      let integers = run.map { Int32($0) }
      let first = { (value: Float?) in value.flatMap { run.firstIndex(of: $0) } ?? 0 }
      let firstInteger = { (value: Int32?) in value.flatMap { integers.firstIndex(of: $0) } ?? 0 }
      #expect(latent_argmax_f32(count, run, 0) == first(run.max()))
      #expect(latent_argmax_f32(count, run, 1) == first(run.min()))
      #expect(latent_argmax_i32(count, integers, 0) == firstInteger(integers.max()))
      #expect(latent_argmax_i32(count, integers, 1) == firstInteger(integers.min()))
    }
    let infinite: [Float] = [-.infinity, -.infinity, -.infinity]
    #expect(latent_argmax_f32(3, infinite, 0) == 0)
    #expect(latent_argmax_f32(3, infinite, 1) == 0)
    #expect(latent_argmax_f32(2, [1, .infinity], 0) == 1)
  }

  @Test("Accumulating combines lane by lane")
  func accumulate() {
    let (x, start) = pairs(specialFloats)
    for kind in Self.kinds {
      var accumulator = start
      latent_accumulate_f32(kind, x.count, x, &accumulator)
      for i in x.indices {
        let expected = latent_reduce_f32(kind, 2, [start[i], x[i]])
        // A lone pair of zeros may keep either sign in a run.
        #expect(same(accumulator[i], expected) || (accumulator[i] == 0 && expected == 0))
      }
    }
    let (y, begin) = pairs(specialIntegers)
    for kind in Self.kinds {
      var accumulator = begin
      latent_accumulate_i32(kind, y.count, y, &accumulator)
      #expect(y.indices.allSatisfy { accumulator[$0] == latent_reduce_i32(kind, 2, [begin[$0], y[$0]]) })
    }
  }

  @Test("The identity is what an empty run reduces to")
  func identities() {
    for kind in Self.kinds {
      #expect(latent_reduce_identity_f32(kind) == latent_reduce_f32(kind, 0, []))
      #expect(latent_reduce_identity_i32(kind) == latent_reduce_i32(kind, 0, []))
    }
    #expect(latent_reduce_identity_f32(LATENT_REDUCE_MAX) == -.infinity)
    #expect(latent_reduce_identity_i32(LATENT_REDUCE_MIN) == .max)
  }
}
