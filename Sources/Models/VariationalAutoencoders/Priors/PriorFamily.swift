import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// p(z): what latents look like before any example is seen.
///
/// A prior of your own is a struct that conforms, and a `PriorModule` that it makes:
///
///     struct StudentTPrior: PriorFamily {
///       static let name = FamilyName("studentT", "independent Student's t")
///       var dimensions = 20, degreesOfFreedom = 4.0
///       …
///     }
public protocol PriorFamily: Family {
  /// How many latents the decoder takes. In a model with several layers of latents the prior is about the top one, which
  /// may have another number of them.
  var dimensions: Int { get set }
  /// What objectives and other families may rely on.
  var traits: PriorTraits { get }

  /// Refuses settings that make no prior, and places where it cannot be.
  ///
  /// - Throws: `LatentError` with the reason and the setting to change.
  func validate(at site: PriorSite) throws

  /// The prior with its variables.
  func make(at site: PriorSite) -> any PriorModule
}

/// What is true of a prior.
public struct PriorTraits: OptionSet, Sendable {
  /// A bit for each trait.
  public let rawValue: Int

  /// Creates traits from bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The latents are independent of each other, so that the rate can be a sum over them.
  public static let independentLatents = PriorTraits(rawValue: 1)
  /// Training changes it.
  public static let learned = PriorTraits(rawValue: 2)
  /// It is made by the encoder, so that the encoder's gradient goes through it.
  public static let madeByEncoder = PriorTraits(rawValue: 4)
  /// It is about the codes of a quantised posterior.
  public static let codes = PriorTraits(rawValue: 8)
  /// It is about choices among few values.
  public static let choices = PriorTraits(rawValue: 16)
  /// It says nothing: the model has no latents.
  public static let nothing = PriorTraits(rawValue: 32)
}

/// A prior with its variables.
public protocol PriorModule: Sendable {
  /// Everything that it has of its own; training changes those that are trainable.
  var variables: [Variable] { get }

  /// The distribution of [count, latents] latents.
  func distribution(_ context: PriorContext) -> any Distribution
}

/// Where a prior is used.
public struct PriorSite {
  /// The model that it is a part of.
  public let model: VariationalAutoencoder
  /// The shape of one example: [height, width, channels] or [D].
  public let exampleShape: [Int]
  /// The mean of each dimension of the data, or `nil` if it is not known.
  public let dataMean: [Float]?

  /// How many latents it is about: those of the model's top layer.
  public var latents: Int { model.topLatents }
  /// How many numbers it depends on for each example; 0 for none.
  public var condition: Int { model.condition.prior ? model.condition.width : 0 }

  /// Names a place in a model.
  public init(_ model: VariationalAutoencoder, exampleShape: [Int], dataMean: [Float]? = nil) {
    self.model = model
    self.exampleShape = exampleShape
    self.dataMean = dataMean
  }
}

/// For what a prior is asked.
public struct PriorContext {
  /// For how many examples.
  public let count: Int
  /// The graph to add to.
  public let graph: Graph
  /// What the model is being run for.
  public let mode: Mode
  /// What the prior depends on, [count, K], where the site has a condition.
  public let condition: Tensor?
  /// From examples [N, ...] to their posteriors; `nil` for a model with several layers of latents.
  public let encode: (Tensor) -> (any Distribution)?
  /// From codes [count, n, indices] to latents [count, latents]; `nil` where the posterior has no codes.
  public let lookUp: ((Tensor) -> Tensor)?
  /// How a prior that goes through codes in order is drawn from.
  public let drawing: DrawSettings

  /// Creates a context, such as a test of a prior needs.
  public init(
    count: Int, graph: Graph, mode: Mode, condition: Tensor? = nil,
    encode: @escaping (Tensor) -> (any Distribution)? = { _ in nil }, lookUp: ((Tensor) -> Tensor)? = nil,
    drawing: DrawSettings = DrawSettings()
  ) {
    (self.count, self.graph, self.mode, self.condition) = (count, graph, mode, condition)
    (self.encode, self.lookUp, self.drawing) = (encode, lookUp, drawing)
  }
}

/// The axis of priors.
public enum PriorAxis: FamilyAxis {
  /// What a value of the axis is called.
  public static let name = "prior"

  /// The prior itself.
  public static func family(_ member: any PriorFamily) -> any Family { member }
  /// The family, if it is a prior.
  public static func member(_ family: any Family) -> (any PriorFamily)? { family as? any PriorFamily }
}

extension PriorFamily {
  /// Refuses a place where the prior would have to depend on a condition.
  public func refuseCondition(at site: PriorSite) throws {
    guard site.condition > 0 else { return }
    throw LatentError.usage(
      "A prior of kind \(Self.kind) cannot depend on a label",
      remedy: "Set model.condition.prior=false, or model.prior.kind=standardNormal")
  }

  /// Refuses a number of components that no mixture can have.
  func validate(components: Int) throws {
    guard (1...65_536).contains(components) else {
      throw LatentError.usage(
        "A prior cannot have \(components) components", remedy: "Set model.prior.components from 1 to 65536")
    }
  }

  /// Refuses widths that no hidden layers can have.
  func validate(steps: Int = 1, hidden: [Int]) throws {
    guard (1...64).contains(steps), hidden.allSatisfy({ (1...65_536).contains($0) }), !hidden.isEmpty else {
      throw LatentError.usage(
        "A prior cannot have \(steps) steps with hidden layers \(hidden)",
        remedy: "Set model.prior.steps from 1 to 64, and model.prior.hidden to positive widths")
    }
  }
}
