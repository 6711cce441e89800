import Dispatch
import Foundation
import LatentDiagnostics
import LatentFileFormats
import Synchronization

/// Pictures in files, decoded when they are asked for; those of the next batch ahead of time, on threads of their own.
///
/// Memory holds no more than two batches and the pictures that are being decoded, however many files there are.
final class PictureFolder: RowSource {
  /// Where files' names begin, and their names after that, in order.
  private let folder: String
  let files: [String]
  let scaler: PictureScaler
  private let queue = DispatchQueue(label: "latent.pictures", attributes: .concurrent)
  private let state = Mutex(State())

  /// A batch that was announced.
  private final class Batch: Sendable {
    let rows: [Int]
    let results: Mutex<[Result<[UInt8], any Error>?]>
    let group = DispatchGroup()

    init(_ rows: [Int]) {
      self.rows = rows
      results = Mutex([Result<[UInt8], any Error>?](repeating: nil, count: rows.count))
    }
  }

  private struct State {
    var next: Batch?
    var secondsWaited = 0.0
  }

  /// - Parameter files: at least one, of pictures whose headers have been read.
  init(_ folder: String, files: [String], scaler: PictureScaler) {
    (self.folder, self.files, self.scaler) = (folder, files, scaler)
  }

  var count: Int { files.count }
  var width: Int { scaler.shape.reduce(1, *) }
  var statistics: ValueStatistics { .greyLevels }
  var isGreyLevels: Bool { true }
  var secondsWaited: Double { state.withLock { $0.secondsWaited } }

  /// The files' names and lengths: what their pixels are is not looked at for it.
  var identity: String {
    files.map { file in
      let size = (try? FileManager.default.attributesOfItem(atPath: folder + "/" + file))?[.size] as? Int ?? 0
      return "\(file) \(size)"
    }.joined(separator: "\n") + " \(scaler.shape) \(scaler.settings.fit)"
  }

  func prepare(_ rows: [Int]) {
    let batch = begin(rows)
    state.withLock { $0.next = batch }
  }

  /// A batch that is being decoded from now on.
  private func begin(_ rows: [Int]) -> Batch {
    let batch = Batch(rows)
    // As many threads as there are, each of which takes the next picture: some are larger than others.
    let place = Counter()
    for _ in 0..<min(rows.count, Self.threads) {
      queue.async(group: batch.group) { [self] in
        while let index = place.next(below: rows.count) {
          let result = Result { try decode(rows[index]) }
          batch.results.withLock { $0[index] = result }
        }
      }
    }
    return batch
  }

  func read(_ rows: [Int], into destination: UnsafeMutableBufferPointer<Float>) throws {
    let announced = state.withLock { state in
      defer { state.next = nil }
      return state.next?.rows == rows ? state.next : nil
    }
    let batch = announced ?? begin(rows)
    let start = DispatchTime.now()
    batch.group.wait()
    if announced != nil {
      let waited = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
      state.withLock { $0.secondsWaited += waited }
    }
    let width = self.width
    try batch.results.withLock { results in
      for index in results.indices {
        guard let bytes = try results[index]?.get() else { continue }
        for (place, byte) in bytes.enumerated() {
          destination[index * width + place] = Float(byte) / Examples.greyDivisor
        }
      }
    }
  }

  private func decode(_ row: Int) throws -> [UInt8] {
    try scaler(PictureFile.read(contentsOf: folder + "/" + files[row]))
  }

  /// Those that compute wait for pictures alone, so that more threads than cores would only take turns.
  private static let threads = max(1, ProcessInfo.processInfo.activeProcessorCount)

  private final class Counter: Sendable {
    private let value = Mutex(0)

    func next(below end: Int) -> Int? {
      value.withLock { value in
        guard value < end else { return nil }
        defer { value += 1 }
        return value
      }
    }
  }
}
