import Latent
import LatentEvaluation
import TestSupport
import Testing

@testable import LatentTraining

/// Factors of the examples that a model encodes.
@Suite struct EncodedFactorsTests {
  @Test func aTableOfEveryCombinationOnceIsASource() throws {
    let values: [Float] = [0.5, 2, 0.5, 7, -1, 7, -1, 2, 0.5, 3, -1, 3]
    let table = try FactorTable(values, width: 2)
    #expect(table.factorSizes == [2, 3])
    #expect(table.factors == [[1, 0], [1, 2], [0, 2], [0, 0], [1, 1], [0, 1]])
    #expect(table.examplesByFactors?[[0, 2]] == 2)
    #expect(try FactorTable(Array(values.dropLast(2)), width: 2).examplesByFactors == nil)
    #expect(try FactorTable(values.dropLast(2) + [0.5, 3], width: 2).examplesByFactors == nil)

    let examples = try smallImages(6)
    let trained = TrainedModel(
      Model(smallModel(latents: 3, hidden: [5]), exampleShape: examples.shape), store: VariableStore(seed: 1))
    let codes = CodeMatrix(try Generator(trained).encode(examples), width: 3)
    let source = try #require(EncodedFactors.grid(trained, table, examples))
    let asked = [[0, 2], [1, 0], [0, 2], [1, 1]]
    for _ in 0..<2 {
      let rows = try source.codes(for: asked)
      for (index, example) in [2, 0, 2, 4].enumerated() {
        // Batches of other sizes are summed in other orders.
        for (value, other) in zip(rows.row(index), codes.row(example)) { #expect(abs(value - other) < 1e-5) }
      }
    }
  }

  @Test func quantitiesAreNoLevels() throws {
    let wrongs: [[Float]] = [(0..<1001).map(Float.init), [1, .nan, 2], [3e7, 4e7], [.infinity, 0]]
    for wrong in wrongs {
      let error = #expect(throws: LatentError.self) { try FactorTable(wrong, width: 1) }
      #expect(error?.remedy == "Number the levels of each factor from 0, at most 1000 of them")
    }
    // A colour that all examples share is no factor.
    #expect(try FactorTable([0, 1, 0, 2, 0, 3], width: 2) == FactorTable([1, 2, 3], width: 1))
    #expect(throws: LatentError.self) { try FactorTable([4, 4, 4], width: 1) }
  }

  /// Latents that are the factors themselves get the best score there is; latents that are noise do not.
  @Test func scoresOfATableTellFactorsFromNoise() throws {
    var stream = RandomStream(seed: 3, name: "factors")
    let factors = (0..<600).map { _ in [Int(stream.next() % 4), Int(stream.next() % 3)] }
    func scores(_ code: ([Int]) -> [Float]) throws -> DisentanglementScores {
      let codes = CodeMatrix(rows: factors.map(code))
      return try DisentanglementScores(of: LabelledCodes(codes: codes, factors: factors, factorSizes: [4, 3]), seed: 1)
    }
    let good = try scores { [Float($0[1]), -2 * Float($0[0])] }
    #expect(good.mutualInformationGap > 0.95 && good.dci.disentanglement > 0.95 && good.dci.informativeness == 1)
    #expect(good.byChoice == nil && good.modularity > 0.95 && (good.sap ?? 0) > 0.3)
    let bad = try scores { _ in [Float(stream.nextUniform()), Float(stream.nextUniform())] }
    #expect(bad.mutualInformationGap < 0.1 && bad.dci.informativeness < 0.6)
    #expect(try scores { [Float($0[0])] }.sap == nil)
  }
}
