import Foundation
import Latent

/// What there is to say of data before a model is trained on them.
struct DataDescription {
  /// Names with what they say.
  let rows: [(name: String, value: String)]

  init(_ dataset: Dataset) throws {
    let train = dataset.train
    var rows = [
      ("train", "\(train.count) examples"), ("test", dataset.test.map { "\($0.count) examples" } ?? "none"),
      ("example", "\(train.shape): \(Self.kind(train))"),
      ("values", "\(train.range.lowerBound) to \(train.range.upperBound)" + Self.remarks(train)),
    ]
    if let attributes = train.attributes { rows.append(("attributes", "\(attributes.width) with each example")) }
    if let table = dataset.table { rows += table.columns.map { ("column", "\($0.name): \(Self.kind($0.kind))") } }
    rows.append(("classes", Self.classes(dataset)))
    rows.append(("memory", Self.memory(train)))
    if train.hasMissing {
      let share = 1 - (try train.meanObservedCount()) / Double(train.dimensions)
      rows.append(("missing", String(format: "%.1f %% of the values", 100 * share)))
    }
    let table = dataset.table == nil ? [] : ["columns (the preset vae-table)"]
    rows.append(("likelihoods", (table + Self.likelihoods(train)).joined(separator: ", ")))
    self.rows = rows
  }

  private static func kind(_ column: TableSchema.Kind) -> String {
    switch column {
    case .number(let mean, let standardDeviation, let isWhole):
      "\(isWhole ? "whole numbers" : "numbers"), mean \(Float(mean)), standard deviation \(Float(standardDeviation))"
    case .boolean(let no, let yes): "\(no) or \(yes)"
    case .category(let words):
      "\(words.count) words: " + words.prefix(8).joined(separator: ", ") + (words.count > 8 ? ", ..." : "")
    }
  }

  private static func kind(_ examples: Examples) -> String {
    switch (examples.shape.count, examples.shape.last) {
    case (3, 1): "grey pictures, rows x columns x channels"
    case (3, _): "colour pictures, rows x columns x channels"
    default: "vectors"
    }
  }

  private static func remarks(_ examples: Examples) -> String {
    let words = [
      (examples.isGreyLevels, "bytes over 255"), (examples.isBinary, "zeros and ones"),
      (examples.isWhole && !examples.isBinary, "whole numbers"), (examples.hasMissing, "some are missing"),
    ].filter(\.0).map(\.1)
    return words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
  }

  private static func classes(_ dataset: Dataset) -> String {
    guard let labels = dataset.train.labels else { return "none" }
    var counts: [Int32: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    let shown = counts.keys.sorted().prefix(20).map { label in
      let name = dataset.classNames.indices.contains(Int(label)) ? dataset.classNames[Int(label)] : "\(label)"
      return "\(name) \(counts[label, default: 0])"
    }
    return "\(counts.count): " + shown.joined(separator: ", ") + (counts.count > 20 ? ", ..." : "")
  }

  private static func memory(_ examples: Examples) -> String {
    examples.bytesInMemory.map { String(format: "%.1f MiB", Double($0) / 1_048_576) }
      ?? "read when needed, a batch at a time"
  }

  /// The likelihoods that take such values without a warning.
  private static func likelihoods(_ examples: Examples) -> [String] {
    let survey = ValueSurvey(range: examples.range, isBinary: examples.isBinary, isWhole: examples.isWhole)
    return Families.builtIn.members(of: LikelihoodAxis.self).compactMap { LikelihoodAxis.member($0.init()) }.filter {
      let isQuiet = (try? $0.check(survey, inBound: true) == nil) ?? false
      return isQuiet && $0.parametersPerPixel(channels: 1) > 0
        && (try? $0.validate(exampleShape: examples.shape)) != nil
    }.map(\.kind)
  }
}
