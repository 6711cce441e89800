import LatentLayers
import LatentTensorGraph

/// What an autoregressive network is given of values: the numbers themselves around zero, or learned vectors of symbols.
struct PlaceValues: Sendable {
  private let embedding: Embedding?
  private let likelihood: (any SymbolLikelihood)?
  /// What is taken off numbers, and what they are then multiplied with.
  private let offset: Double, scale: Double
  /// Whether numbers are counts, whose logarithms the network is better given.
  private let areCounts: Bool
  /// How many numbers the network is given for a place.
  let inputs: Int

  /// Of values at places of some channels, about which there is a likelihood.
  ///
  /// - Parameter takesNumbers: whether symbols, too, come as numbers.
  init(_ name: String, _ likelihood: any LikelihoodFamily, channels: Int, takesNumbers: Bool) {
    let symbols = takesNumbers ? nil : (likelihood as? any SymbolLikelihood).flatMap { $0.hasSymbols ? $0 : nil }
    self.likelihood = symbols
    embedding = symbols.map {
      // A probability for each symbol.
      let count = $0.parametersPerPixel(channels: channels)
      return Embedding(name + "/symbols", count: count, features: min(count, 64), standardDeviation: 1)
    }
    inputs = embedding?.table.shape[1] ?? channels
    areCounts = likelihood.traits.contains(.counts)
    guard let least = likelihood.range.least, let greatest = likelihood.range.greatest, greatest > least else {
      (offset, scale) = (0, 1)
      return
    }
    (offset, scale) = ((least + greatest) / 2, 2 / (greatest - least))
  }

  var variables: [Variable] { embedding?.variables ?? [] }

  /// Values [..., channels] as the network is given them, [..., inputs].
  func inputs(of values: Tensor) -> Tensor {
    guard let embedding, let likelihood else { return areCounts ? values.log1p() : (values - offset) * scale }
    return embedding(likelihood.symbol(of: values))
  }
}

/// A likelihood whose values at a place are one of a number of symbols, none of which is nearer to one than to another.
protocol SymbolLikelihood: LikelihoodFamily {
  /// Whether its values are symbols and not levels.
  var hasSymbols: Bool { get }
  /// The int32 symbols [...] of values [..., channels].
  func symbol(of values: Tensor) -> Tensor
}

extension BinaryPatternLikelihood: SymbolLikelihood {
  var hasSymbols: Bool { true }
  func symbol(of values: Tensor) -> Tensor { values.binaryPattern() }
}

extension CategoricalLikelihood: SymbolLikelihood {
  var hasSymbols: Bool { levelKind == .tokens }
  func symbol(of values: Tensor) -> Tensor {
    values.reshape(Shape(values.shape.dimensions.dropLast())).round().converted(to: .int32)
  }
}
