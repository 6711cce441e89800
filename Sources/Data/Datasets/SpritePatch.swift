import Foundation

/// The pixels around the centre of a sprite, which depend on its shape, scale, and rotation but not its position.
package struct SpritePatch {
  /// Even, so that the centre lies between pixels; the largest sprite fits in at any angle.
  static let side = 32
  /// Points along each side of a pixel at which the outline is tested.
  private static let samples = 4

  private let pixels: [UInt8]

  init(_ factors: Sprites.Factors) {
    let (sine, cosine) = (sin(factors.angle), cos(factors.angle))
    // A distance of 1 in the shape's own coordinates is 15 pixels at full scale.
    let unit = 1 / (15 * factors.relativeScale)
    let contains = Self.outline(of: factors.shape)
    let step = 1 / Double(Self.samples)
    let middle = Double(Self.side) / 2
    var pixels = [UInt8](repeating: 0, count: Self.side * Self.side)
    for row in 0..<Self.side {
      for column in 0..<Self.side {
        var hits = 0
        for sample in 0..<Self.samples * Self.samples {
          let right = (Double(column) + (Double(sample % Self.samples) + 0.5) * step - middle) * unit
          let up = (middle - Double(row) - (Double(sample / Self.samples) + 0.5) * step) * unit
          if contains(cosine * right + sine * up, cosine * up - sine * right) { hits += 1 }
        }
        pixels[row * Self.side + column] = UInt8(hits * 255 / (Self.samples * Self.samples))
      }
    }
    self.pixels = pixels
  }

  /// Copies the patch to where the factors put it in the picture that begins at `start`.
  func place(_ factors: Sprites.Factors, into picture: inout [UInt8], at start: Int) {
    // Positions are one pixel apart, and the middle two straddle the centre of the picture.
    for row in 0..<Self.side {
      let target = start + (factors.y + row) * Sprites.side + factors.x
      for column in 0..<Self.side { picture[target + column] = pixels[row * Self.side + column] }
    }
  }

  /// Whether a point lies inside an upright shape within the unit circle, y upwards.
  private static func outline(of shape: Sprites.Shape) -> (Double, Double) -> Bool {
    switch shape {
    case .square: { x, y in max(abs(x), abs(y)) <= 0.68 }
    case .ellipse: { x, y in x * x + 4 * y * y <= 1 }
    case .heart:
      { x, y in
        // The sextic (x^2 + y^2 - 1)^3 = x^2 y^3 lies within 1.25 of the point (0, 0.25).
        let (u, v) = (x * 1.27, y * 1.27 + 0.25)
        let disc = u * u + v * v - 1
        return disc * disc * disc <= u * u * v * v * v
      }
    }
  }
}
