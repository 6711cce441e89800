import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentEvaluation

/// How to go from one latent to another.
public enum LatentWay: String, Hashable, Sendable, CaseIterable {
  /// In a straight line.
  case linear
  /// On the arc between them, so that lengths change evenly: what a straight line passes on its way between two draws from a Normal
  /// of many dimensions is nearer to zero than any draw (White 2016, "Sampling Generative Networks"; Shoemake 1985).
  case spherical
}

extension Generator {
  /// Latents on ways between pairs of rows: `steps` rows for each pair, both ends included.
  ///
  /// - Throws: `LatentError` for numbers that are not whole rows, ends that are not as many as starts, or no steps.
  public func ways(_ way: LatentWay, from starts: [Float], to ends: [Float], steps: Int) throws -> [Float] {
    let width = latents
    guard try rows(of: starts) == rows(of: ends), steps >= 1 else {
      throw LatentError.usage(
        "Ways in \(steps) steps go from \(starts.count / width) rows to \(ends.count / width)",
        remedy: "Give one end for each start, and 1 step or more")
    }
    return (0..<(starts.count / width)).flatMap { pair -> [Float] in
      let range = (pair * width)..<((pair + 1) * width)
      let (start, end) = (Array(starts[range]), Array(ends[range]))
      return (0..<steps).flatMap { step in
        let (a, b) = Self.weights(way, start, end, steps > 1 ? Double(step) / Double(steps - 1) : 0)
        return (0..<width).map { Float(a * Double(start[$0]) + b * Double(end[$0])) }
      }
    }
  }

  /// What start and end are multiplied by at a share of the way.
  private static func weights(_ way: LatentWay, _ start: [Float], _ end: [Float], _ share: Double) -> (Double, Double) {
    func product(_ left: [Float], _ right: [Float]) -> Double {
      zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let lengths = (product(start, start) * product(end, end)).squareRoot()
    let angle = lengths > 0 ? acos(max(-1, min(1, product(start, end) / lengths))) : 0
    // Where both point one way, or away from each other, there is no arc to choose.
    guard way == .spherical, sin(angle) > 1e-4 else { return (1 - share, share) }
    return (sin((1 - share) * angle) / sin(angle), sin(share * angle) / sin(angle))
  }

  /// One latent at a time varied around a code, from -range to range: a row of `steps` latents for each.
  public func traversal(of code: [Float], latents order: [Int], range: Float, steps: Int) -> [Float] {
    order.flatMap { latent in
      (0..<steps).flatMap { step in
        var z = code
        z[latent] = range * (2 * Float(step) / Float(max(1, steps - 1)) - 1)
        return z
      }
    }
  }
}

/// Which latents matter most, and by what that is told.
public struct LatentOrder: Hashable, Sendable {
  /// The latents of the first layer, the one that matters most first.
  public let latents: [Int]
  /// What each is ordered by, latent by latent: its rate in nats, or the variance of its codes.
  public let measure: [Double]
  /// Whether it is the rate.
  public let isRate: Bool
}

extension Evaluator {
  /// The latents by their rate from the model's own prior; where that is no sum over latents, by the variance of their codes.
  public func latentOrder(_ examples: Examples) throws -> LatentOrder {
    let rates = try latentRates(examples)?.first
    let measure = try rates ?? codeVariances(examples)
    return LatentOrder(
      latents: measure.indices.sorted { (measure[$0], $1) > (measure[$1], $0) }, measure: measure, isRate: rates != nil)
  }

  private func codeVariances(_ examples: Examples) throws -> [Double] {
    let generator = Generator(trained)
    let codes = CodeMatrix(try generator.encode(examples), width: generator.latents)
    guard codes.count > 1 else { return [Double](repeating: 0, count: codes.width) }
    return try ActiveUnits(posteriorMeans: codes).variances
  }
}
