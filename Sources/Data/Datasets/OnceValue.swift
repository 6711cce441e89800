import Synchronization

/// A value that is computed when first asked for and kept, shared by all copies of its owner.
final class OnceValue<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)

  /// The kept value, or the computed one; computed at most once.
  func value(_ compute: () -> Value) -> Value {
    stored.withLock { stored in
      if let stored { return stored }
      let value = compute()
      stored = value
      return value
    }
  }
}
