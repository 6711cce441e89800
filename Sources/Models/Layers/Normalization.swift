import LatentDiagnostics
import LatentTensorGraph

/// Batch normalisation over all but the last dimension (Ioffe & Szegedy 2015), with running statistics for inference.
public struct BatchNormalization: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Learned scale and offset, of shape [features].
  public let scale: Variable, offset: Variable
  /// Running statistics, of shape [features].
  public let mean: Variable, variance: Variable
  /// The share of the old running statistics that stays at each step.
  package let momentum: Double

  /// Creates a layer for a number of features.
  public init(_ name: String, features: Int, momentum: Double = 0.99) {
    self.name = name
    self.momentum = momentum
    scale = Variable(name + "/scale", shape: [features], initializer: .constant(1))
    offset = Variable(name + "/offset", shape: [features])
    mean = Variable(name + "/mean", shape: [features], isTrainable: false)
    variance = Variable(name + "/variance", shape: [features], initializer: .constant(1), isTrainable: false)
  }

  /// Scale, offset, and the running statistics.
  public var variables: [Variable] { [scale, offset, mean, variance] }

  /// Normalises by the batch's statistics in training, which also move the running ones, and by those in inference.
  public func callAsFunction(_ input: Tensor, mode: Mode) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      let (scale, offset) = (graph.read(scale), graph.read(offset))
      guard mode == .training else {
        return input.batchNormalized(
          mean: graph.read(mean), variance: graph.read(variance), scale: scale, offset: offset)
      }
      let dimensions = Array(0..<(input.rank - 1))
      let (batchMean, batchVariance) = (input.mean(dimensions), input.variance(dimensions))
      for (running, batch) in [(mean, batchMean), (variance, batchVariance)] {
        graph.update(running, to: graph.read(running) * momentum + batch.stopGradient() * (1 - momentum))
      }
      return input.batchNormalized(mean: batchMean, variance: batchVariance, scale: scale, offset: offset)
    }
  }
}

/// Layer normalisation over the last dimension (Ba et al. 2016).
public struct LayerNormalization: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Learned scale and offset, of shape [features].
  public let scale: Variable, offset: Variable

  /// Creates a layer for a number of features.
  public init(_ name: String, features: Int) {
    self.name = name
    scale = Variable(name + "/scale", shape: [features], initializer: .constant(1))
    offset = Variable(name + "/offset", shape: [features])
  }

  /// Scale and offset.
  public var variables: [Variable] { [scale, offset] }

  /// Normalises each example by itself.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) { input.layerNormalized(scale: graph.read(scale), offset: graph.read(offset)) }
  }
}

/// Group normalisation of [N, H, W, C] (Wu & He 2018).
public struct GroupNormalization: Layer {
  /// The layer's path in its model.
  package let name: String
  /// Learned scale and offset, of shape [features].
  public let scale: Variable, offset: Variable
  /// How many groups the channels form.
  package let groups: Int

  /// Creates a layer for a number of features, which the groups must divide.
  public init(_ name: String, features: Int, groups: Int) {
    require(features % groups == 0, "\(groups) groups do not divide \(features) features")
    self.name = name
    self.groups = groups
    scale = Variable(name + "/scale", shape: [features], initializer: .constant(1))
    offset = Variable(name + "/offset", shape: [features])
  }

  /// Scale and offset.
  public var variables: [Variable] { [scale, offset] }

  /// Normalises each group of channels of each example.
  public func callAsFunction(_ input: Tensor, mode: Mode = .inference) -> Tensor {
    let graph = input.graph
    return graph.scope(name) {
      input.groupNormalized(groups: groups, scale: graph.read(scale), offset: graph.read(offset))
    }
  }
}
