import LatentDiagnostics
import LatentTensorGraph

/// Pixels that are mixtures of discretised logistic distributions, with channels that follow one another (Salimans et al.
/// 2017, "PixelCNN++", equations 2 and 3).
///
/// A component is chosen once for a pixel, not for each channel. Within it the mean of green moves with red, and the mean
/// of blue with red and green. Values lie in [0, 1] as [..., pixels * channels], channels last; the parameters are those
/// of the paper, for data scaled to [-1, 1].
public struct DiscretizedLogisticMixture: Distribution {
  /// What the decoder gives, [..., pixels * parametersPerPixel].
  ///
  /// For each pixel the logits of the K components; K means for each channel; K log-scales for each channel; and for
  /// colour K coefficients each of red for green, red for blue, and green for blue, which go through tanh. Log-scales
  /// below -7 count as -7.
  public let parameters: Tensor
  /// The number of pixels.
  public let pixels: Int
  /// 1 for grey values, 3 for colours.
  public let channels: Int
  /// The number of components of each pixel.
  public let components: Int
  /// The number of levels of each value: k / (levels - 1).
  public let levels: Int

  /// How many parameters each pixel has.
  ///
  /// - Precondition: `channels` is 1 or 3.
  public static func parametersPerPixel(channels: Int, components: Int) -> Int {
    require(channels == 1 || channels == 3, "a pixel is grey (1) or a colour (3), not \(channels) channels")
    return components * (1 + 2 * channels + couplings(channels).count)
  }

  /// Creates a distribution from the decoder's output.
  ///
  /// - Precondition: the parameters' last dimension is that of the pixels times the parameters of each; there is at least
  ///   one component and there are at least two levels.
  public init(parameters: Tensor, pixels: Int, channels: Int, components: Int, levels: Int) {
    let perPixel = Self.parametersPerPixel(channels: channels, components: components)
    require(components >= 1 && levels >= 2, "\(components) components, \(levels) levels")
    require(
      parameters.rank >= 1 && parameters.shape[-1] == pixels * perPixel,
      "\(pixels) pixels of \(perPixel) parameters do not make \(parameters.shape)")
    self.parameters = parameters
    self.pixels = pixels
    self.channels = channels
    self.components = components
    self.levels = levels
  }

  /// log p(x), of shape [...], in nats: pixels are independent given the parameters, their channels are not.
  public func logProbability(_ x: Tensor) -> Tensor { pixelLogProbability(x).sum([-1]) }

  /// log p of each pixel, all its channels together, of shape [..., pixels].
  public func pixelLogProbability(_ x: Tensor) -> Tensor {
    let parts = Parts(self)
    let halfWidth = 1 / Double(levels - 1)
    let pixelShape = x.shape.dimensions.dropLast() + [pixels, channels]
    let values = (x * 2 - 1).reshape(Shape(Array(pixelShape))).split(channels, dimension: -1)
    let components = values.indices.reduce(parts.logits.logSoftmax()) { sum, channel in
      let value = values[channel]
      return sum
        + logisticBinLogProbability(
          offset: value - parts.mean(of: channel, after: values), logScale: parts.logScales[channel],
          halfWidth: halfWidth, isLowest: value.compare(.less, halfWidth - 1),
          isHighest: value.compare(.greater, 1 - halfWidth))
    }
    return components.logSumExp([-1])
  }

  /// A component by Gumbel noise, then the channels in order, each rounded to its level before the next; no gradient flows.
  public func sample(count: Int?) -> Tensor {
    let graph = parameters.graph
    let type = parameters.type
    var parts = Parts(self)
    let noise = graph.gumbelNoise(shape: parts.logits.shape.draws(count), type: type)
    let chosen = (parts.logits + noise).argumentMaximum(-1)
    let places = graph.iota(shape: Shape([components]), dimension: 0)
    parts.keep(chosen.expandingDimension(-1).compare(.equal, places))
    let halfSteps = Double(levels - 1) / 2
    let pixelShape = chosen.expandingDimension(-1).shape
    var values: [Tensor] = []
    for channel in 0..<channels {
      let noise = graph.logisticNoise(shape: pixelShape, type: type)
      let value = parts.mean(of: channel, after: values) + parts.logScales[channel].exp() * noise
      values.append(((value + 1) * halfSteps).round().clamped(0, 2 * halfSteps) / halfSteps - 1)
    }
    return joined(values)
  }

  /// The mean of the components' means before rounding, each confined to [0, 1], and in colour coupled to one another.
  ///
  /// Near the expectation unless much of a component's mass lies beyond an end.
  public var mean: Tensor {
    let parts = Parts(self)
    var values: [Tensor] = []
    for channel in 0..<channels { values.append(parts.mean(of: channel, after: values).clamped(-1, 1)) }
    let weights = parts.logits.softmax()
    return joined(values.map { (weights * $0).sum([-1], keepingDimensions: true) })
  }

  /// The same with parameters to which no gradient flows.
  public var detached: (any Distribution)? {
    DiscretizedLogisticMixture(
      parameters: parameters.stopGradient(), pixels: pixels, channels: channels, components: components, levels: levels)
  }

  /// Channels in [-1, 1], each [..., pixels, 1], as values in [0, 1], [..., pixels * channels].
  private func joined(_ values: [Tensor]) -> Tensor {
    let colours = (Tensor.concatenate(values, dimension: -1) + 1) * 0.5
    return colours.reshape(Shape(Array(colours.shape.dimensions.dropLast(2)) + [pixels * channels]))
  }

  /// Which earlier channel moves which later one, in the order of the coefficients.
  fileprivate static func couplings(_ channels: Int) -> [(from: Int, to: Int)] {
    channels == 3 ? [(0, 1), (0, 2), (1, 2)] : []
  }
}

/// The parameters by their meaning, each [..., pixels, K].
private struct Parts {
  var logits: Tensor
  var means: [Tensor]
  /// Bounded below.
  var logScales: [Tensor]
  /// Within (-1, 1).
  var coefficients: [Tensor]
  let couplings: [(from: Int, to: Int)]

  init(_ mixture: DiscretizedLogisticMixture) {
    let parameters = mixture.parameters
    let (channels, components) = (mixture.channels, mixture.components)
    let leading = Array(parameters.shape.dimensions.dropLast())
    let perPixel = DiscretizedLogisticMixture.parametersPerPixel(channels: channels, components: components)
    let blocks = parameters.reshape(Shape(leading + [mixture.pixels, perPixel]))
      .split(perPixel / components, dimension: -1)
    logits = blocks[0]
    means = Array(blocks[1..<(1 + channels)])
    logScales = blocks[(1 + channels)..<(1 + 2 * channels)].map { $0.maximum(smallestLogScale) }
    coefficients = blocks[(1 + 2 * channels)...].map { $0.tanh() }
    couplings = DiscretizedLogisticMixture.couplings(channels)
  }

  /// The means of a channel, given the values of those before it.
  func mean(of channel: Int, after values: [Tensor]) -> Tensor {
    zip(couplings, coefficients).reduce(means[channel]) { mean, entry in
      let (coupling, coefficient) = entry
      return coupling.to == channel ? mean + coefficient * values[coupling.from] : mean
    }
  }

  /// Leaves of each pixel's components the one that the mask is true for, so that K becomes 1.
  mutating func keep(_ mask: Tensor) {
    let kept = { (part: Tensor) in mask.select(part, part.scalar(0)).sum([-1], keepingDimensions: true) }
    logits = kept(logits)
    means = means.map(kept)
    logScales = logScales.map(kept)
    coefficients = coefficients.map(kept)
  }
}
