import Latent

/// One thing that the program can do.
protocol Command {
  static var specification: CommandSpecification { get }

  /// Does it.
  ///
  /// - Throws: `LatentError`, which becomes a message and an exit status.
  static func run(_ arguments: Arguments) throws
}

/// What a command takes, from which arguments are decoded and help is printed.
struct CommandSpecification {
  /// An option, with a value or as a flag.
  struct Option {
    var name: String
    /// What the value is called; `nil` for a flag.
    var value: String?
    var help: String
    var repeats = false
  }

  var name: String
  var summary: String
  /// What stands after the name without a dash; in brackets what may be left out.
  var operands: [(name: String, help: String)] = []
  var options: [Option] = []
  var example: String

  var help: String {
    let usage = ["latent", name] + operands.map(\.name) + (options.isEmpty ? [] : ["[OPTIONS]"])
    let rows =
      operands.map { ($0.name, $0.help) }
      + options.map { (["\($0.name)", $0.value].compactMap { $0 }.joined(separator: " "), $0.help) }
    let width = rows.map(\.0.count).max() ?? 0
    let table = rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }
    return """
      \(summary)

      Usage: \(usage.joined(separator: " "))

      \(table.joined(separator: "\n"))

      Example:
        \(example)
      """
  }

  /// Whether the last operand may be given any number of times.
  var takesMore: Bool { operands.last?.name.hasSuffix("...]") ?? false }

  var requiredOperands: Int { operands.filter { !$0.name.hasPrefix("[") }.count }
}

extension [CommandSpecification.Option] {
  /// Where data come from.
  static let data: Self = [
    .init(name: "--data", value: "NAME|PATH", help: "a named data set (see `latent data list`), a file, or a folder"),
    .init(name: "--data-dir", value: "DIR", help: "where named data sets are looked for first"),
  ]

  /// Where a result goes.
  static let output: Self = [
    .init(name: "--out", value: "FILE", help: "where to write it (.png, .npy, or, rows of a table, .csv)"),
    .init(name: "--force", value: nil, help: "replace what is there"),
  ]

  /// Under which class to generate.
  static let label: Self = [
    .init(name: "--label", value: "N", help: "the class to generate, of a model that is conditioned on labels"),
    .init(name: "--attributes", value: "FILE", help: "rows to generate under, where vectors condition (.npy)"),
  ]

  static let seed: Self = [.init(name: "--seed", value: "N", help: "seed of the random numbers (default 0)")]

  static let split: Self = [
    .init(
      name: "--split", value: "SPLIT",
      help: "train, validation, or test (default test, or train where there is no test)")
  ]

  /// How to compute.
  static let compute: Self = [
    .init(name: "--threads", value: "N", help: "threads to use (default: all cores)"),
    .init(name: "--precision", value: "f32|bf16", help: "in what matrix products are computed (default f32)"),
    .init(name: "--device", value: "cpu", help: "where to compute"),
  ]
}
