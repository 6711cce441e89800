import CLatentKernels
import LatentTensorGraph

/// Random numbers by Philox, in parallel.
struct RandomStep: PlannedStep {
  let node: Int
  let distribution: RandomDistribution
  let stream: UInt32
  let state: Int
  let result: Int
  let count: Int
  let threads: Int

  var reads: [Int] { [state] }
  var writes: [Int] { [result] }
  var label: String { "random \(distribution.rawValue) [\(count)]" }

  func bind(_ memory: PlanMemory) -> any Step {
    RandomRun(
      latent_random_work(
        distribution: distribution.library, stream: stream,
        state: UnsafePointer(memory.address(state).assumingMemoryBound(to: UInt32.self)),
        result: memory.address(result), count: count), threads: threads)
  }
}

extension RandomDistribution {
  fileprivate var library: latent_random_distribution {
    switch self {
    case .bits: LATENT_RANDOM_BITS
    case .uniform: LATENT_RANDOM_UNIFORM
    case .normal: LATENT_RANDOM_NORMAL
    }
  }
}

private final class RandomRun: Step {
  private let work: UnsafeMutablePointer<latent_random_work>
  private let threads: Int32

  init(_ work: latent_random_work, threads: Int) {
    self.work = .allocate(capacity: 1)
    self.work.initialize(to: work)
    self.threads = Int32(threads)
  }

  deinit { work.deallocate() }

  func run() { latent_parallel(threads, latent_random_share, work) }
}

/// A tensor seen as [outer, size, inner] around one dimension.
struct AxisExtent {
  let outer: Int
  let size: Int
  let inner: Int

  init(_ shape: Shape, _ dimension: Int) {
    outer = shape.dimensions[..<dimension].reduce(1, *)
    size = shape[dimension]
    inner = shape.dimensions[(dimension + 1)...].reduce(1, *)
  }
}

/// A step that is one call of a kernel, made when the addresses are known.
struct KernelStep: PlannedStep {
  let node: Int
  let label: String
  let reads: [Int]
  let writes: [Int]
  /// The call, which asks for the addresses of its operands when it is made.
  let makeCall: @Sendable (PlanMemory) -> () -> Void

  func bind(_ memory: PlanMemory) -> any Step { CallStep(makeCall(memory)) }
}
