/// Stops with a sentence unless a condition holds: for mistakes in a program, not in its data.
///
/// `precondition` would do in a debugger, but says nothing in release builds.
package func require(
  _ condition: @autoclosure () -> Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() { stop(sentence(), file: file, line: line) }
}

/// Stops with a sentence, where no way on makes sense, and with the line of the program that led here.
///
/// `fatalError` because, unlike `preconditionFailure`, it prints the sentence in release builds too.
///
/// - Parameter file: where the mistake was noticed; `nil` where that was not handed on.
package func stop(_ sentence: String, file: StaticString? = #fileID, line: UInt = #line) -> Never {
  let site = CallSite.found().map { ", called at \($0)" }
  guard let file else { fatalError(sentence + (site ?? ", in a call that a build with -g would name")) }
  fatalError(sentence + (site ?? ""), file: file, line: line)
}
