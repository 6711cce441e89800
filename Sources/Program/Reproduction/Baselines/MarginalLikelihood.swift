import LatentDatasets
import LatentExecution
import Foundation
import LatentVariationalAutoencoders

/// Estimates log p(x) from draws of the posterior alone (Kingma & Welling 2013, appendix D), for few latents.
///
/// 1 / p(x) is the posterior's expectation of q(z) / p(x, z) for any density q. Here q is a Normal with full covariance
/// fitted to the first half of the draws; the second half is averaged over. Chains begin at draws from
/// the prior resampled by likelihood, as chains from elsewhere would stay in whichever mode they find. The model's own recognition network plays no part, so models without one can be measured too.
final class MarginalLikelihood {
  /// Transitions whose draws are thrown away while the step size is tuned to 90 % acceptance.
  var burnIn = 20
  /// Draws of each chain in either half.
  var draws = 12
  /// Chains for each example.
  let chains: Int
  /// The mean acceptance probability of the draws that were used last.
  private(set) var acceptance = 0.0

  private let network: SmallNetwork
  private let examples: Examples
  private let seed: UInt64
  private var sets: [Int: PosteriorChains] = [:]

  /// Measures these examples, with the same noise every time.
  init(_ network: SmallNetwork, _ examples: Examples, chains: Int = 16, seed: UInt64) {
    self.network = network
    self.examples = examples
    self.chains = chains
    self.seed = seed
  }

  /// log p(x) of each example, in nats.
  func values(batchSize: Int = 100) throws -> [Double] {
    var values: [Double] = []
    var rates: [Double] = []
    for first in stride(from: 0, to: examples.count, by: batchSize) {
      let indices = Array(first..<min(examples.count, first + batchSize))
      let set = try sets[indices.count] ?? PosteriorChains(network, examples: indices.count, chains: chains)
      sets[indices.count] = set
      values += try estimate(set, indices, &rates)
    }
    acceptance = SampleStatistics(rates).mean
    return values
  }

  private func estimate(_ set: PosteriorChains, _ indices: [Int], _ rates: inout [Double]) throws -> [Double] {
    var step = UInt64(indices[0]) << 20
    func random() -> RandomState {
      step += 1
      return RandomState(seed: seed, step: step)
    }
    try set.set(examples, indices)
    try set.start(examples, indices, random())
    step += 128
    set.stepSize = StepSizeTuner()
    for step in 0..<burnIn { try set.advance(random(), gain: 2 * step < burnIn ? 4 : 1) }
    let width = network.model.latents
    var fitted = [[[Double]]](repeating: [], count: indices.count)
    var densities: [FittedNormal] = []
    var terms = [[Double]](repeating: [], count: indices.count)
    for draw in 0..<(2 * draws) {
      try set.advance(random())
      rates.append(set.acceptance)
      if draw == draws { densities = fitted.map { FittedNormal($0) } }
      for chain in 0..<chains {
        for example in indices.indices {
          let place = chain * indices.count + example
          let z = set.positions[(place * width)..<((place + 1) * width)].map(Double.init)
          if draw < draws {
            fitted[example].append(z)
          } else {
            terms[example].append(densities[example].logProbability(z) - set.logJoint[place])
          }
        }
      }
    }
    return terms.map { terms in
      let largest = terms.max() ?? 0
      return -(largest + log(terms.reduce(0) { $0 + exp($1 - largest) } / Double(terms.count)))
    }
  }
}
