import Foundation
import Latent
import TestSupport
import Testing

@testable import LatentReproduction

/// Where chains in posteriors begin.
@Suite struct PosteriorChainsTests {
  /// Two modes, |z| > 1, which no chain can go between.
  @Test func chainsBeginInEveryModeAsOftenAsItIsProbable() throws {
    let network = try SmallNetwork(smallModel(latents: 1, hidden: [2]), exampleShape: [8, 8, 1], seed: 1)
    let values = [[6, -6], [-6, -6], [Double](repeating: 0.51, count: 64) + [Double](repeating: 0.5, count: 64)]
    for (variable, values) in zip(network.model.decoderVariables, values) {
      try network.store.set(variable, to: HostTensor(values, shape: variable.shape))
    }
    let examples = try Examples(floats: [Float](repeating: 1, count: 64), shape: [8, 8, 1])
    let count = 400
    let chains = try PosteriorChains(network, examples: 1, chains: count)
    try chains.start(examples, [0], RandomState(seed: 1))
    let share = Double(chains.positions.filter { $0 > 0 }.count) / Double(count)
    // 64 ones, each with logits of 0.01 on one side and -0.01 on the other.
    let expected = 1 / (1 + exp(-0.64))
    #expect(abs(share - expected) < 5 * (expected * (1 - expected) / Double(count)).squareRoot())
    #expect(chains.positions.allSatisfy { abs($0) > 0.5 })
    #expect(Set(chains.positions).count > 300)
    try chains.set(examples, [0])
    for step in 0..<10 { try chains.advance(RandomState(seed: 2, step: UInt64(step))) }
    #expect(chains.logJoint.count == count)
    #expect(Double(chains.positions.filter { $0 > 0 }.count) / Double(count) == share)
  }
}
