import LatentTensorGraph

/// Where in one arena each buffer lies, so that buffers whose lives do not overlap share memory.
///
/// A fused loop may also write where it reads, when it reads for the last time (`Plan.takeovers`).
///
/// Greedy by size: the largest buffer first, each at the lowest offset where nothing that lives at the same time lies
/// (Pisarchyk & Lee 2020).
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
    var offsets = plan.buffers.map { _ in 0 }
    var placed: [Int] = []
    var total = 0
    let inArena = plan.buffers.indices.filter {
      if origins[$0] != nil { return false }
      if case .arena = plan.buffers[$0].place { return true }
      return false
    }
    for buffer in inArena.sorted(by: { (plan.buffers[$0].byteCount, $1) > (plan.buffers[$1].byteCount, $0) }) {
      let size = Self.aligned(plan.buffers[buffer].byteCount)
      let neighbours = placed.filter {
        lives[$0].first <= lives[buffer].last && lives[buffer].first <= lives[$0].last
      }.sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for neighbour in neighbours {
        if offset + size <= offsets[neighbour] { break }
        offset = max(offset, offsets[neighbour] + Self.aligned(plan.buffers[neighbour].byteCount))
      }
      offsets[buffer] = offset
      total = max(total, offset + size)
      placed.append(buffer)
    }
    for (buffer, origin) in origins { offsets[buffer] = offsets[origin] }
    self.offsets = offsets
    byteCount = total
  }

  private static func aligned(_ bytes: Int) -> Int { (max(1, bytes) + alignment - 1) / alignment * alignment }
}
