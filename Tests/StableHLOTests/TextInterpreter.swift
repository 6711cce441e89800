import Foundation

/// Runs the straight-line functions that spell out random numbers and the error function, so that their numbers are tested
/// where no plug-in is at hand. Floating-point types are all computed in float64.
struct TextInterpreter {
  /// The elements in row-major order: `whole` of integers and truth values, `real` of the others.
  struct Elements: Equatable {
    var whole: [UInt64] = []
    var real: [Double] = []
  }

  private var functions: [String: [String]] = [:]

  init(_ text: String) {
    for function in text.components(separatedBy: "func.func ").dropFirst() {
      functions[function.between("@", "(")] = function.components(separatedBy: "\n").dropFirst().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
  }

  /// The results of a function; an operation it does not know gives no elements.
  func run(_ name: String, _ arguments: [Elements]) -> [Elements] {
    var known = Dictionary(uniqueKeysWithValues: arguments.enumerated().map { ("%arg\($0)", $1) })
    for line in functions[name] ?? [] {
      let operands = line.after(" = ").matches(of: /%[a-z0-9#]+/).map { known[String($0.output)] ?? Elements() }
      if line.hasPrefix("return") {
        return line.matches(of: /%[a-z0-9#]+/).map { known[String($0.output)] ?? Elements() }
      }
      guard line.hasPrefix("%") else { continue }
      let name = String(line.prefix { $0 != " " && $0 != ":" })
      if line.contains("func.call") {
        let values = run(line.between("@", "("), operands)
        for (place, value) in values.enumerated() { known[values.count == 1 ? name : "\(name)#\(place)"] = value }
      } else {
        known[name] = compute(line.between(" = stablehlo.", " "), operands, line)
      }
    }
    return []
  }

  private func compute(_ operation: String, _ operands: [Elements], _ line: String) -> Elements {
    let type = String(line.components(separatedBy: "tensor<").last?.dropLast() ?? "")
    let count = type.split(separator: "x").compactMap { Int($0) }.reduce(1, *)
    let isReal = type.hasSuffix("f32") || type.hasSuffix("f64")
    switch operation {
    case "constant":
      let literal = line.between("dense<", ">")
      return isReal
        ? Elements(real: [Double](repeating: Double(literal) ?? .nan, count: count))
        : Elements(whole: [UInt64](repeating: UInt64(literal) ?? 0, count: count))
    case "iota": return Elements(whole: (0..<UInt64(count)).map { $0 })
    case "broadcast_in_dim": return Elements(whole: [UInt64](repeating: operands[0].whole.first ?? 0, count: count))
    case "reshape": return operands[0]
    case "bitcast_convert": return Elements(whole: operands[0].whole.map { $0 & 0xFFFF_FFFF })
    case "convert":
      if isReal { return Elements(real: operands[0].whole.map { Double($0) }) }
      // Nothing, where StableHLO leaves open what a number that does not fit becomes.
      let fits = operands[0].whole.allSatisfy { $0 <= UInt32.max }
      return fits ? operands[0] : Elements()
    case "slice":
      let bounds = line.between("[", "]").split(separator: ":").compactMap { Int($0) }
      return Elements(
        whole: Array(operands[0].whole.dropFirst(bounds[0]).prefix(count)),
        real: Array(operands[0].real.dropFirst(bounds[0]).prefix(count)))
    case "concatenate":
      return Elements(
        whole: operands[0].whole.indices.flatMap { place in operands.map { $0.whole[place] } },
        real: operands[0].real.indices.flatMap { place in operands.map { $0.real[place] } })
    case "compare": return Elements(whole: zip(operands[0].real, operands[1].real).map { $0 < $1 ? 1 : 0 })
    case "select":
      return Elements(
        real: operands[0].whole.indices.map { operands[operands[0].whole[$0] != 0 ? 1 : 2].real[$0] })
    default:
      return Elements(
        whole: zip(operands[0].whole, operands.last?.whole ?? []).map {
          combine(operation, $0, $1) & (type.hasSuffix("ui32") ? 0xFFFF_FFFF : .max)
        },
        real: zip(operands[0].real, operands.last?.real ?? []).map { combine(operation, $0, $1) })
    }
  }

  private func combine(_ operation: String, _ x: UInt64, _ y: UInt64) -> UInt64 {
    switch operation {
    case "add": x &+ y
    case "multiply": x &* y
    case "and": x & y
    case "xor": x ^ y
    case "shift_right_logical": x >> y
    default: 0
    }
  }

  /// An operation of one operand gets it twice.
  private func combine(_ operation: String, _ x: Double, _ y: Double) -> Double {
    switch operation {
    case "add": x + y
    case "subtract": x - y
    case "multiply": x * y
    case "divide": x / y
    case "minimum": x < y ? x : y
    case "negate": -x
    case "abs": abs(x)
    case "sign": x > 0 ? 1 : (x < 0 ? -1 : x)
    case "exponential": exp(x)
    case "log": log(x)
    case "sqrt": x.squareRoot()
    case "cosine": cos(x)
    case "sine": sin(x)
    default: .nan
    }
  }
}
