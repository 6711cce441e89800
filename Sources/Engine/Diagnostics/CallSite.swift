import Runtime

#if canImport(Glibc)
  // The static Runtime library needs it and does not say so.
  import Glibc
#endif

/// Where in a program's own sources this package was called, for sentences about a program's mistakes.
enum CallSite {
  /// The folder of this package's sources when it was built.
  private static let sources = String(#filePath.dropLast("Engine/Diagnostics/CallSite.swift".count))

  /// The innermost line on the stack that is not of this package, as `path:line`; `nil` where debugging information says none.
  static func found() -> String? {
    let options: Backtrace.SymbolicationOptions = [.showInlineFrames, .showSourceLocations]
    let frames = try? Backtrace.capture().symbolicated(options: options)?.frames
    let lines = frames?.compactMap { $0.symbol?.sourceLocation } ?? []
    return lines.first { $0.line > 0 && isOfTheProgram($0.path) }.map { "\($0.path):\($0.line)" }
  }

  /// Neither of this package nor of the standard library, parts of which are compiled into their callers.
  private static func isOfTheProgram(_ path: String) -> Bool {
    path.hasSuffix(".swift") && !path.hasPrefix(sources) && !path.contains("/stdlib/public/")
  }
}
