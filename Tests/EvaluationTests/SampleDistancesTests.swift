import Foundation
import LatentDiagnostics
import LatentRandomness
import TestSupport
import Testing

@testable import LatentEvaluation

@Suite struct SampleDistancesTests {
  private func normals(_ count: Int, _ width: Int, seed: UInt64, _ change: (Int, Double) -> Double = { $1 })
    -> CodeMatrix
  {
    var stream = RandomStream(seed: seed, name: "normals")
    return CodeMatrix(
      (0..<count).flatMap { _ in stream.nextNormals(width).enumerated().map { Float(change($0, $1)) } }, width: width)
  }

  @Test func eigenvaluesAreThoseOfAKnownMatrix() {
    // Second differences: 2 - 2 cos(k pi / (n + 1)).
    let size = 24
    let matrix = (0..<(size * size)).map { place -> Double in
      switch abs(place / size - place % size) {
      case 0: 2
      case 1: -1
      default: 0
      }
    }
    let expected = (1...size).map { 2 - 2 * cos(Double($0) * .pi / Double(size + 1)) }
    let found = symmetricEigenvalues(matrix, size: size).sorted()
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test(arguments: [1, 2, 3, 17]) func eigenvaluesKeepTheSumsOfPowers(_ size: Int) {
    var stream = RandomStream(seed: UInt64(size), name: "matrix")
    var matrix = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        matrix[i * size + j] = stream.nextUniform() - 0.5
        matrix[j * size + i] = matrix[i * size + j]
      }
    }
    let values = symmetricEigenvalues(matrix, size: size)
    let trace = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }
    #expect(abs(values.reduce(0, +) - trace) < 1e-12)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } - matrix.reduce(0) { $0 + $1 * $1 }) < 1e-12)
  }

  @Test func frechetDistancesAreThoseOfScaledAndShiftedNormals() throws {
    let examples = normals(4000, 5, seed: 1)
    #expect(try SampleDistances(samples: examples, examples: examples, seed: 1).frechet < 1e-6)
    // The same rows, so that moments differ by the change alone: |shift|^2 + sum (s - 1)^2 var.
    let variances = examples.columnVariances
    let changed = CodeMatrix(examples.values.enumerated().map { $1 * ($0 % 5 == 0 ? 3 : 1) + 2 }, width: 5)
    let means = examples.columnMeans
    let shift = (0..<5).reduce(0.0) { sum, place in
      let moved = means[place] * (place == 0 ? 3 : 1) + 2 - means[place]
      return sum + moved * moved
    }
    let expected = shift + 4 * variances[0]
    // Exact for a factor along an axis when the axes are uncorrelated; these are nearly so.
    #expect(
      abs(try SampleDistances(samples: changed, examples: examples, seed: 1).frechet - expected) < 0.02 * expected)
  }

  @Test(.enabled(if: PeerPython.has("scipy", "numpy"), "SciPy is not in .venv"))
  func frechetDistancesAreThoseOfSciPy() throws {
    let left = normals(300, 12, seed: 4) { $1 * (1 + 0.2 * Double($0)) }
    let right = normals(260, 12, seed: 5) { 0.3 * Double($0 % 3) + $1 * 0.7 }
    let script = """
      import numpy as np
      from scipy.linalg import sqrtm
      a, b = [np.array(rows).reshape(-1, 12) for rows in x]
      c, d = np.cov(a.T), np.cov(b.T)
      f = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c + d - 2 * sqrtm(c @ d).real)
      print(json.dumps([[float(f)]]))
      """
    let peer = try PeerPython.run(script, [left.values.map(Double.init), right.values.map(Double.init)])[0][0]
    #expect(abs(try SampleDistances(samples: left, examples: right, seed: 1).frechet / peer - 1) < 1e-6)
  }

  @Test func kernelDistancesAreZeroOnAverageForOneDistribution() throws {
    let distance = try SampleDistances(
      samples: normals(5000, 6, seed: 1), examples: normals(5000, 6, seed: 2), seed: 1
    ).kernel
    #expect(abs(distance.value) < 4 * distance.error && distance.error > 0)
    let shifted = try SampleDistances(
      samples: normals(5000, 6, seed: 1) { $1 + 0.5 }, examples: normals(5000, 6, seed: 2), seed: 1
    ).kernel
    #expect(shifted.value > 10 * shifted.error)
  }

  @Test func worseSamplesAreFurtherAway() throws {
    let examples = normals(1000, 4, seed: 2)
    let good = try SampleDistances(samples: normals(1000, 4, seed: 3), examples: examples, seed: 1)
    // Blurred: too little variety. Noisy: too much.
    let blurred = try SampleDistances(samples: normals(1000, 4, seed: 3) { $1 * 0.5 }, examples: examples, seed: 1)
    let noisy = try SampleDistances(samples: normals(1000, 4, seed: 3) { $1 * 2 }, examples: examples, seed: 1)
    #expect(good.frechet < 0.2 * blurred.frechet && good.frechet < 0.2 * noisy.frechet)
    #expect(good.kernel.value < blurred.kernel.value && good.kernel.value < noisy.kernel.value)
    #expect(good.precision > 0.8 && good.recall > 0.8)
    #expect(blurred.precision > 0.95 && blurred.recall < good.recall - 0.2)
    #expect(noisy.precision < good.precision - 0.2)
  }

  @Test func fewRowsAreRefused() {
    #expect(throws: LatentError.self) {
      try SampleDistances(samples: normals(9, 2, seed: 1), examples: normals(50, 2, seed: 2), seed: 1)
    }
  }

  @Test func principalComponentsAreTheAxesOfLargestVariance() {
    let rows = normals(3000, 5, seed: 7) { $1 * [1, 5, 0.1, 3, 0.5][$0] }
    let components = PrincipalComponents(rows, count: 2, seed: 1)
    #expect(abs(components.directions[0][1]) > 0.999 && abs(components.directions[1][3]) > 0.999)
    let projected = components.projected(rows)
    #expect(projected.width == 2 && abs(projected.columnMeans[0]) < 1e-4)
    #expect(abs(projected.columnVariances[0] / 25 - 1) < 0.1)
  }
}

@Suite struct CodeProbesTests {
  private func codes(_ count: Int, seed: UInt64, apart: Float) -> (CodeMatrix, [Int]) {
    var stream = RandomStream(seed: seed, name: "probes")
    let labels = (0..<count).map { $0 % 3 }
    let values = labels.flatMap { label -> [Float] in
      let noise = stream.nextNormals(3).map(Float.init)
      return (0..<3).map { noise[$0] + ($0 == label ? apart : 0) }
    }
    return (CodeMatrix(values, width: 3), labels)
  }

  @Test func classesThatLieApartAreTold() throws {
    let (known, labels) = codes(600, seed: 1, apart: 8)
    let (asked, askedLabels) = codes(300, seed: 2, apart: 8)
    let probes = try CodeProbes(known: known, labels: labels, asked: asked, askedLabels: askedLabels)
    #expect((probes.linear ?? 0) > 0.99 && probes.nearest > 0.99 && probes.known == 600 && probes.asked == 300)
  }

  /// Numbers of classes are names: large ones take no more room, and one that is not known is never right.
  @Test func classesMayHaveAnyNumbers() throws {
    let (known, labels) = codes(600, seed: 1, apart: 8)
    let (asked, askedLabels) = codes(300, seed: 2, apart: 8)
    let names = [7, 16_000_000, 90_000]
    let probes = try CodeProbes(
      known: known, labels: labels.map { names[$0] }, asked: asked,
      askedLabels: askedLabels.map { $0 == 1 ? 5 : names[$0] })
    #expect(abs((probes.linear ?? 0) - 2.0 / 3) < 0.01 && abs(probes.nearest - 2.0 / 3) < 0.01)
    // As many classes as examples are too many for a linear classifier, and not for neighbours.
    let many = try CodeProbes(
      known: known, labels: Array(0..<600), asked: asked, askedLabels: askedLabels)
    #expect(many.linear == nil && many.nearest < 0.1)
  }

  @Test func classesThatDoNotAreGuessed() throws {
    let (known, labels) = codes(900, seed: 1, apart: 0)
    let (asked, askedLabels) = codes(900, seed: 2, apart: 0)
    let probes = try CodeProbes(known: known, labels: labels, asked: asked, askedLabels: askedLabels)
    #expect(abs((probes.linear ?? 0) - 1.0 / 3) < 0.08 && abs(probes.nearest - 1.0 / 3) < 0.08)
  }
}

@Suite struct PairedDifferenceTests {
  @Test func whatExamplesHaveInCommonIsNoError() {
    let common = (0..<100).map { Double($0 * $0) }
    let difference = PairedDifference(
      common.map { $0 + 1 }, common.enumerated().map { $1 + ($0 % 2 == 0 ? 0.1 : -0.1) })
    #expect(abs(difference.mean - 1) < 1e-9)
    #expect(abs(difference.error - 0.1 / 99.0.squareRoot()) < 1e-9)
  }
}
