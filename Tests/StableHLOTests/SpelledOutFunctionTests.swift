import Foundation
import Latent
import Testing

/// The numbers that the spelled-out functions give.
struct SpelledOutFunctionTests {
  private let state = RandomState(seed: 0x0123_4567_89AB_CDEF, step: 0xFEDC_BA98_7654_3210)

  /// What a random node gives on the interpreted text, and its stream.
  private func draw(
    _ distribution: RandomDistribution, _ count: Int
  ) -> (elements: TextInterpreter.Elements, stream: UInt32)? {
    let graph = Graph()
    let drawn = graph.random(distribution, shape: Shape([count]), type: .float64)
    guard case .random(_, let stream) = drawn.node.operation else { return nil }
    let interpreter = TextInterpreter(StableHLOModule(Program(graph: graph, outputs: [drawn])).text)
    let words = TextInterpreter.Elements(whole: (0..<4).map { UInt64(UInt32(bitPattern: state.words[$0])) })
    return interpreter.run("main", [words]).first.map { ($0, stream) }
  }

  private func blocks(_ count: Int, _ stream: UInt32) -> [SIMD4<UInt32>] {
    (0..<UInt32((count + 3) / 4)).map { Philox4x32(seed: state.seed).block($0, stream: stream, step: state.step) }
  }

  @Test(arguments: [1, 4, 63])
  func bitsAreThoseOfPhilox(_ count: Int) throws {
    let (elements, stream) = try #require(draw(.bits, count))
    let expected = (0..<count).map { UInt64(blocks(count, stream)[$0 / 4][$0 % 4]) }
    #expect(elements.whole == expected)
  }

  @Test func uniformsAreThoseOfPhilox() throws {
    let (elements, stream) = try #require(draw(.uniform, 30))
    #expect(elements.real == (0..<30).map { uniform(fromBits: blocks(30, stream)[$0 / 4][$0 % 4]) })
  }

  @Test func normalsAreThoseOfPhilox() throws {
    let (elements, stream) = try #require(draw(.normal, 30))
    let generator = Philox4x32(seed: state.seed)
    #expect(elements.real.count == 30)
    for (place, value) in elements.real.enumerated() {
      let expected = generator.normals(UInt32(place / 4), stream: stream, step: state.step)[place % 4]
      #expect(abs(value - expected) < 1e-14)
    }
  }

  @Test(arguments: [(ElementType.float64, 4e-16), (.float32, 1e-7)])
  func erfIsTheErrorFunction(_ type: ElementType, _ tolerance: Double) throws {
    let points = (-700...700).map { Double($0) / 100 } + [0, 1e-30, 1e-9, 1e30, .infinity, -.infinity]
    let graph = Graph()
    let x = graph.input("x", shape: [points.count], type: type)
    let interpreter = TextInterpreter(StableHLOModule(Program(graph: graph, outputs: [x.erf()])).text)
    let values = try #require(interpreter.run("main", [.init(real: points)]).first).real
    #expect(values.count == points.count)
    for (point, value) in zip(points, values) { #expect(abs(value - erf(point)) <= tolerance * min(1, abs(point))) }
  }
}
