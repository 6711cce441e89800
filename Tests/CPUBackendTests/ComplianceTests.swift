import Latent
import TestSupport
import Testing

@testable import LatentCPUBackend

/// Every operation on both back ends, and its gradient against finite differences.
@Suite(.serialized) struct ComplianceTests {
  @Test(arguments: ComplianceCase.elementwise + ComplianceCase.structure)
  func cpuComputesWhatTheReferenceComputes(_ instance: ComplianceCase) throws {
    let expected = try instance.run(ReferenceBackend(), .float32, gradients: false)
    for backend in [CPUBackend() as any Backend, ThreeThreads()] {
      let actual = try instance.run(backend, .float32, gradients: false)
      #expect(actual[0].shape == expected[0].shape && actual[0].type == expected[0].type)
      #expect(largestDifference(actual[0].doubles, expected[0].doubles) < 2e-5)
    }
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

  @Test(arguments: ComplianceCase.identities)
  func aDerivedOperationIsWhatItIsMeantToBe(_ instance: ComplianceCase) throws {
    let exact = try instance.run(ReferenceBackend(), .float64, gradients: false)[0].doubles
    #expect(!exact.isEmpty && exact.allSatisfy { abs($0) < 1e-12 })
    let single = try instance.run(CPUBackend(), .float32, gradients: false)[0].doubles
    #expect(single.allSatisfy { abs($0) < 5e-5 })
  }

  /// No case can ask for it: a finite difference is lost in the rounding.
  @Test(arguments: [0, 1])
  func theGradientOfAConversionIsTheCotangentConverted(_ backend: Int) throws {
    let graph = Graph()
    let x = graph.input("x", shape: [3])
    // 1.01 becomes 1.0078125, on the way forward and on the way back.
    let y = (x.converted(to: .bfloat16) * 2).converted(to: .float32) * graph.constant([1, -3, 1.01], shape: [3])
    // The gradient of what is linear does not read its operand.
    let program = Program(graph: graph, outputs: gradient(of: y.sum(), withRespectTo: [x]) + [x.stopGradient()])
    let backends: [any Backend] = [ReferenceBackend(), CPUBackend()]
    let executable = try backends[backend].compile(program, state: VariableStore(seed: 0))
    let result = try executable.run([HostTensor([1.01, 5, 7], shape: [3])])[0]
    #expect(result.type == .float32)
    #expect(result.doubles == [2, -6, 2 * 1.0078125])
  }
}

/// Plans for three threads, whatever the machine has: shares of unequal size, and partial results to combine.
private struct ThreeThreads: Backend {
  let name = "cpu, three threads"

  func compile(_ program: Program, state: VariableStore) throws -> any Executable {
    try CPUExecutable(program, plan: Lowering.plan(program, threads: 3), threads: 3, state: state)
  }
}
