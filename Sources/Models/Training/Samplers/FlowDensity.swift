import LatentDistributions
import LatentTensorGraph

/// A flow over a diagonal Normal with learned mean and variances.
///
/// The variances are learned because steps of an inverse autoregressive flow only ever contract.
struct FlowDensity {
  /// What the flow is made of.
  struct Shape: Codable, Hashable {
    var latents: Int
    var steps: Int
    var hidden: [Int]

    /// The usual sizes for a number of latents.
    init(latents: Int) {
      self.latents = latents
      // A step bends each latent by those before it alone, so that few latents take more steps.
      steps = min(10, max(4, 16 / latents))
      let width = min(512, max(128, 2 * latents))
      hidden = [width, width]
    }

    /// Whether a flow can have these sizes, which may come from a file.
    var isSound: Bool {
      (1...65_536).contains(latents) && (1...256).contains(steps) && (1...16).contains(hidden.count)
        && hidden.allSatisfy { (1...65_536).contains($0) }
    }
  }

  let shape: Shape
  private let stack: FlowStack
  private let mean: Variable
  private let logVariance: Variable

  init(_ shape: Shape, isInverse: Bool) {
    self.shape = shape
    // The density of an inverse flow feeds a network what came out of it, round after round: outputs that grow with the
    // inputs would run away.
    stack = FlowStack(
      "flow", kind: isInverse ? .inverseAutoregressive : .maskedAutoregressive, dimensions: shape.latents,
      steps: shape.steps, hidden: shape.hidden, activation: isInverse ? .tanh : .relu)
    mean = Variable("base/mean", shape: [shape.latents])
    // Each step of an inverse autoregressive flow begins with a gate of logistic(2).
    let start = isInverse ? 0.254 * Double(shape.steps) : 0
    logVariance = Variable("base/logVariance", shape: [shape.latents], initializer: .constant(start))
  }

  var variables: [Variable] { stack.variables + [mean, logVariance] }

  /// The density of some codes, [count, latents].
  func distribution(count: Int, in graph: Graph) -> TransformedDistribution {
    let rows: LatentTensorGraph.Shape = [count, shape.latents]
    let base = DiagonalNormal(
      mean: graph.read(mean).broadcast(to: rows), logVariance: graph.read(logVariance).broadcast(to: rows))
    return TransformedDistribution(base: base, through: stack.bijections())
  }
}
