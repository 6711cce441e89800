import Foundation
import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// Each number of a vector rounded to one of a few levels: a codebook that is a grid, and learns nothing (Mentzer et al. 2023).
public struct FiniteScalarQuantizer: QuantizerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("finiteScalar", "each number rounded to one of a few levels")

  /// How many levels each number of a vector has.
  public var levels = [8, 5, 5, 5]

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses levels that are none, or not one for each number of a vector.
  public func validate(dimensions: Int) throws {
    guard !levels.isEmpty, levels.allSatisfy({ (2...256).contains($0) }),
      levels.reduce(1.0, { $0 * Double($1) }) <= 65_536
    else {
      throw refuse(
        "Levels \(levels) do not make a grid of up to 65536 codes", "levels to a list of numbers from 2 to 256")
    }
    guard levels.count == dimensions else {
      throw LatentError.usage(
        "\(levels.count) numbers with levels cannot quantise vectors of \(dimensions)",
        remedy: "Set model.encoder.posterior.codeDimensions=\(levels.count)")
    }
  }

  /// One book, of all points of the grid.
  public func codebooks(dimensions: Int) -> [Int] { [levels.reduce(1, *)] }

  /// Makes the grid, which has no variables.
  public func make(_ name: String, dimensions: Int) -> any Quantizer { Grid(levels: levels.map(Double.init)) }

  private struct Grid: Quantizer {
    let levels: [Double]
    var variables: [Variable] { [] }

    /// The step from one code to the next for each number's neighbour.
    private var basis: [Double] { levels.indices.map { levels[..<$0].reduce(1, *) } }
    private var halves: [Double] { levels.map { ($0 / 2).rounded(.down) } }

    func callAsFunction(_ vectors: Tensor, share: Tensor?, mode: Mode) -> QuantizedVectors {
      let graph = vectors.graph
      func row(_ values: [Double]) -> Tensor { graph.constant(values, shape: [values.count], type: vectors.type) }
      // A little beyond the outermost levels, so that rounding reaches them (the paper's appendix A.1).
      let reach = levels.map { ($0 - 1) * 1.001 / 2 }
      let offsets = levels.map { $0.truncatingRemainder(dividingBy: 2) == 0 ? 0.5 : 0 }
      let shifts = zip(offsets, reach).map { Foundation.atanh($0 / $1) }
      let bounded = (vectors + row(shifts)).tanh() * row(reach) - row(offsets)
      let rounded = CodeGradient.straightThrough(bounded, bounded.round(), mode)
      let digits = rounded.stopGradient() + row(halves)
      let codes = (digits * row(basis)).sum([-1], keepingDimensions: true).round().converted(to: .int32)
      return QuantizedVectors(
        vectors: rounded / row(halves), codes: codes, loss: graph.constant([0], shape: [vectors.shape[0]]))
    }

    func vectors(_ codes: Tensor) -> Tensor {
      let graph = codes.graph
      let numbers = zip(levels, zip(basis, halves)).map { level, place in
        let digit = (codes / graph.constant(place.0, .int32)).remainder(graph.constant(level, .int32))
        return digit.converted(to: .float32) / place.1 - 1
      }
      return Tensor.concatenate(numbers, dimension: -1)
    }
  }
}

extension QuantizerFamily where Self == FiniteScalarQuantizer {
  /// Each number of a vector rounded to one of its levels.
  public static func finiteScalar(levels: [Int]) -> Self {
    var quantizer = FiniteScalarQuantizer()
    quantizer.levels = levels
    return quantizer
  }
}
