import Foundation

/// How long this thread has waited for a processor that other programs had, by the kernel's own count.
struct Starvation {
  private let atFirst = Starvation.waited()
  private let start = Date()

  /// What to say when it was long: a tenth of the time since the beginning, and at least two seconds.
  func remark() -> String? {
    guard let atFirst, let now = Starvation.waited() else { return nil }
    return Starvation.remark(waited: now - atFirst, of: -start.timeIntervalSinceNow)
  }

  static func remark(waited: Double, of seconds: Double) -> String? {
    guard waited >= 2, waited >= 0.1 * seconds else { return nil }
    return String(
      format: "other programs had the processors for %.0f of %.0f seconds; training is faster when it is alone", waited,
      seconds)
  }

  /// Seconds in which the thread could have run and did not; `nil` where the kernel does not tell.
  private static func waited() -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .ascii) else { return nil }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Double(fields[1]).map { $0 * 1e-9 } : nil
  }
}
