import LatentDatasets
import LatentDiagnostics
import LatentEvaluation
import LatentVariationalAutoencoders

/// A model's posterior means of examples that are chosen by their factors, each encoded once.
package final class EncodedFactors: FactorSource {
  /// The number of levels of each factor.
  package let factorSizes: [Int]
  private let generator: Generator
  private let examples: ([[Int]]) throws -> Examples
  /// Where the code of a combination of levels begins among the values.
  private var places: [[Int]: Int] = [:]
  private var values: [Float] = []

  /// - Parameter examples: makes the examples of some combinations of levels, one for each, as the model sees them.
  init(_ trained: TrainedModel, factorSizes: [Int], examples: @escaping ([[Int]]) throws -> Examples) {
    generator = Generator(trained)
    self.factorSizes = factorSizes
    self.examples = examples
  }

  /// Sprites, drawn by their factors and prepared as the run's examples are.
  ///
  /// - Throws: `LatentError` for a model of examples of another shape.
  package static func sprites(_ trained: TrainedModel, data: RunConfiguration.DataSettings) throws -> EncodedFactors {
    let shape = [Sprites.side, Sprites.side, 1]
    guard trained.model.exampleShape == shape else {
      throw LatentError.usage(
        "The model's examples have shape \(trained.model.exampleShape), sprites have \(shape)",
        remedy: "Give --factors a file with the factors of the model's own data")
    }
    var patches: [Sprites.Factors: SpritePatch] = [:]
    return EncodedFactors(trained, factorSizes: Sprites.Factors.levels) { rows in
      let sprites = rows.map { row in
        Sprites.Factors(
          shape: Sprites.Shape(rawValue: row[0]) ?? .square, scale: row[1], rotation: row[2], x: row[3], y: row[4])
      }
      return data.prepared(Sprites.draw(sprites, &patches))
    }
  }

  /// The examples of a table that has each combination of levels once; `nil` for another table.
  package static func grid(_ trained: TrainedModel, _ table: FactorTable, _ examples: Examples) -> EncodedFactors? {
    guard let places = table.examplesByFactors else { return nil }
    return EncodedFactors(trained, factorSizes: table.factorSizes) { rows in
      examples.selecting(rows.map { places[$0] ?? 0 })
    }
  }

  /// The codes of one example for each row of factors.
  package func codes(for factors: [[Int]]) throws -> CodeMatrix {
    let unknown = Array(Set(factors.filter { places[$0] == nil })).sorted { $0.lexicographicallyPrecedes($1) }
    if !unknown.isEmpty {
      // Repeats up to one of a few sizes, since each size is a program.
      let padding = Array(repeating: unknown[0], count: (128 - unknown.count % 128) % 128)
      let codes = try generator.encode(examples(unknown + padding))
      for (index, row) in unknown.enumerated() { places[row] = values.count + index * generator.latents }
      values += codes.prefix(unknown.count * generator.latents)
    }
    let codes = factors.flatMap { row in values[places[row, default: 0]...].prefix(generator.latents) }
    return CodeMatrix(codes, width: generator.latents)
  }
}
