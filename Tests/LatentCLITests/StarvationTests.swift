import Foundation
import Testing

@testable import LatentCLI

/// When training says that other programs had the processors.
@Suite struct StarvationTests {
  @Test(arguments: [(1.9, 3.0, false), (2.0, 20.0, true), (2.0, 20.1, false), (30.0, 60.0, true)])
  func aTenthOfTheTimeAndTwoSecondsAreSaid(_ waited: Double, _ seconds: Double, _ isSaid: Bool) {
    #expect((Starvation.remark(waited: waited, of: seconds) != nil) == isSaid)
  }

  @Test func theRemarkNamesBothTimes() {
    #expect(
      Starvation.remark(waited: 12.4, of: 80)
        == "other programs had the processors for 12 of 80 seconds; training is faster when it is alone")
  }

  @Test func aMomentIsNotSaid() {
    #expect(Starvation().remark() == nil)
  }
}
