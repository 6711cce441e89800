import Foundation
import Latent
import TestSupport
import Testing

/// A table of numbers, truth values, and categories with gaps: densities that are densities, and gaps filled better than by means and
/// modes.
@Suite struct TableTrainingTests {
  @Test func theDensityOfColumnsIsThatOfEachByItself() throws {
    let graph = Graph()
    let outputs = graph.input("outputs", shape: [1, 7])
    let likelihood = ColumnsLikelihood(numbers: 2, booleans: 1, categories: [4])
    let module = likelihood.make(at: LikelihoodSite(exampleShape: [7]))
    let distribution = try #require(
      module.distribution(DecoderOutputs(tensor: outputs, leading: [1], pixels: 7, channels: 1, mode: .inference))
        as? MixedColumns)
    let words = (0..<4).map { word in (0..<4).map { $0 == word ? 1.0 : 0 } }
    let rows = words.flatMap { word in [0.0, 1.0].flatMap { [0.3, -0.2, $0] + word } }
    let x = graph.constant(rows, shape: [8, 1, 7])
    let program = Program(
      graph: graph, outputs: [distribution.logProbability(x), distribution.elementLogProbability(x), distribution.mean])
    let given = [0.1, 0.4, -0.3, 1.0, 2.0, -1.0, 0.5]
    let values = try CPUBackend().compile(program, state: VariableStore(seed: 0)).run(
      [HostTensor(given, shape: [1, 7])], random: RandomState(seed: 0)
    ).map(\.doubles)
    func normal(_ x: Double, _ mean: Double) -> Double {
      -0.5 * (x - mean) * (x - mean) - 0.5 * Foundation.log(2 * Double.pi)
    }
    let numbers = normal(0.3, 0.1) + normal(-0.2, 0.4)
    // Probabilities of all truth values and words sum to one.
    let sum = values[0].reduce(0) { $0 + Foundation.exp($1 - numbers) }
    #expect(abs(sum - 1) < 1e-5)
    let weights = given[3...].map { Foundation.exp($0) }
    let expected = numbers - Foundation.log(1 + Foundation.exp(-0.3)) + given[5] - Foundation.log(weights.reduce(0, +))
    // The third word with a zero.
    #expect(abs(values[0][4] - expected) < 1e-5)
    #expect(abs(values[1][(4 * 7)..<(5 * 7)].reduce(0, +) - expected) < 1e-5)
    #expect(abs(values[2][3...].reduce(0, +) - 1) < 1e-6)
  }

  @Test func gapsAreFilledBetterThanByMeansAndModes() throws {
    var stream = RandomStream(seed: 5, name: "table")
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double(stream.nextUniform()) } }
    let words = ["red", "green", "blue"]
    let complete = (0..<1500).map { _ -> [String] in
      let kind = Int(stream.nextUniform() * 3)
      let size = normal()
      return [
        "\(1e5 + 3e4 * Double(kind) + 2e4 * size)", "\(0.01 * size + 0.001 * normal())", words[kind],
        size > 0 ? "yes" : "no",
      ]
    }
    let hidden = complete.map { _ in (0..<4).map { _ in stream.nextUniform() < 0.15 } }
    let rows = zip(complete, hidden).map { zip($0, $1).map { $1 ? "" : $0 }.joined(separator: ",") }
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Array((["weight,length,colour,big"] + rows).joined(separator: "\n").utf8), as: "table.csv")
    let dataset = try Dataset.load(path)
    var configuration = try Preset.named("vae-table").configuration
    (configuration.batchSize, configuration.seed) = (25, 1)
    let trainer = try Trainer(configuration, dataset: dataset)
    try trainer.run()
    let schema = try #require(dataset.table)
    let filled = try Generator(trainer.trained).reconstruct(dataset.train)
    let cells = (0..<1500).map { schema.cells(filled[($0 * schema.width)..<(($0 + 1) * schema.width)]) }
    for column in 0..<2 {
      let truth = complete.map { Double($0[column]) ?? .nan }
      let known = zip(truth, hidden).filter { !$1[column] }.map(\.0)
      let mean = known.reduce(0, +) / Double(known.count)
      let gaps = (0..<1500).filter { hidden[$0][column] }
      let error = gaps.reduce(0) { $0 + pow((Double(cells[$1][column]) ?? .infinity) - truth[$1], 2) }
      let naive = gaps.reduce(0) { $0 + pow(mean - truth[$1], 2) }
      #expect(error < 0.6 * naive, "column \(column): \(error) against \(naive)")
    }
    for column in 2..<4 {
      let gaps = (0..<1500).filter { hidden[$0][column] }
      let right = gaps.count { cells[$0][column] == complete[$0][column] }
      let counts = Dictionary(grouping: complete.indices.filter { !hidden[$0][column] }) { complete[$0][column] }
      let mode = counts.max { $0.value.count < $1.value.count }?.key
      let naive = gaps.count { complete[$0][column] == mode }
      #expect(Double(right) > 1.3 * Double(naive), "column \(column): \(right) against \(naive) of \(gaps.count)")
    }
    // What was there stays as it was.
    for row in 0..<1500 where !hidden[row][2] { #expect(cells[row][2] == complete[row][2]) }
  }

  @Test func plantedAnomaliesHaveTheWorstScores() throws {
    var stream = RandomStream(seed: 9, name: "anomalies")
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double(stream.nextUniform()) } }
    /// Usual rows hang together by one cause; anomalies have the same columns, each as it is by itself.
    func row(_ isUsual: Bool) -> String {
      let (one, other) = (normal(), normal())
      let cause = isUsual ? [one, one, one] : [one, other, normal()]
      let word = cause[2] > 0.5 ? "high" : cause[2] > -0.5 ? "middle" : "low"
      return "\(100 + 15 * cause[0] + normal()),\(3 - 2 * cause[1] + 0.2 * normal()),\(word)"
    }
    let folder = try TemporaryFolder()
    let train = (0..<2000).map { _ in row(true) }
    let test = (0..<600).map { row($0 % 10 != 0) }
    try folder.write(Array((["a,b,c"] + train).joined(separator: "\n").utf8), as: "train.csv")
    try folder.write(Array((["a,b,c"] + test).joined(separator: "\n").utf8), as: "test.csv")
    let dataset = try Dataset.load(folder.path)
    var configuration = try Preset.named("vae-table").configuration
    (configuration.batchSize, configuration.seed) = (50, 1)
    let trainer = try Trainer(configuration, dataset: dataset)
    try trainer.run()
    let evaluator = Evaluator(trainer.trained, seed: 0)
    let scores = try evaluator.anomalyScores(#require(dataset.test), samples: 50)
    let area = try #require(AnomalyScores.separation(scores, isAnomaly: (0..<600).map { $0 % 10 == 0 }))
    #expect(area > 0.95, "\(area)")
  }
}
