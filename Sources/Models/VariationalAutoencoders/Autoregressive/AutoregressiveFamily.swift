import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// A network whose numbers for a place depend only on the values at earlier places: the factors of the chain rule.
///
/// A likelihood of kind `autoregressive` and a prior of kind `autoregressiveCodes` are made of one. A network of your own is a
/// struct that conforms, and an `AutoregressiveModule` that it makes.
public protocol AutoregressiveFamily: Family {
  /// Whether it can only be given one number for each place, so that symbols come as numbers and not as learned vectors.
  var takesNumbers: Bool { get }

  /// Refuses settings that make no network, and places that it cannot go through.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(at site: AutoregressiveSite) throws

  /// The network with its variables.
  func make(at site: AutoregressiveSite) -> any AutoregressiveModule
}

extension AutoregressiveFamily {
  /// `false`: a place can have any number of inputs.
  public var takesNumbers: Bool { false }
}

/// Where an autoregressive network is used. Places are gone through row by row.
public struct AutoregressiveSite: Hashable, Sendable {
  /// What its variables' names begin with.
  public let name: String
  /// The grid of places; what is no grid has one row.
  public let height: Int, width: Int
  /// How many numbers it is given of the value at a place, and gives about it.
  public let inputs: Int, outputs: Int
  /// How many numbers it is given besides about each place; 0 for none.
  public let context: Int

  /// Names a site.
  public init(name: String, height: Int, width: Int, inputs: Int, outputs: Int, context: Int = 0) {
    (self.name, self.height, self.width) = (name, height, width)
    (self.inputs, self.outputs, self.context) = (inputs, outputs, context)
  }

  /// How many places there are.
  public var places: Int { height * width }
}

/// An autoregressive network with its variables.
public protocol AutoregressiveModule: Sendable {
  /// Everything that it learns.
  var variables: [Variable] { get }

  /// All places at once: [N, places, inputs] to [N, places, outputs], those of a place from inputs of earlier places alone.
  ///
  /// - Parameters:
  ///   - context: [N, places, context], all of which any place may depend on; `nil` for a site without.
  ///   - mode: what the model is being run for, on which dropout depends.
  func callAsFunction(_ inputs: Tensor, context: Tensor?, mode: Mode) -> Tensor

  /// One place after another, each with the work of one place: what was computed for earlier places is kept.
  ///
  /// - Returns: the outputs [N, places, outputs], and the values that `PlaceWalk.next` gave, [N, places, ...].
  func walk(_ walk: PlaceWalk) -> (outputs: Tensor, values: Tensor)
}

/// What is done at each place, in the order of places.
public struct PlaceWalk {
  /// How many rows N go through the places together.
  public let count: Int
  /// The graph to add the loop to.
  public let graph: Graph
  /// What the network is given besides, [N, places, context].
  public let context: Tensor?
  /// Tensors [N, places, ...], of which each place is given its slices [N, ...].
  public let sequences: [Tensor]
  /// From the outputs for a place [N, outputs] and its slices to the value there, [N, ...], and what the network is given of it,
  /// [N, inputs].
  public let next: (_ outputs: Tensor, _ slices: [Tensor]) -> (value: Tensor, input: Tensor)

  /// Describes a walk.
  public init(
    count: Int, graph: Graph, context: Tensor? = nil, sequences: [Tensor] = [],
    next: @escaping (_ outputs: Tensor, _ slices: [Tensor]) -> (value: Tensor, input: Tensor)
  ) {
    (self.count, self.graph, self.context, self.sequences, self.next) = (count, graph, context, sequences, next)
  }

  /// The sequences with the places first: [places, N, ...].
  var sequencesByPlace: [Tensor] { sequences.map(\.firstTwoSwapped) }
}

extension Tensor {
  /// [A, B, ...] as [B, A, ...].
  var firstTwoSwapped: Tensor { transpose([1, 0] + Array(2..<rank)) }
}

/// The axis of autoregressive networks.
public enum AutoregressiveAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "autoregressive network"

  /// The network itself.
  public static func family(_ member: any AutoregressiveFamily) -> any Family { member }
  /// The family, if it is an autoregressive network.
  public static func member(_ family: any Family) -> (any AutoregressiveFamily)? { family as? any AutoregressiveFamily }
}

extension AutoregressiveFamily {
  /// Refuses a share of features that cannot be dropped.
  func validate(dropout: Double) throws {
    guard (0..<1).contains(dropout) else {
      throw LatentError.usage(
        "An autoregressive network cannot drop a share of \(dropout) of its features",
        remedy: "Set dropout of the network from 0 to below 1")
    }
  }

  /// Refuses numbers that are not within a range.
  func validate(_ numbers: [(name: String, value: Int, range: ClosedRange<Int>)]) throws {
    for (name, value, range) in numbers where !range.contains(value) {
      throw LatentError.usage(
        "An autoregressive network cannot have \(name)=\(value)",
        remedy: "Set \(name) of the network from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Refuses values of several numbers.
  func validateNumbers(at site: AutoregressiveSite) throws {
    guard site.inputs == 1 else {
      throw LatentError.usage(
        "A network of kind \(Self.kind) takes one number for each place, not \(site.inputs)",
        remedy: "Set the likelihood's patchSize=1, or the network's kind to transformer or gatedPixelCNN")
    }
  }
}
