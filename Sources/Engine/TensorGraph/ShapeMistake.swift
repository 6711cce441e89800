import Runtime

#if canImport(Glibc)
  // The static Runtime library needs it and does not say so.
  import Glibc
#endif

/// Stands for the file of an operation that was not told where it was called.
let unlocated: StaticString = ""

/// Stops with a sentence that names the operation, the shapes, and where in the model and in the code it happened.
///
/// A mistake in the program, not in its data; `fatalError` because, unlike `preconditionFailure`, it prints the sentence
/// in release builds too.
func shapeMistake(
  _ operation: String, _ operands: [Tensor], _ expectation: String, file: StaticString, line: UInt
) -> Never {
  let shapes = operands.map { "\($0.type) \($0.shape)" }.joined(separator: " and ")
  let scope = operands.last.map { $0.graph.scopes[$0.index] } ?? ""
  let sentence = "\(operation) of \(shapes)\(scope.isEmpty ? "" : " in \(scope)"): \(expectation)"
  if file.utf8CodeUnitCount > 0 { fatalError(sentence, file: file, line: line) }
  fatalError("\(sentence) (\(callerOfThisModule() ?? "build with -g to see where"))")
}

/// The innermost line on the stack that is not in this module, where debugging information says so.
private func callerOfThisModule() -> String? {
  let options: Backtrace.SymbolicationOptions = [.showInlineFrames, .showSourceLocations]
  let frames = try? Backtrace.capture().symbolicated(options: options)?.frames
  let lines = frames?.compactMap { $0.symbol?.sourceLocation } ?? []
  return lines.first { !$0.path.contains("/TensorGraph/") && $0.line > 0 }.map { "\($0.path):\($0.line)" }
}
