import Foundation

/// Examples that are read when they are asked for: pictures of a folder, arrays larger than memory.
package protocol RowSource: Sendable {
  /// How many examples there are.
  var count: Int { get }
  /// How many numbers an example has.
  var width: Int { get }
  /// What the numbers are like.
  var statistics: ValueStatistics { get }
  /// Whether every value is a byte over 255.
  var isGreyLevels: Bool { get }
  /// What tells these examples from others, for a fingerprint.
  var identity: String { get }

  /// Writes some examples, one after another, as numbers.
  ///
  /// - Throws: `LatentError` naming a file that cannot be read any more.
  func read(_ rows: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws

  /// Is told which examples are likely to be asked for next.
  func prepare(_ rows: [Int])

  /// How long readers have waited for examples that they had announced.
  var secondsWaited: Double { get }
}

extension RowSource {
  package func prepare(_ rows: [Int]) {}
  package var secondsWaited: Double { 0 }
}

/// Some examples of others.
struct SelectedRows: RowSource {
  private let base: any RowSource
  private let rows: [Int]

  init(_ base: any RowSource, _ rows: [Int]) {
    // A selection of a selection is one of what that was made of.
    if let selected = base as? SelectedRows {
      (self.base, self.rows) = (selected.base, rows.map { selected.rows[$0] })
    } else {
      (self.base, self.rows) = (base, rows)
    }
  }

  var count: Int { rows.count }
  var width: Int { base.width }
  var statistics: ValueStatistics { base.statistics }
  var isGreyLevels: Bool { base.isGreyLevels }
  var secondsWaited: Double { base.secondsWaited }
  var identity: String { "\(base.identity) \(rows)" }

  func read(_ rows: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws {
    try base.read(rows.map { self.rows[$0] }, into: destination)
  }

  func prepare(_ rows: [Int]) { base.prepare(rows.map { self.rows[$0] }) }
}

/// Examples with values that are drawn for each by its number.
struct DrawnRows: RowSource {
  private let base: any RowSource
  private let draw: @Sendable (_ example: Int, _ values: UnsafeMutableBufferPointer<Float>) -> Void
  let statistics: ValueStatistics
  private let name: String

  /// - Parameter name: what is drawn, for the fingerprint.
  init(
    _ base: any RowSource, _ name: String, _ statistics: ValueStatistics,
    _ draw: @escaping @Sendable (_ example: Int, _ values: UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    (self.base, self.name, self.statistics, self.draw) = (base, name, statistics, draw)
  }

  var count: Int { base.count }
  var width: Int { base.width }
  var isGreyLevels: Bool { false }
  var secondsWaited: Double { base.secondsWaited }
  var identity: String { "\(base.identity) \(name)" }

  func read(_ rows: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws {
    try base.read(rows, into: destination)
    for (place, row) in rows.enumerated() {
      draw(row, UnsafeMutableBufferPointer(rebasing: destination[(place * width)..<((place + 1) * width)]))
    }
  }

  func prepare(_ rows: [Int]) { base.prepare(rows) }
}
