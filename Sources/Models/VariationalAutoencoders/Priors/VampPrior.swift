import LatentDiagnostics
import LatentDistributions
import LatentLayers
import LatentTensorGraph

/// A mixture of the posteriors of learned pseudo-inputs (Tomczak & Welling 2018, equation 9).
public struct VampPrior: PriorFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("vampPrior", "a mixture of the posteriors of learned pseudo-inputs")
  /// What may be relied on.
  public var traits: PriorTraits { [.learned, .madeByEncoder] }

  /// How many latents the decoder takes.
  public var dimensions = 20
  /// How many pseudo-inputs there are.
  public var components = 500

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses settings and places that make no such prior.
  public func validate(at site: PriorSite) throws {
    try validate(components: components)
    try refuseCondition(at: site)
    guard site.model.hierarchy.layers.isEmpty else {
      throw LatentError.usage(
        "A VampPrior needs an encoder from examples to the top layer, of which there are several here",
        remedy: "Set another model.prior.kind, or model.hierarchy.layers=[]")
    }
    let posterior = site.model.encoder.posterior
    guard posterior.traits.contains(.diagonalNormal) else {
      throw LatentError.usage(
        "A VampPrior is a mixture of diagonal Normals, but the posterior is a \(posterior.kind)",
        remedy: "Set model.encoder.posterior.kind=diagonalNormal, or another model.prior.kind")
    }
    guard !site.model.condition.isOn || !site.model.condition.encoder else {
      throw LatentError.usage(
        "A VampPrior's pseudo-inputs have no label for the encoder to see",
        remedy: "Set model.condition.encoder=false, or another model.prior.kind")
    }
  }

  /// Makes its variables.
  public func make(at site: PriorSite) -> any PriorModule { VampPriorModule(components: components, at: site) }
}

extension PriorFamily where Self == VampPrior {
  /// A mixture of the posteriors of learned pseudo-inputs.
  public static func vampPrior(dimensions: Int, components: Int = 500) -> Self {
    var prior = VampPrior()
    (prior.dimensions, prior.components) = (dimensions, components)
    return prior
  }
}

/// A VampPrior with its pseudo-inputs.
struct VampPriorModule: PriorModule {
  /// Pseudo-inputs are kept as differences from the data's mean, so that all start as examples of some sort.
  private let differences: Variable, mean: Variable
  private let shape: Shape
  /// The least and the greatest value of an example, and hence of a pseudo-input.
  private let range: (least: Double?, greatest: Double?)

  init(components: Int, at site: PriorSite) {
    let inputs = site.exampleShape.reduce(1, *)
    differences = Variable(
      "prior/pseudoInputs", shape: [components, inputs], initializer: .normal(standardDeviation: 0.1))
    mean = Variable(
      "prior/pseudoInputMean", shape: [inputs],
      initializer: site.dataMean.map { .values($0.map(Double.init)) } ?? .zeros, isTrainable: false)
    shape = Shape([components] + site.exampleShape)
    range = site.model.decoder.likelihood.range
  }

  var variables: [Variable] { [differences, mean] }

  func distribution(_ context: PriorContext) -> any Distribution {
    guard let components = context.encode(pseudoInputs(in: context.graph)) as? DiagonalNormal else {
      stop("a VampPrior is made of diagonal Normals")
    }
    return NormalMixture(
      means: components.mean, logVariances: components.logVariance, leading: [context.count])
  }

  /// What is encoded, [components, ...], within the range of the data.
  ///
  /// Values beyond either end are mirrored there. Those within are as they are, and, unlike where values are clamped
  /// (Tomczak & Welling 2018 do), the many that begin at the data's least value keep a gradient. What even mirrored lies
  /// beyond the other end is clamped.
  func pseudoInputs(in graph: Graph) -> Tensor {
    var inputs = graph.read(differences) + graph.read(mean)
    if let least = range.least { inputs = (inputs - least).absoluteValue() + least }
    if let greatest = range.greatest {
      inputs = greatest - (inputs - greatest).absoluteValue()
      if let least = range.least { inputs = inputs.maximum(least) }
    }
    return inputs.reshape(shape)
  }
}
