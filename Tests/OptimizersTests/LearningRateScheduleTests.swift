import Foundation
import Latent
import Testing

@Suite struct LearningRateScheduleTests {
  private func factors(_ schedule: LearningRateSchedule, _ steps: [Int]) -> [Double] {
    steps.map { schedule.factor(step: $0, stepsPerEpoch: 10, epochs: 10) }
  }

  @Test func constantStaysOne() { #expect(factors(.init(.constant), [0, 50, 99]) == [1, 1, 1]) }

  @Test func stepFallsAtItsEpochs() {
    #expect(factors(.init(.step, factor: 0.5, interval: 2), [0, 19, 20, 39, 40]) == [1, 1, 0.5, 0.5, 0.25])
  }

  @Test func cosineGoesFromOneToZero() {
    let values = factors(.init(.cosine), [0, 50, 100])
    #expect(values[0] == 1)
    #expect(abs(values[1] - 0.5) < 1e-12)
    #expect(abs(values[2]) < 1e-12)
  }

  @Test func warmupGrowsLinearlyInFrontOfTheRest() {
    #expect(factors(.init(.constant, warmupSteps: 4), [0, 1, 3, 4]) == [0.25, 0.5, 1, 1])
    // After the warm-up the cosine has the 80 steps that are left.
    let cosine = factors(.init(.cosine, warmupSteps: 20), [9, 20, 60, 100])
    #expect(zip(cosine, [0.5, 1, 0.5, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(factors(.init(.step, factor: 0.5, interval: 1, warmupSteps: 20), [9, 19, 20]) == [0.5, 0.5, 0.25])
  }

  @Test func aPlateauIsMetWhenNothingImprovesForAnInterval() {
    var watch = PlateauWatch()
    for bound in [-100.0, -99, -99.5, -99.2] { watch.note(bound, interval: 2) }
    #expect(watch.reductions == 1)
    watch.note(-98, interval: 2)
    watch.note(-98.5, interval: 2)
    #expect(watch.reductions == 1)
    #expect(watch.best == -98)
    let schedule = LearningRateSchedule(.plateau, factor: 0.1)
    #expect(schedule.factor(step: 5, stepsPerEpoch: 10, epochs: 10, reductions: 2) == pow(0.1, 2))
  }
}
