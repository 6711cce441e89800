import Foundation
import Latent

/// Standard output for results; standard error for messages, and a progress line where somebody is watching.
enum Terminal {
  /// Makes the program's streams safe to write to: a reader that goes away is an error of a write and not a signal, and a
  /// stream that is closed does not become the next file that is opened.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
      // Standard output for reading only, so that a result that nobody gets is noticed.
      _ = open("/dev/null", descriptor == 2 ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes a result to standard output.
  ///
  /// - Throws: `LatentError` when it cannot be written: what was asked for is then not there.
  static func write(_ result: some CustomStringConvertible, terminator: String = "\n") throws {
    guard !put("\(result)\(terminator)", on: 1) else { return }
    throw LatentError.failure(
      "The result cannot be written to standard output (\(String(cString: strerror(errno))))",
      remedy: "Give standard output a place with room, or a reader that stays")
  }

  /// Whether all of a text went out.
  private static func put(_ text: String, on descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Whether standard error is a terminal that can redraw a line.
  static let isInteractive = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  private static let isColoured = isInteractive && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty

  /// Writes a line to standard error; one that cannot be written is lost, and stops nothing.
  static func writeError(_ line: String) { _ = put(line + "\n", on: 2) }

  /// Redraws the progress line; does nothing where nobody is watching.
  static func drawProgress(_ line: String) {
    guard isInteractive else { return }
    _ = put("\r\u{1B}[K\(line)", on: 2)
  }

  /// Redraws the progress line; where nobody is watching, writes it as a line of its own if ten seconds have gone by since the last,
  /// so that a log shows that a long measurement goes on.
  static func reportProgress(_ line: String, since last: inout Date) {
    guard !isInteractive else { return drawProgress(line) }
    guard -last.timeIntervalSinceNow >= 10 else { return }
    last = Date()
    writeError(line)
  }

  /// Removes the progress line.
  static func finishProgress() { drawProgress("") }

  /// A bar of a width, filled to a share.
  static func bar(_ share: Double, width: Int = 24) -> String {
    let filled = Int((share * Double(width)).rounded(.down))
    let bar = String(repeating: "━", count: filled)
    let rest = String(repeating: isColoured ? "━" : " ", count: width - filled)
    return isColoured ? "\u{1B}[36m\(bar)\u{1B}[90m\(rest)\u{1B}[0m" : bar + rest
  }

  /// Seconds as minutes and seconds, or hours.
  static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e6 else { return "-:--" }
    let whole = Int(seconds.rounded())
    if whole >= 3600 { return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60) }
    return String(format: "%d:%02d", whole / 60, whole % 60)
  }
}

/// The progress of a training run: a line that is redrawn, or one line for each epoch.
final class TrainingDisplay {
  private let epochs: Int
  private let first: Int
  private let name: String
  private let batchSize: Int
  private let isQuiet: Bool
  private let start = Date()
  private var lastDrawn = Date.distantPast
  private var smoothed: Double?

  /// - Parameters:
  ///   - figure: what the figure of a step is called.
  ///   - batchSize: how many examples a step has.
  ///   - isQuiet: whether nothing is shown.
  init(epochs: Int, completed: Int, figure: String, batchSize: Int, isQuiet: Bool) {
    self.epochs = epochs
    first = completed
    name = figure
    self.batchSize = batchSize
    self.isQuiet = isQuiet
  }

  func note(_ event: TrainingEvent) {
    guard !isQuiet else { return }
    switch event {
    case .step(let epoch, let step, let stepsPerEpoch, let figure):
      smoothed = smoothed.map { $0 * 0.98 + figure * 0.02 } ?? figure
      guard Terminal.isInteractive, -lastDrawn.timeIntervalSinceNow > 0.1 || step == stepsPerEpoch else { return }
      lastDrawn = Date()
      let done = Double((epoch - 1 - first) * stepsPerEpoch + step)
      let total = Double((epochs - first) * stepsPerEpoch)
      let rate = done / max(1e-3, -start.timeIntervalSinceNow)
      let eta = Terminal.clock((total - done) / rate)
      Terminal.drawProgress(
        "epoch \(epoch)/\(epochs) \(Terminal.bar(done / total)) "
          + name + String(format: " %.1f  %.0f examples/s  ETA ", smoothed ?? figure, rate * Double(batchSize)) + eta)
    case .metrics(let metrics):
      Terminal.finishProgress()
      Terminal.writeError(metrics.line(of: epochs))
    }
  }
}

extension EpochMetrics {
  /// The figures as a line for people.
  func line(of epochs: Int) -> String {
    let name = split.padding(toLength: 10, withPad: " ", startingAt: 0)
    let widths = ["elbo": 9, "rate": 6, "distortion": 8]
    // What is maximised besides, and a rate beside a distortion that alone is made small, are in the log alone.
    let shown = values.filter { $0.name != "objective" && ($0.name != "rate" || elbo != nil || distortion == nil) }
    let figures = shown.map { String(format: "\($0.name) %\(widths[$0.name] ?? 9).2f  ", $0.value) }.joined()
    return "epoch \(epoch)/\(epochs)  \(name)  \(figures)" + String(format: "%5.1f s", seconds)
  }
}
