import Testing

@testable import LatentCPUBackend

/// How many threads a back end lets the libraries below it use, of which it asks by `CPUBackend()` here.
@Suite struct ThreadCountTests {
  @Test func aRunHasItsBackEndsThreadsAndLeavesTheCallersAsTheyWere() {
    let callers = CPUBackend().threads
    defer { CPUBackend.setDefaultThreads(callers) }
    CPUBackend.setDefaultThreads(3)
    #expect(withThreads(2) { CPUBackend().threads } == 2)
    #expect(withThreads(1) { withThreads(4) { CPUBackend().threads } + 10 * CPUBackend().threads } == 14)
    #expect(CPUBackend().threads == 3)
  }
}
