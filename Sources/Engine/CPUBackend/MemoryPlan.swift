import LatentTensorGraph

/// Where in one arena each buffer lies, so that buffers whose lives do not overlap share memory.
///
/// A fused loop may also write where it reads, when it reads for the last time (`Plan.takeovers`).
///
struct MemoryPlan {
  /// The byte offset of each buffer in the arena; 0 for buffers that lie elsewhere.
  let offsets: [Int]
  /// The bytes that the arena takes.
  let byteCount: Int
  /// The first and the last step that touch each buffer; one beyond the last for outputs.
  let lives: [(first: Int, last: Int)]

  /// Every offset is a multiple of a cache line.
  static let alignment = 64

  init(_ plan: Plan) {
    var lives = plan.buffers.map { _ in (first: Int.max, last: -1) }
    for (position, step) in plan.steps.enumerated() {
      for buffer in step.reads + step.writes {
        lives[buffer] = (min(lives[buffer].first, position), max(lives[buffer].last, position))
      }
    }
    for buffer in plan.outputs { lives[buffer].last = plan.steps.count }
    for buffer in plan.settledBuffers { lives[buffer] = (0, plan.steps.count) }
    self.lives = lives
    // Buffers that take over another's memory are placed with it.
    var origins = plan.takeovers
    for (buffer, previous) in plan.takeovers.sorted(by: { $0.key < $1.key }) {
      let origin = origins[previous] ?? previous
      origins[buffer] = origin
      lives[origin].last = max(lives[origin].last, lives[buffer].last)
    }
    let inArena = plan.buffers.indices.filter {
      if origins[$0] != nil || lives[$0].last < lives[$0].first { return false }
      if case .arena = plan.buffers[$0].place { return true }
      return false
    }
    let sizes = plan.buffers.map { Self.aligned($0.byteCount) }
    var (offsets, total) =
      inArena.count <= Self.mostBySize
      ? Self.placedBySize(inArena, sizes, lives) : Self.placedByTime(inArena, sizes, lives)
    for (buffer, origin) in origins { offsets[buffer] = offsets[origin] }
    self.offsets = offsets
    byteCount = total
  }

  /// The largest buffer first, each at the lowest offset where nothing that lives at the same time lies
  /// (Pisarchyk & Lee 2020). The time is that of the square of their number.
  private static func placedBySize(
    _ buffers: [Int], _ sizes: [Int], _ lives: [(first: Int, last: Int)]
  ) -> ([Int], Int) {
    var offsets = sizes.map { _ in 0 }
    // Those that have a place, by offset.
    var placed: [Int] = []
    var total = 0
    for buffer in buffers.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
      let (first, last) = lives[buffer]
      var offset = 0
      for neighbour in placed where lives[neighbour].first <= last && first <= lives[neighbour].last {
        if offset + sizes[buffer] <= offsets[neighbour] { break }
        offset = max(offset, offsets[neighbour] + sizes[neighbour])
      }
      offsets[buffer] = offset
      total = max(total, offset + sizes[buffer])
      var place = placed.count
      while place > 0, offsets[placed[place - 1]] > offset { place -= 1 }
      placed.insert(buffer, at: place)
    }
    return (offsets, total)
  }

  /// In the order in which they come to life, each in the smallest gap that holds it, for plans of very many buffers.
  private static func placedByTime(
    _ buffers: [Int], _ sizes: [Int], _ lives: [(first: Int, last: Int)]
  ) -> ([Int], Int) {
    var offsets = sizes.map { _ in 0 }
    var memory = GapList()
    var ending: [Int: [Int]] = [:]
    for buffer in buffers { ending[lives[buffer].last, default: []].append(buffer) }
    var ends = ending.keys.sorted()[...]
    for buffer in buffers.sorted(by: { (lives[$0].first, $0) < (lives[$1].first, $1) }) {
      while let end = ends.first, end < lives[buffer].first {
        for dead in ending[end] ?? [] { memory.release(offsets[dead], sizes[dead]) }
        ends.removeFirst()
      }
      offsets[buffer] = memory.take(sizes[buffer])
    }
    return (offsets, memory.byteCount)
  }

  /// So many buffers are still placed by size, which wastes less.
  private static let mostBySize = 4096

  private static func aligned(_ bytes: Int) -> Int { (max(1, bytes) + alignment - 1) / alignment * alignment }
}
