import LatentDiagnostics
import LatentFileFormats
import Foundation

/// The file of a run's figures, one JSON object a line.
package struct MetricsLog: Sendable {
  private let path: String
  private var lines: [String] = []
  /// The figures in it, in order.
  package private(set) var metrics: [EpochMetrics] = []

  /// Opens the log of a run, without what came after an epoch (from a run that was cut off).
  package init(path: String, keeping epoch: Int) throws {
    self.path = path
    guard epoch > 0, FileManager.default.fileExists(atPath: path) else { return }
    let text = String(decoding: try FileReading.data(at: path), as: UTF8.self)
    for line in text.split(separator: "\n") {
      guard let metrics = try? JSONDecoder().decode(EpochMetrics.self, from: Data(line.utf8)) else {
        throw LatentError.failure(
          "\(path) has a line that is not a JSON object of metrics", remedy: "Mend the line or remove the file")
      }
      guard metrics.epoch <= epoch else { continue }
      lines.append(String(line))
      self.metrics.append(metrics)
    }
  }

  /// Adds a line; the file is replaced as a whole, so it never ends in half a line.
  package mutating func append(_ metrics: EpochMetrics) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    lines.append(String(decoding: try encoder.encode(metrics), as: UTF8.self))
    self.metrics.append(metrics)
    try AtomicFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: path)
  }
}
