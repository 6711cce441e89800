import Foundation

/// Ends a long command between two steps when the user presses Ctrl-C, or the machine wants it to end.
///
/// A second signal ends the program at once, as it would without this.
struct Interruption: Error {
  /// Which signal it was.
  let signal: Int32
  /// What has become of the command's work.
  private(set) var remark = "interrupted"

  /// What a shell takes for the end by that signal.
  var exitStatus: Int32 { 128 + signal }

  /// The same with another remark.
  func remarking(_ remark: String) -> Interruption { Interruption(signal: signal, remark: remark) }

  nonisolated(unsafe) private static var received: Int32 = 0

  /// Takes note of the signals from now on; one that the program was started to ignore stays ignored.
  static func watch() {
    // Programs are started with the signals blocked that the thread which starts them has blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM] {
      sigaddset(&signals, signal)
      var action = sigaction()
      guard sigaction(signal, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil else { continue }
      action.__sigaction_handler.sa_handler = { signal in
        if Interruption.received != 0 {
          Foundation.signal(signal, SIG_DFL)
          raise(signal)
        }
        Interruption.received = signal
      }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Lets the next signal end the program; one that has come already came too late.
  static func unwatch() {
    for signal in [SIGINT, SIGTERM] { Foundation.signal(signal, SIG_DFL) }
  }

  /// - Throws: an `Interruption` when a signal has come.
  static func check() throws {
    if received != 0 { throw Interruption(signal: received) }
  }
}
