/// Memory of any size, from which pieces are taken and to which they are given back.
struct GapList {
  /// The most that has been in use, gaps included.
  private(set) var byteCount = 0
  /// The offset where each gap ends, by where it begins, and the other way round.
  private var ends: [Int: Int] = [:], starts: [Int: Int] = [:]
  /// The gaps by their size, the last made of each size last.
  private var bySize: [Int: [Int]] = [:]
  /// The sizes of which there may be gaps, ascending.
  private var sizes: [Int] = []

  /// The offset of a piece: the beginning of the smallest gap that holds it, else the end.
  mutating func take(_ size: Int) -> Int {
    let place = sizes.partitioningIndex { $0 >= size }
    while place < sizes.count {
      let gap = sizes[place]
      guard let start = bySize[gap]?.popLast() else {
        bySize[gap] = nil
        sizes.remove(at: place)
        continue
      }
      // A gap that has been joined with another is not there any more.
      guard ends[start] == start + gap else { continue }
      remove(start, start + gap)
      if gap > size { add(start + size, start + gap) }
      return start
    }
    byteCount += size
    return byteCount - size
  }

  /// Gives a piece back.
  mutating func release(_ offset: Int, _ size: Int) {
    var (start, end) = (offset, offset + size)
    if let before = starts[start] {
      remove(before, start)
      start = before
    }
    if let after = ends[end] {
      remove(end, after)
      end = after
    }
    add(start, end)
  }

  private mutating func add(_ start: Int, _ end: Int) {
    ends[start] = end
    starts[end] = start
    let size = end - start
    if bySize[size] == nil { sizes.insert(size, at: sizes.partitioningIndex { $0 >= size }) }
    bySize[size, default: []].append(start)
  }

  private mutating func remove(_ start: Int, _ end: Int) {
    ends[start] = nil
    starts[end] = nil
  }
}

extension [Int] {
  /// The place of the first element of a sorted list that a condition holds for, as it does for all after it.
  func partitioningIndex(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
