import Latent

/// The words after a command, sorted into operands and options.
struct Arguments {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]
  private var command = ""

  init() {}

  /// Sorts the words by a command's specification.
  ///
  /// - Throws: `LatentError` for an unknown option, a missing value, or a wrong number of operands.
  init(_ words: [String], for specification: CommandSpecification) throws {
    command = specification.name
    let help = "See `latent \(specification.name) --help`"
    var rest = words[...]
    var onlyOperands = false
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-", !onlyOperands else {
        operands.append(word)
        continue
      }
      if word == "--" {
        onlyOperands = true
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = specification.options.first(where: { $0.name == parts[0] }) else {
        let nearest = nearestName(to: parts[0], among: specification.options.map(\.name))
        throw LatentError.usage(
          "`latent \(specification.name)` has no option \(parts[0])",
          remedy: nearest.map { "Did you mean \($0)?" } ?? help)
      }
      if values[option.name] != nil, !option.repeats {
        throw LatentError.usage("\(option.name) is given twice", remedy: "Give it once")
      }
      if option.value == nil {
        guard parts.count == 1 else {
          throw LatentError.usage("\(option.name) takes no value", remedy: "Leave out =\(parts[1])")
        }
        values[option.name] = [""]
      } else if let value = parts.count == 2 ? parts[1] : rest.popFirst() {
        values[option.name, default: []].append(value)
      } else {
        throw LatentError.usage("\(option.name) needs a value", remedy: help)
      }
    }
    if operands.count < specification.requiredOperands {
      throw LatentError.usage(
        "`latent \(specification.name)` needs \(specification.operands[operands.count].name)", remedy: help)
    }
    if operands.count > specification.operands.count, !specification.takesMore {
      throw LatentError.usage(
        "`latent \(specification.name)` does not know what to do with \(operands[specification.operands.count])",
        remedy: help)
    }
  }

  /// The operand at a place, if it is there.
  func operand(_ index: Int) -> String? { operands.indices.contains(index) ? operands[index] : nil }

  /// Whether a flag, or an option, is given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The value of an option.
  func text(_ name: String) -> String? { values[name]?.last }

  /// The values of an option that can be given several times.
  func texts(_ name: String) -> [String] { values[name] ?? [] }

  /// The value of an option that is a whole number.
  func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      let bounds =
        range.upperBound == .max ? "\(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
      throw LatentError.usage("\(name) is \(text)", remedy: "Give it a whole number \(bounds)")
    }
    return number
  }

  /// The value of an option that is a number above 0.
  func positive(_ name: String) throws -> Double? {
    guard let text = text(name) else { return nil }
    guard let number = Double(text), number.isFinite, number > 0 else {
      throw LatentError.usage("\(name) is \(text)", remedy: "Give it a number above 0")
    }
    return number
  }

  /// The value of an option that is one of a few words.
  func choice(_ name: String, _ choices: [String]) throws -> String? {
    guard let text = text(name) else { return nil }
    guard choices.contains(text) else {
      throw LatentError.usage("\(name) is \(text)", remedy: "It can be \(choices.joined(separator: ", "))")
    }
    return text
  }

  /// The seed, 0 unless given.
  func seed() throws -> UInt64 { UInt64(try integer("--seed", in: 0...Int.max) ?? 0) }

  /// The back end, with as many threads as asked for.
  func backend() throws -> CPUBackend {
    _ = try choice("--device", ["cpu"])
    try setThreads()
    return CPUBackend()
  }

  /// Has everything from now on use as many threads as asked for.
  func setThreads() throws {
    if let threads = try integer("--threads", in: 1...1024) { CPUBackend.setDefaultThreads(threads) }
  }

  /// In what products are computed, if it is said.
  func precision() throws -> Precision? {
    try choice("--precision", Precision.allCases.map(\.rawValue)).flatMap(Precision.init)
  }
}
