import Foundation
import Latent
import Testing

/// The information that ends aggressive training, against channels whose information is known.
@Suite struct InformationBoundTests {
  /// Codes with means from N(0, spread^2), of posteriors of one width.
  private func posteriors(_ count: Int, spread: [Double], width: Double, seed: UInt64 = 1) throws -> NormalPosteriors {
    let generator = Philox4x32(seed: seed)
    var means: [Float] = []
    for index in 0..<count {
      let noise = generator.normals(UInt32(index), stream: 0, step: 0)
      for (latent, size) in spread.enumerated() { means.append(Float(size * Double(noise[latent]))) }
    }
    return try NormalPosteriors(
      means: CodeMatrix(means, width: spread.count),
      logVariances: CodeMatrix(
        [Float](repeating: Float(2 * log(width)), count: means.count), width: spread.count))
  }

  /// Of a Gaussian channel it is the capacity, 1/2 log(1 + spread^2 / width^2) for each latent, however far beyond log N.
  @Test(arguments: [0.5, 0.1, 1e-3]) func aGaussianChannelHasItsCapacity(_ width: Double) throws {
    let spread = [1.0, 2, 0.5]
    let exact = spread.reduce(0) { $0 + 0.5 * log(1 + $1 * $1 / (width * width)) }
    let many = try posteriors(20_000, spread: spread, width: width)
    // Half a logarithm of a variance that is known to a share of the root of 2 / N, for three latents.
    #expect(abs(many.informationBound - exact) < 5 * (3 * 0.5 / 20_000.0).squareRoot())
    let few = try posteriors(500, spread: spread, width: width)
    let averaged = AggregatePosterior(few).information(seed: 1).mutualInformation
    #expect(few.informationBound > averaged.value - 3 * averaged.error)
    if width == 1e-3 {
      #expect(averaged.value < log(500) + 1e-9)
      #expect(few.informationBound > 2 * log(500))
    }
  }

  /// Two examples far apart tell one bit, which the bound is above; correlation between latents is counted once.
  @Test func itIsABound() throws {
    let two = try NormalPosteriors(
      means: CodeMatrix([-3, 3], width: 1), logVariances: CodeMatrix([0, 0], width: 1))
    #expect(abs(two.informationBound - 0.5 * log(10)) < 1e-6)
    #expect(two.informationBound > log(2))
    let twice = try NormalPosteriors(
      means: CodeMatrix([-3, -3, 3, 3], width: 2), logVariances: CodeMatrix([0, 0, 0, 0], width: 2))
    #expect(abs(twice.informationBound - 0.5 * log(19)) < 1e-6)
  }

  @Test func posteriorsThatAreAllAlikeTellNothing() throws {
    let alike = try NormalPosteriors(
      means: CodeMatrix([Float](repeating: 0.7, count: 30), width: 3),
      logVariances: CodeMatrix([Float](repeating: -1, count: 30), width: 3))
    #expect(abs(alike.informationBound) < 1e-6)
  }
}
