import Foundation
import LatentDatasets
import LatentDiagnostics
import LatentEvaluation
import LatentTraining
import LatentVariationalAutoencoders

/// A page with sliders for a model's latents, whose decoder runs in the browser.
package struct ExplorerPage {
  /// The text of the file.
  package let html: String

  /// How many latents have sliders: those with the largest rates.
  private static let mostSliders = 64
  /// How many values all pictures of examples may have together, which bounds the size of the file.
  private static let mostPictureValues = 1 << 19

  /// Makes the page.
  ///
  /// - Parameters:
  ///   - trained: the model.
  ///   - examples: examples of the model's shape, as it was trained on; up to 1,000 are shown as points.
  ///   - split: which split they are of.
  ///   - name: what the run is called.
  ///   - seed: of the draws from the prior.
  /// - Throws: `LatentError` for a decoder that a page cannot run, and for what examples or the prior throw.
  package init(_ trained: TrainedModel, examples: Examples, split: String, name: String, seed: UInt64) throws {
    let data = try ExplorerData(trained, examples.prefix(1000), seed: seed)
    let specification = trained.model.specification
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    html =
      Page(
        title: "\(name): explorer",
        body: Resource.text(
          .explorerBody,
          [
            "title": name,
            "subtitle":
              "\(trained.model.latents) latents, prior \(specification.prior.kind), posterior "
              + "\(specification.encoder.posterior.kind), likelihood \(specification.decoder.likelihood.kind)",
            "ordering": data.ordering, "codes": String(data.codeCount), "split": split,
          ]),
        styles: [Resource.text(.explorerStyle)],
        scripts: [Resource.text(.networkScript), Resource.text(.explorerScript)], data: try encoder.encode(data)
      ).html
  }

  /// What the page's script reads; `explorer.js` says `data.` before each.
  private struct ExplorerData: Encodable {
    let network: NetworkScript
    let latents: Int
    let shape: [Int]
    let isPicture: Bool
    /// The latents that have sliders, in their order, what is written beside each, and from where to where each goes.
    let order: [Int], measures: [String], ranges: [[Double]]
    let codes: String, labels: [Int], draws: String
    /// The class of each draw, where the prior depends on it.
    let drawLabels: [Int]
    let pictures: String, pictureCount: Int
    let classes: Int
    /// What the latents are ordered by.
    var ordering: String { hasRates ? "by rate, in nats" : "by the variance of their codes" }
    let codeCount: Int
    private let hasRates: Bool

    private enum CodingKeys: String, CodingKey {
      case network, latents, shape, isPicture, order, measures, ranges, codes, labels, draws, drawLabels, pictures,
        pictureCount,
        classes
    }

    init(_ trained: TrainedModel, _ examples: Examples, seed: UInt64) throws {
      let condition = trained.model.specification.condition
      guard !condition.isOn || condition.kind == .label else {
        throw LatentError.usage(
          "A page cannot ask for the vectors that the model is conditioned on",
          remedy: "Use `latent sample --attributes`, or explore a model that is conditioned on labels or on nothing")
      }
      let program = try trained.program(.decoder, batchSize: 1).program
      network = try NetworkScript(program) { try trained.store.value(of: $0).floats }
      let latents = trained.model.latents
      self.latents = latents
      shape = trained.model.exampleShape
      isPicture = shape.count == 3 && [1, 3].contains(shape[2])
      classes = condition.isOn ? condition.size : 0
      let generator = Generator(trained)
      let codes = try generator.encode(examples)
      codeCount = examples.count
      let matrix = CodeMatrix(codes, width: latents)
      let columns = (0..<latents).map { latent in matrix.column(latent).map(Double.init) }
      let ordered = try Evaluator(trained, seed: seed).latentOrder(examples)
      hasRates = ordered.isRate
      let order = Array(ordered.latents.prefix(mostSliders))
      self.order = order
      measures = order.map { String(format: "%.2f", ordered.measure[$0]) }
      let hasPrior = trained.objective.hasPrior
      let labels = condition.isOn ? (0..<64).map { $0 % condition.size } : []
      let draws =
        hasPrior
        ? try generator.priorSamples(
          64, conditions: condition.isOn ? generator.conditions(labels: labels) : [], seed: seed)
        : Array(codes.prefix(64 * latents))
      self.draws = draws.withUnsafeBytes { Data($0) }.base64EncodedString()
      drawLabels = condition.prior ? labels : []
      ranges = order.map { latent in
        // Where codes and the prior's draws are, and a little more; never less than a standard Normal's.
        let drawn = stride(from: latent, to: draws.count, by: latents).map { Double(draws[$0]) }
        let most = (columns[latent] + drawn).reduce(3) { max($0, abs($1)) }
        return [-(most * 10).rounded(.up) / 10, (most * 10).rounded(.up) / 10]
      }
      self.codes = codes.withUnsafeBytes { Data($0) }.base64EncodedString()
      self.labels = (examples.labels ?? []).map(Int.init)
      pictureCount = min(examples.count, 48, max(2, mostPictureValues / max(1, examples.dimensions)))
      var values = [Float](repeating: 0, count: pictureCount * examples.dimensions)
      let count = pictureCount
      try values.withUnsafeMutableBufferPointer { try examples.copyRange(0..<count, into: $0) }
      values = values.map { $0.isNaN ? 0 : $0 }
      let bytes =
        isPicture ? Data(values.map { UInt8(max(0, min(1, $0)) * 255 + 0.5) }) : values.withUnsafeBytes { Data($0) }
      pictures = bytes.base64EncodedString()
    }
  }
}
