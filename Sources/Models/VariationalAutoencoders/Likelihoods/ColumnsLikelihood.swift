import Foundation
import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A likelihood for each column of a table: Normals of learned variances, coins, and choices (Nazabal et al. 2020, section 2.1).
///
/// Examples have the numbers first, then a zero or a one for each truth value, then for each category a one among zeros.
public struct ColumnsLikelihood: LikelihoodFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("columns", "a likelihood for each column of a table, by what its cells are")
  /// What may be relied on.
  public var traits: LikelihoodTraits { numbers > 0 ? [.independentDimensions, .density] : .independentDimensions }
  /// Any: the numbers are standardised.
  public var range: (least: Double?, greatest: Double?) { (nil, nil) }

  /// How many columns are numbers.
  public var numbers = 0
  /// How many columns are truth values.
  public var booleans = 0
  /// How many words each column of categories has.
  public var categories: [Int] = []

  /// Columns that the data say when training starts.
  public init() {}

  /// Such columns.
  public init(numbers: Int, booleans: Int = 0, categories: [Int] = []) {
    (self.numbers, self.booleans, self.categories) = (numbers, booleans, categories)
  }

  /// Whether the data are still to say what the columns are.
  public var isOpen: Bool { numbers == 0 && booleans == 0 && categories.isEmpty }

  /// Refuses columns that the examples do not have.
  public func validate(exampleShape: [Int]) throws {
    guard !isOpen else {
      throw LatentError.usage(
        "A likelihood of kind columns is about the columns of a table", remedy: "Give --data a .csv or .tsv file")
    }
    let sizes = [numbers, booleans] + categories
    guard sizes.allSatisfy({ (0...65_536).contains($0) }), categories.allSatisfy({ $0 > 0 }),
      sizes.reduce(0, +) == exampleShape.reduce(1, *)
    else {
      throw LatentError.usage(
        "\(numbers) numbers, \(booleans) truth values, and categories of \(categories) words are not examples of shape "
          + "\(exampleShape)",
        remedy: "Set model.decoder.likelihood.numbers=0, .booleans=0, and .categories=[] for what a table has")
    }
  }

  /// Warns of nothing: what the columns are was told by the data.
  public func check(_ data: ValueSurvey, inBound: Bool) throws -> String? { nil }

  /// A mean or a logit for each dimension.
  public func parametersPerPixel(channels: Int) -> Int { channels }

  /// The mean of each number, and the logits of probabilities.
  public func outputBias(for mean: [Float]) -> [Double]? {
    mean.enumerated().map { place, value in
      place < numbers
        ? Double(value) : place < numbers + booleans ? boundedLogit(value) : Foundation.log(max(1e-3, Double(value)))
    }
  }

  /// Makes the variances of the numbers.
  public func make(at site: LikelihoodSite) -> any LikelihoodModule {
    Module(
      settings: self,
      logVariance: numbers > 0 ? Variable("likelihood/logVariance", shape: [numbers], initializer: .constant(0)) : nil)
  }

  private struct Module: LikelihoodModule {
    let settings: ColumnsLikelihood
    let logVariance: Variable?

    var variables: [Variable] { logVariance.map { [$0] } ?? [] }

    func distribution(_ outputs: DecoderOutputs) -> any Distribution {
      let graph = outputs.tensor.graph
      return MixedColumns(
        outputs.parameter, logVariance: logVariance.map { graph.read($0).smoothlyBounded() },
        booleans: settings.booleans, categories: settings.categories)
    }
  }
}

extension LikelihoodFamily where Self == ColumnsLikelihood {
  /// A likelihood for each column of a table.
  public static func columns(numbers: Int = 0, booleans: Int = 0, categories: [Int] = []) -> Self {
    ColumnsLikelihood(numbers: numbers, booleans: booleans, categories: categories)
  }
}
