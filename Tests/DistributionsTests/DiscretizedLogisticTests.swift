import Foundation
import Latent
import TestSupport
import Testing

/// Bins against the difference of distribution functions, and mixtures against their parts.
@Suite(.serialized) struct DiscretizedLogisticTests {
  private func run(_ build: (Graph) -> [Tensor]) throws -> [[Double]] {
    let graph = Graph()
    let executable = try CPUBackend().compile(
      Program(graph: graph, outputs: build(graph)), state: VariableStore(seed: 0))
    return try executable.run([], random: RandomState(seed: 1)).map(\.doubles)
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// As in the papers: data, means and scales in [-1, 1], distribution function at x +- 1/255.
  @Test(arguments: [(0.0, -1.0), (-0.9, -3), (0.7, -4.5)])
  func binsAreDifferencesOfTheDistributionFunction(_ mean: Double, _ logScale: Double) throws {
    let data = (0..<256).map { 2 * Double($0) / 255 - 1 }
    let values = try run { graph in
      let distribution = DiscretizedLogistic(
        mean: graph.constant([(mean + 1) / 2], shape: [1]), logScale: graph.constant([logScale - log(2)], shape: [1]),
        levels: 256)
      return [distribution.logProbability(graph.constant(data.map { ($0 + 1) / 2 }, shape: [256, 1]))]
    }[0]
    for (place, x) in data.enumerated() {
      let upper = place == 255 ? 1 : logistic((x + 1 / 255 - mean) / exp(logScale))
      let lower = place == 0 ? 0 : logistic((x - 1 / 255 - mean) / exp(logScale))
      // Where the difference still has digits.
      guard upper - lower > 1e-9 else { continue }
      #expect(abs(values[place] - log(upper - lower)) < 2e-5, "level \(place)")
    }
  }

  @Test func farFromTheMeanTheMassIsTheDensityTimesTheWidth() throws {
    let value = try run { graph in
      let distribution = DiscretizedLogistic(
        mean: graph.constant([0], shape: [1]), logScale: graph.constant([-5], shape: [1]), levels: 256)
      return [distribution.logProbability(graph.constant([204 / 255], shape: [1, 1]))]
    }[0][0]
    // Where exp(-x / s) is 1e-52, and a bin is half a scale wide, so that the density hardly bends within it.
    let (x, scale, width) = (0.8, exp(-5.0), 1 / 255.0)
    let bend = log(sinh(width / scale / 2) / (width / scale / 2))
    #expect(abs(value - (-x / scale - log(scale) + log(width) + bend)) < 2e-5 * 120)
  }

  @Test func scalesBelowTheBoundCountAsTheBoundAndGetNoGradient() throws {
    let values = try run { graph in
      let logScale = graph.constant([-9, -7 - log(2), -7.4, -20], shape: [4, 1])
      let distribution = DiscretizedLogistic(mean: graph.constant([0.4], shape: [1]), logScale: logScale, levels: 256)
      let density = distribution.logProbability(graph.constant([0.4], shape: [1]))
      return [density] + gradient(of: density.sum(), withRespectTo: [logScale])
    }
    #expect(values[0][0] == values[0][1] && values[0][3] == values[0][1] && values[0][2] != values[0][1])
    #expect(values[1][0] == 0 && values[1][3] == 0 && values[1][2] != 0)
  }

  /// Three pixels of two components, with numbers in no order.
  private func parameters(channels: Int) -> [Double] {
    let count = 3 * DiscretizedLogisticMixture.parametersPerPixel(channels: channels, components: 2)
    return (0..<count).map { 0.7 * sin(3 * Double($0)) - 0.2 }
  }

  @Test func theNumberOfParametersIsTheDocumentedOne() {
    #expect(DiscretizedLogisticMixture.parametersPerPixel(channels: 1, components: 10) == 30)
    #expect(DiscretizedLogisticMixture.parametersPerPixel(channels: 3, components: 10) == 100)
  }

  @Test func greyPixelsAreMixturesOfTheirComponents() throws {
    let x = [0.2, 1, 0].map { ($0 * 15).rounded() / 15 }
    let numbers = parameters(channels: 1)
    let values = try run { graph in
      let mixture = DiscretizedLogisticMixture(
        parameters: graph.constant(numbers, shape: [18]), pixels: 3, channels: 1, components: 2, levels: 16)
      let data = graph.constant(x, shape: [3])
      // Parameters of each pixel: two logits, two means, two log-scales.
      let table = graph.constant(numbers, shape: [3, 6])
      let components = (0..<2).map { component in
        let part = { (block: Int) in table.slice(-1, (2 * block + component)..<(2 * block + component + 1)) }
        return part(0)
          + DiscretizedLogistic(mean: (part(1) + 1) * 0.5, logScale: part(2) - log(2), levels: 16)
          .elementLogProbability(data.reshape([3, 1]))
      }
      let logits = table.slice(-1, 0..<2)
      let exact = Tensor.concatenate(components, dimension: -1).logSumExp([-1]) - logits.logSumExp([-1])
      return [mixture.pixelLogProbability(data), exact, mixture.logProbability(data)]
    }
    #expect(largestDifference(values[0], values[1]) < 1e-5)
    #expect(abs(values[0].reduce(0, +) - values[2][0]) < 1e-5)
  }

  /// With the coupling on [-1, 1], as in PixelCNN++'s equation 3, spelled out in doubles.
  @Test func colourChannelsFollowOneAnother() throws {
    let numbers = parameters(channels: 3)
    let x = [0.1, 0.5, 0.8, 0, 0.3, 1, 1, 0.9, 0].map { ($0 * 15).rounded() / 15 }
    let values = try run { graph in
      let mixture = DiscretizedLogisticMixture(
        parameters: graph.constant(numbers, shape: [60]), pixels: 3, channels: 3, components: 2, levels: 16)
      return [mixture.pixelLogProbability(graph.constant(x, shape: [9]))]
    }[0]
    for pixel in 0..<3 {
      let table = Array(numbers[(20 * pixel)..<(20 * pixel + 20)])
      let v = (0..<3).map { 2 * x[3 * pixel + $0] - 1 }
      let weights = [exp(table[0]), exp(table[1])]
      let masses = (0..<2).map { k -> Double in
        let (alpha, beta, gamma) = (tanh(table[14 + k]), tanh(table[16 + k]), tanh(table[18 + k]))
        let means = [
          table[2 + k], table[4 + k] + alpha * v[0], table[6 + k] + beta * v[0] + gamma * v[1],
        ]
        return (0..<3).reduce(weights[k] / (weights[0] + weights[1])) { product, channel in
          let scale = exp(table[8 + 2 * channel + k])
          let upper = v[channel] > 0.99 ? 1 : logistic((v[channel] + 1 / 15 - means[channel]) / scale)
          let lower = v[channel] < -0.99 ? 0 : logistic((v[channel] - 1 / 15 - means[channel]) / scale)
          return product * (upper - lower)
        }
      }
      #expect(abs(values[pixel] - log(masses[0] + masses[1])) < 1e-5, "pixel \(pixel)")
    }
  }

  @Test func manyExamplesAndDrawsKeepTheirPlaces() throws {
    let values = try run { graph in
      let numbers = self.parameters(channels: 3)
      let rows = graph.constant(numbers + numbers.map { -$0 }, shape: [2, 60])
      let mixture = { (parameters: Tensor) in
        DiscretizedLogisticMixture(parameters: parameters, pixels: 3, channels: 3, components: 2, levels: 16)
      }
      let draws = mixture(rows).sample(count: 4)
      #expect(draws.shape == [4, 2, 9])
      #expect(mixture(rows).mean.shape == [2, 9])
      let first = mixture(rows.slice(0, 0..<1)).logProbability(draws.slice(1, 0..<1))
      let second = mixture(rows.slice(0, 1..<2)).logProbability(draws.slice(1, 1..<2))
      return [mixture(rows).logProbability(draws), Tensor.concatenate([first, second], dimension: 1), draws]
    }
    #expect(largestDifference(values[0], values[1]) < 1e-6)
    #expect(values[2].allSatisfy { abs($0 * 15 - ($0 * 15).rounded()) < 1e-5 && (0...1).contains($0) })
  }
}
