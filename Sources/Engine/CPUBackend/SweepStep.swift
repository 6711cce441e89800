import CLatentKernels

/// Fused loops that do not depend on each other, on all threads with one start and one end: an optimiser's update of all
/// parameters, for example.
struct SweepStep: PlannedStep {
  let loops: [TileStep]

  var node: Int { loops[0].node }
  var reads: [Int] { loops.flatMap(\.reads) }
  var writes: [Int] { loops.flatMap(\.writes) }
  var label: String { "sweep of \(loops.count) loops, \(loops.reduce(0) { $0 + $1.instructions.count }) operations" }

  func bind(_ memory: PlanMemory) throws -> any Step {
    SweepRun(try loops.map { try $0.bind(memory) }, threads: loops.map(\.threads).max() ?? 1)
  }
}

private final class SweepRun: Step {
  private let loops: [TileRun]
  private let programs: UnsafeMutableBufferPointer<UnsafePointer<latent_tile_program>?>
  private let threads: Int32

  init(_ loops: [any Step], threads: Int) {
    // A loop over nothing has no program.
    let runs = loops.compactMap { $0 as? TileRun }
    self.loops = runs
    self.threads = Int32(threads)
    programs = .allocate(capacity: runs.count)
    for (index, run) in runs.enumerated() { programs[index] = UnsafePointer(run.program) }
  }

  deinit { programs.deallocate() }

  func run() {
    for loop in loops { loop.refresh() }
    latent_tile_run_all(programs.baseAddress, Int32(programs.count), threads)
  }
}

extension Plan {
  /// Joins neighbouring loops that touch no memory in common but for reading.
  ///
  /// Starting and ending a parallel loop costs about 3 microseconds, a tenth of a small model's step.
  mutating func joinSweeps() {
    guard settled.isEmpty else { return }
    let places = buffers.indices.map(place)
    var result: [any PlannedStep] = []
    var sweep: [TileStep] = []
    var (read, written): (Set<Place>, Set<Place>) = ([], [])
    func close() {
      result += sweep.count > 1 ? [SweepStep(loops: sweep)] : sweep
      (sweep, read, written) = ([], [], [])
    }
    for step in steps {
      guard let loop = step as? TileStep, !loop.combinesShares else {
        close()
        result.append(step)
        continue
      }
      let (reads, writes) = (Set(loop.reads.map { places[$0] }), Set(loop.writes.map { places[$0] }))
      let isApart = writes.isDisjoint(with: read) && writes.isDisjoint(with: written) && reads.isDisjoint(with: written)
      if !isApart { close() }
      sweep.append(loop)
      read.formUnion(reads)
      written.formUnion(writes)
    }
    close()
    steps = result
  }

  /// Memory that buffers can share.
  private enum Place: Hashable {
    case buffer(Int)
    case variable(String)
  }

  private func place(_ buffer: Int) -> Place {
    if case .variable(let variable) = buffers[buffer].place { return .variable(variable.name) }
    var origin = buffer
    while let previous = takeovers[origin] { origin = previous }
    return .buffer(origin)
  }
}

extension TileStep {
  /// Whether the threads' partial results are combined when all are done.
  fileprivate var combinesShares: Bool {
    threads > 1 && !folds.isEmpty && (space.outer < threads || space.reduced == 0)
  }
}
