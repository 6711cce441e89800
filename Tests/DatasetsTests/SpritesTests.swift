import Testing

@testable import LatentDatasets

@Suite struct SpritesTests {
  private let middle = Sprites.Factors(shape: .square, scale: 5, rotation: 0, x: 16, y: 16)

  /// The mass and its centre, in pixels from the upper left corner.
  private func moments(_ pixels: [UInt8]) -> (mass: Double, x: Double, y: Double) {
    var (mass, x, y) = (0.0, 0.0, 0.0)
    for (index, pixel) in pixels.enumerated() {
      let weight = Double(pixel) / 255
      mass += weight
      x += weight * (Double(index % Sprites.side) + 0.5)
      y += weight * (Double(index / Sprites.side) + 0.5)
    }
    return (mass, x / mass, y / mass)
  }

  @Test func aShapeHasTheAreaOfItsFormula() {
    for scale in 0..<6 {
      var factors = middle
      factors.scale = scale
      let unit = 15 * factors.relativeScale
      #expect(abs(moments(Sprites.draw(factors)).mass / (1.36 * unit * 1.36 * unit) - 1) < 0.05)
      factors.shape = .ellipse
      #expect(abs(moments(Sprites.draw(factors)).mass / (.pi / 2 * unit * unit) - 1) < 0.05)
    }
  }

  @Test func positionMovesAShapeByWholePixels() {
    let first = moments(Sprites.draw(middle))
    var factors = middle
    factors.x = 31
    factors.y = 0
    let second = moments(Sprites.draw(factors))
    #expect(abs(second.x - first.x - 15) < 1e-9)
    #expect(abs(second.y - first.y + 16) < 1e-9)
    #expect(abs(second.mass - first.mass) < 1e-9)
  }

  @Test func noShapeTouchesTheEdgeOfItsPatch() {
    for shape in Sprites.Shape.allCases {
      for rotation in stride(from: 0, to: 40, by: 3) {
        let factors = Sprites.Factors(shape: shape, scale: 5, rotation: rotation, x: 0, y: 0)
        let pixels = Sprites.draw(factors)
        for position in 0..<32 {
          #expect(pixels[position] == 0 && pixels[31 * 64 + position] == 0)
          #expect(pixels[position * 64] == 0 && pixels[position * 64 + 31] == 0)
        }
      }
    }
  }

  @Test func rotationTurnsAShape() {
    var upright = middle
    upright.shape = .ellipse
    var turned = upright
    turned.rotation = 10  // A quarter.
    let (pixels, quarter) = (Sprites.draw(upright), Sprites.draw(turned))
    // Rows and columns change places about the centre at (32, 32), which lies between pixels.
    let transposed = (0..<4096).map { pixels[$0 % 64 * 64 + $0 / 64] }
    let difference = zip(transposed, quarter).map { abs(Int($0) - Int($1)) }.reduce(0, +)
    #expect(difference < 255 * 4)
    #expect(pixels != quarter)
  }

  @Test func examplesAreThePicturesOfTheirFactors() throws {
    let dataset = Sprites.dataset(train: 12, test: 5, seed: 4)
    #expect(dataset.train.shape == [64, 64, 1])
    let test = try #require(dataset.test)
    #expect(test.count == 5)
    for (split, examples) in [(Sprites.Split.train, dataset.train), (.test, test)] {
      var values = [Float](repeating: 0, count: 4096)
      for index in 0..<examples.count {
        let factors = Sprites.factors(index, split: split, seed: 4)
        try values.withUnsafeMutableBufferPointer { try examples.copy([index], into: $0) }
        #expect(values == Sprites.draw(factors).map { Float($0) / 255 })
        #expect(examples.labels?[index] == Int32(factors.shape.rawValue))
      }
    }
    #expect(dataset.train.fingerprint == Sprites.dataset(train: 12, test: 1, seed: 4).train.fingerprint)
    #expect(dataset.train.fingerprint != Sprites.dataset(train: 12, test: 1, seed: 5).train.fingerprint)
  }

  @Test func everyLevelIsDrawnAboutEquallyOften() {
    var counts = Sprites.Factors.levels.map { [Int](repeating: 0, count: $0) }
    for index in 0..<8000 {
      for (factor, level) in Sprites.factors(index).values.enumerated() { counts[factor][level] += 1 }
    }
    for (levels, count) in zip(Sprites.Factors.levels, counts) {
      let expected = 8000 / Double(levels)
      let farthest = count.map { abs(Double($0) - expected) }.max() ?? .infinity
      #expect(farthest < 5 * expected.squareRoot(), "\(count)")
    }
  }
}

extension Sprites {
  /// The picture of some factors alone.
  fileprivate static func draw(_ factors: Factors) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: side * side)
    SpritePatch(factors).place(factors, into: &pixels, at: 0)
    return pixels
  }
}
