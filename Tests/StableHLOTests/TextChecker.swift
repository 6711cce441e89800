/// Reads a module's text as a parser would, and collects what such a parser would refuse: names used before they are
/// defined or defined twice, and operands whose type is not the one their use states.
struct TextChecker {
  private(set) var problems: [String] = []
  private(set) var functions: Set<String> = []
  private var called: Set<String> = []
  private var known: [String: String] = [:]
  private var open: String?

  init(_ text: String) {
    for line in text.split(separator: "\n") { read(String(line)) }
    for name in called.subtracting(functions) { problems.append("no function \(name)") }
    if open != nil { problems.append("a region is not closed") }
  }

  private mutating func read(_ line: String) {
    if line.contains("func.func ") {
      known = [:]
      functions.insert(line.between("@", "("))
      define(line)
    } else if line.contains("^bb0(") || line.contains("reducer(") {
      define(line)
    } else if line.hasPrefix("    return") || line.contains("stablehlo.return") {
      check(line, stated: types(line.after(" : ")))
    } else if line.contains("}) : "), let name = open {
      let results = types(line.after(" -> "))
      for (place, type) in results.enumerated() { known[results.count == 1 ? name : "\(name)#\(place)"] = type }
      open = nil
    } else if line.contains(" = ") {
      operation(line)
    }
  }

  /// Parameters: a name, a colon, a type, and so on.
  private mutating func define(_ line: String) {
    for part in line.split(separator: "%").dropFirst() {
      let name = "%" + part.prefix { $0 != ":" }
      add(name, String(part.prefix { $0 != ">" }).after(": ") + ">", line)
    }
  }

  private mutating func add(_ name: String, _ type: String, _ line: String) {
    if known.updateValue(type, forKey: name) != nil { problems.append("\(name) is defined twice: \(line)") }
  }

  private mutating func operation(_ line: String) {
    let name = names(line)[0].prefix { $0 != ":" }
    let right = line.after(" = ")
    if line.contains("func.call") { called.insert(right.between("@", "(")) }
    if right.hasPrefix("stablehlo.while(") {
      loop(String(name), right, line)
      return
    }
    if right.hasSuffix("({") {
      for operand in names(right) { _ = use(operand) }
      add(String(name), "", line)
      open = String(name)
    } else if right.contains(" -> ") {
      let stated = types(right.after(" : (").before(") -> "))
      let results = types(right.after(") -> "))
      // A reduction of pairs states the elements, then the initial values, but names each initial value beside its elements.
      let isPaired = right.contains("), (")
      check(right.before(" : ("), stated: isPaired ? [stated[0], stated[2], stated[1], stated[3]] : stated)
      for (place, type) in results.enumerated() {
        add(results.count == 1 ? String(name) : "\(name)#\(place)", type, line)
      }
    } else {
      let type = right.after(" : ")
      let isSelect = right.contains("stablehlo.select")
      let stated = types(type)
      let operands = names(right)
      check(right, stated: isSelect ? [stated[0], stated[1], stated[1]] : operands.map { _ in type })
      add(String(name), stated.last ?? "", line)
    }
  }

  /// What goes round in a loop: its names in the regions, each with what it begins as, and then their types.
  private mutating func loop(_ name: String, _ right: String, _ line: String) {
    let pairs = names(right.before(") : "))
    let stated = types(right.after(") : "))
    if pairs.count != 2 * stated.count { problems.append("\(line): \(pairs.count) names of \(stated.count) types") }
    for (place, type) in stated.enumerated() where pairs.count == 2 * stated.count {
      if use(pairs[2 * place + 1]) != type { problems.append("\(pairs[2 * place + 1]) is no \(type): \(line)") }
      add(pairs[2 * place], type, line)
      add("\(name)#\(place)", type, line)
    }
  }

  private mutating func use(_ name: String) -> String {
    if known[name] == nil { problems.append("\(name) is used before it is defined") }
    return known[name] ?? ""
  }

  private mutating func check(_ text: String, stated: [String]) {
    let used = names(text).map { use($0) }
    if used != stated { problems.append("\(text): operands are \(used), stated are \(stated)") }
  }

  private func names(_ text: String) -> [String] { text.matches(of: /%[a-z0-9#]+/).map { String($0.output) } }

  private func types(_ text: String) -> [String] { text.matches(of: /tensor<[a-z0-9]+>/).map { String($0.output) } }
}

extension String {
  /// What follows the first occurrence of a text.
  func after(_ text: String) -> String { firstRange(of: text).map { String(self[$0.upperBound...]) } ?? "" }

  /// What precedes the first occurrence of a text.
  func before(_ text: String) -> String { firstRange(of: text).map { String(self[..<$0.lowerBound]) } ?? self }

  func between(_ start: String, _ end: String) -> String { after(start).before(end) }
}
