import Foundation
import LatentTensorGraph

/// A Gaussian posterior over weights, independent for each (Kingma & Welling 2013, appendix F).
///
/// The variables themselves are the means; each gets a logarithm of its standard deviation besides.
struct WeightPosterior {
  /// The means.
  let means: [Variable]
  /// The logarithms of the standard deviations, in the same order.
  let logDeviations: [Variable]

  /// Declares a posterior over variables, whose standard deviations are all the same at first.
  init(over variables: [Variable], deviation: Double = 0.02) {
    means = variables
    logDeviations = variables.map {
      Variable($0.name + "/logDeviation", shape: $0.shape, initializer: .constant(Foundation.log(deviation)))
    }
  }

  /// One draw of all weights, mu + sigma zeta with zeta from N(0, I), to be read in place of the variables.
  func draw(in graph: Graph) -> [Variable: Tensor] {
    graph.scope("weights") {
      Dictionary(
        uniqueKeysWithValues: zip(means, logDeviations).map { mean, logDeviation in
          let noise = graph.random(.normal, shape: mean.shape)
          return (mean, graph.read(mean) + graph.read(logDeviation).exp() * noise)
        })
    }
  }

  /// The divergence from the prior N(0, I), a scalar in nats.
  func divergence(in graph: Graph) -> Tensor {
    let parts = zip(means, logDeviations).map { mean, logDeviation in
      let s = graph.read(logDeviation)
      return (graph.read(mean).squared() + (s * 2).exp() - s * 2 - 1).sum() * 0.5
    }
    return parts.reduce(graph.constant(0), +)
  }
}
