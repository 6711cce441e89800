import LatentDiagnostics
import Foundation
import LatentRandomness

/// Small white shapes on black, drawn from known factors: data for work on disentanglement that needs no files.
///
/// The factors and their levels are those of dSprites (Matthey and others, 2017); edges are anti-aliased here.
public enum Sprites {
  /// The side of a picture in pixels.
  public static let side = 64
  /// The number of training examples unless another is asked for.
  public static let defaultTrainCount = 20_000
  /// The number of test examples unless another is asked for.
  public static let defaultTestCount = 2_000

  /// The figures that can be drawn.
  public enum Shape: Int, CaseIterable, Sendable {
    /// A square.
    case square
    /// An ellipse twice as wide as high.
    case ellipse
    /// A heart.
    case heart
  }

  /// The causes of one picture, each as a level counted from 0.
  public struct Factors: Sendable, Hashable {
    /// The number of levels of each factor: shape, scale, rotation, x, y.
    package static let levels = [3, 6, 40, 32, 32]

    /// Which figure is drawn.
    public var shape: Shape
    /// The size as a level from 0 to 5, relative sizes from 0.5 to 1.
    public var scale: Int
    /// Forty equal turns of a full circle.
    public var rotation: Int
    /// Thirty-two positions from left to right, one pixel apart.
    public var x: Int
    /// Thirty-two positions from top to bottom, one pixel apart.
    public var y: Int

    /// Creates factors; each level must be one there is.
    public init(shape: Shape, scale: Int, rotation: Int, x: Int, y: Int) {
      let levels = [shape.rawValue, scale, rotation, x, y]
      require(zip(levels, Self.levels).allSatisfy { (0..<$1).contains($0) }, "There are no such levels: \(levels)")
      self.shape = shape
      self.scale = scale
      self.rotation = rotation
      self.x = x
      self.y = y
    }

    /// The levels in the order shape, scale, rotation, x, y.
    package var values: [Int] { [shape.rawValue, scale, rotation, x, y] }

    /// The size relative to the largest: 0.5 to 1.
    package var relativeScale: Double { 0.5 + 0.1 * Double(scale) }

    /// The rotation in radians.
    package var angle: Double { 2 * .pi * Double(rotation) / 40 }
  }

  /// Which sequence of random examples is meant.
  package enum Split: String, Sendable {
    /// The examples to learn from.
    case train
    /// The examples to measure on.
    case test
  }

  /// The factors of one example of the data set with a seed, each level equally likely.
  package static func factors(_ index: Int, split: Split = .train, seed: UInt64 = 0) -> Factors {
    var stream = RandomStream(seed: seed, name: "sprites \(split.rawValue)", step: UInt64(max(index, 0)))
    // The bias of taking the upper part of a product is below 40 / 2^32.
    func draw(_ levels: Int) -> Int { Int((UInt64(stream.nextWord()) * UInt64(levels)) >> 32) }
    return Factors(
      shape: Shape(rawValue: draw(Shape.allCases.count)) ?? .square, scale: draw(6), rotation: draw(40), x: draw(32),
      y: draw(32))
  }

  /// A data set of random sprites whose labels are the shapes; the same seed gives the same pictures.
  ///
  /// The counts must be at least 1. The factors of example `i` are `factors(i, split:seed:)`.
  public static func dataset(
    train: Int = defaultTrainCount, test: Int = defaultTestCount, seed: UInt64 = 0
  ) -> Dataset {
    var patches: [Factors: SpritePatch] = [:]
    return Dataset(
      name: "sprites", train: examples(train, .train, seed, &patches), test: examples(test, .test, seed, &patches))
  }

  private static func examples(
    _ count: Int, _ split: Split, _ seed: UInt64, _ patches: inout [Factors: SpritePatch]
  ) -> Examples {
    require(count >= 1, "A data set has at least one example")
    return draw((0..<count).map { factors($0, split: split, seed: seed) }, &patches)
  }

  /// The pictures of some factors, of which there must be one; pictures that differ in position alone share their pixels.
  package static func draw(_ factors: [Factors], _ patches: inout [Factors: SpritePatch]) -> Examples {
    var pixels = [UInt8](repeating: 0, count: factors.count * side * side)
    for (index, factors) in factors.enumerated() {
      var key = factors
      (key.x, key.y) = (0, 0)
      let patch = patches[key] ?? SpritePatch(key)
      patches[key] = patch
      patch.place(factors, into: &pixels, at: index * side * side)
    }
    return Examples(
      sound: .bytes(pixels, divisor: Examples.greyDivisor), shape: [side, side, 1],
      labels: factors.map { Int32($0.shape.rawValue) })
  }
}
