/// Stops with a sentence unless a condition holds: for mistakes in a program, not in its data.
///
/// `precondition` would do in a debugger, but says nothing in release builds.
package func require(
  _ condition: @autoclosure () -> Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() { stop(sentence(), file: file, line: line) }
}

/// Stops with a sentence, where no way on makes sense.
package func stop(_ sentence: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError(sentence, file: file, line: line)
}
