import Latent
import TestSupport
import Testing

/// Every operation on both back ends, and its gradient against finite differences.
@Suite(.serialized) struct ComplianceTests {
  @Test(arguments: ComplianceCase.elementwise + ComplianceCase.structure)
  func cpuComputesWhatTheReferenceComputes(_ instance: ComplianceCase) throws {
    let expected = try instance.run(ReferenceBackend(), .float32, gradients: false)
    let actual = try instance.run(CPUBackend(), .float32, gradients: false)
    #expect(actual[0].shape == expected[0].shape && actual[0].type == expected[0].type)
    #expect(largestDifference(actual[0].doubles, expected[0].doubles) < 2e-5)
  }

  @Test(arguments: (ComplianceCase.elementwise + ComplianceCase.structure).filter(\.hasGradient))
  func gradientsAreFiniteDifferences(_ instance: ComplianceCase) throws {
    let exact = try instance.run(ReferenceBackend(), .float64, gradients: true).dropFirst().map(\.doubles)
    let differences = try instance.finiteDifferences()
    #expect(exact.count == differences.count)
    for (left, right) in zip(exact, differences) { #expect(largestDifference(left, right) < 1e-6) }
  }

  @Test(arguments: (ComplianceCase.elementwise + ComplianceCase.structure).filter(\.hasGradient))
  func cpuComputesTheReferencesGradients(_ instance: ComplianceCase) throws {
    let expected = try instance.run(ReferenceBackend(), .float32, gradients: true)
    let actual = try instance.run(CPUBackend(), .float32, gradients: true)
    for (left, right) in zip(actual, expected) { #expect(largestDifference(left.doubles, right.doubles) < 1e-4) }
  }
}
