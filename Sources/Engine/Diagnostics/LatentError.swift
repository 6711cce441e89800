/// A failure that data, files, configuration, or devices caused: what is wrong and how to mend it.
///
/// `description` is what a person reads: the problem as one sentence, then the remedy as another.
public struct LatentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Who has to act, which decides the exit status of the program.
  public enum Category: String, Sendable {
    /// The request itself is wrong: an unknown option, a value out of range, a combination that makes no sense.
    case usage
    /// The request is sensible but the world is not as it needs to be: a missing file, damaged bytes, a full disk.
    case failure
  }

  /// Whether the request or the world is at fault, which decides the exit status of the program.
  public var category: Category
  /// What is wrong, without a final full stop.
  public var problem: String
  /// What the reader can do about it, without a final full stop; a question keeps its mark.
  public var remedy: String

  /// Creates an error from its two sentences, both without a final full stop.
  public init(_ category: Category, _ problem: String, remedy: String) {
    self.category = category
    self.problem = problem
    self.remedy = remedy
  }

  /// The two sentences, each with its full stop.
  public var description: String { "\(problem). \(remedy)\(remedy.hasSuffix("?") ? "" : ".")" }

  /// An error in the request: exit status 2.
  public static func usage(_ problem: String, remedy: String) -> LatentError {
    LatentError(.usage, problem, remedy: remedy)
  }

  /// An error in the files, data, or devices: exit status 1.
  public static func failure(_ problem: String, remedy: String) -> LatentError {
    LatentError(.failure, problem, remedy: remedy)
  }
}
