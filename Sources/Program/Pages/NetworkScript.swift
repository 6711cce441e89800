import Foundation
import LatentDiagnostics
import LatentTensorGraph
import LatentTraining

/// A part of a model as a page runs it: the operations of one example as JSON, and the weights as text.
///
/// `network.js` reads it, whose words for operations these are.
struct NetworkScript: Encodable {
  private let nodes: [Node]
  /// Which nodes are the inputs, by their names.
  private let inputs: [String: Int]
  private let outputs: [Int]
  /// Little-endian float32 in base 64, one variable after another.
  private let weights: String

  /// Writes a program of one example down.
  ///
  /// - Parameter value: the values of a variable.
  /// - Throws: `LatentError` for operations that a page has not.
  init(_ program: Program, value: (Variable) throws -> [Float]) throws {
    var nodes: [Node] = []
    var inputs: [String: Int] = [:]
    var places: [Int: Int] = [:]
    var weights: [Float] = []
    for (index, node) in program.nodes.enumerated() where program.isLive[index] {
      var result = Node(s: node.shape.dimensions, i: node.operands.compactMap { places[$0] })
      switch node.operation {
      case .input(let name) where name != Graph.randomStateName:
        result.o = "input"
        inputs[name] = nodes.count
      case .variable(let variable):
        result.o = "weight"
        result.at = weights.count
        weights += try value(variable)
      default:
        guard result.describe(node.operation, node.type) else { throw Self.unsupported(program.describe(index)) }
      }
      places[index] = nodes.count
      nodes.append(result)
    }
    self.nodes = nodes
    self.inputs = inputs
    outputs = program.outputs.compactMap { places[$0.index] }
    self.weights = weights.withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  private static func unsupported(_ operation: String) -> LatentError {
    .usage(
      "The model's decoder cannot run in a browser: it has \(operation), which pages do not compute",
      remedy: "Explore a run whose decoder gives a mean, or use `latent sample` and `latent traverse`")
  }

  /// An operation, its shape `s`, its operands `i`, and what else it needs.
  private struct Node: Encodable {
    var o = ""
    var s: [Int]
    var i: [Int]
    var at: Int?
    var values: [Value]?
    var kind: String?
    var direction: String?
    var axis: Int?
    var axes: [Int]?
    var map: [Int]?
    var order: [Int]?
    var starts: [Int]?
    var strides: [Int]?
    var dilations: [Int]?
    var low: [Int]?
    var interior: [Int]?
    var groups: Int?
    var left: Bool?
    var right: Bool?

    /// A number; JSON has no words for infinities and what is no number, which are texts.
    struct Value: Encodable {
      let number: Double

      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if number.isFinite {
          try container.encode(number)
        } else {
          try container.encode(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
        }
      }
    }

    init(s: [Int], i: [Int]) { (self.s, self.i) = (s, i) }

    /// Sets what an operation needs; says whether pages have it.
    mutating func describe(_ operation: GraphOperation, _ type: ElementType) -> Bool {
      switch operation {
      case .constant(let numbers):
        o = "constant"
        values = numbers.map(Value.init)
      case .iota(let dimension): (o, axis) = ("iota", dimension)
      case .unary(let unary): o = unary.rawValue
      case .binary(let binary): o = binary.rawValue
      case .compare(let comparison): o = comparison.rawValue
      case .select: o = "select"
      case .convert:
        switch type {
        case .int32: o = "truncate"
        case .bool: o = "nonzero"
        case .float32, .float64: o = "same"
        case .bfloat16: return false
        }
      case .reduce(let reduction, let dimensions): (o, kind, axes) = ("reduce", reduction.rawValue, dimensions)
      case .argumentReduce(let reduction, let dimension): (o, kind, axis) = ("argument", reduction.rawValue, dimension)
      case .dot(let transposeLeft, let transposeRight): (o, left, right) = ("dot", transposeLeft, transposeRight)
      case .convolution(.kernelGradient, _): return false
      case .convolution(let direction, let window):
        (o, self.direction, groups) = ("convolution", direction.rawValue, window.groups)
        (strides, dilations, low) = (window.strides, window.dilations, window.paddingLow)
      case .gather(let dimension): (o, axis) = ("gather", dimension)
      case .reshape, .stopGradient: o = "same"
      case .gradientRule, .barrier: (o, i) = ("same", Array(i.prefix(1)))
      case .transpose(let permutation): (o, order) = ("transpose", permutation)
      case .broadcast(let mapping): (o, map) = ("broadcast", mapping)
      case .slice(let starts, _, let strides): (o, self.starts, self.strides) = ("slice", starts, strides)
      case .pad(let low, _, let interior): (o, self.low, self.interior) = ("pad", low, interior)
      case .concatenate(let dimension): (o, axis) = ("concatenate", dimension)
      case .reverse(let dimensions): (o, axes) = ("reverse", dimensions)
      case .input, .variable, .random, .cumulativeSum, .argumentSort, .scatterAdd, .scan, .result, .attention,
        .attentionGradient, .parameter:
        return false
      }
      return true
    }
  }
}
