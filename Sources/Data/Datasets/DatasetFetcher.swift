import LatentDiagnostics
import LatentFileFormats
import Foundation

/// Downloads the files of a named data set with the `curl` program, resuming and checking what arrives.
package struct DatasetFetcher: Sendable {
  /// The data set whose files are downloaded.
  package var dataset: NamedDataset
  /// The folder that the files go to; created when it is missing.
  package var folder: String
  /// Where the files are, when not at the URLs of the data set: each is at `baseURL/name`.
  package var baseURL: String?
  /// The program that downloads, as a name to be found in `PATH` or a path.
  package var program: String

  /// Creates a fetcher of a data set into the folder that holds its files.
  package init(dataset: NamedDataset, folder: String, baseURL: String? = nil, program: String = "curl") {
    self.dataset = dataset
    self.folder = folder
    self.baseURL = baseURL
    self.program = program
  }

  /// What `fetch` did with one file.
  package enum Outcome: String, Sendable {
    /// It was there already, and right.
    case kept
    /// It was downloaded from its beginning.
    case downloaded
    /// The rest of an earlier download was added.
    case resumed
  }

  /// Downloads every file that is not there yet or is not what it should be.
  ///
  /// A file arrives under its name with `.part` added and is renamed when its checksum is right, so that an
  /// interrupted download is continued by the next call. `report` hears of each file when it is there.
  ///
  /// - Throws: A `LatentError` that says what went wrong and how to do the same by hand.
  package func fetch(report: (_ file: NamedDataset.File, _ outcome: Outcome) -> Void = { _, _ in }) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw LatentError.failure("The folder \(folder) cannot be created", remedy: "Name another with --data-dir")
    }
    for file in dataset.files { report(file, try fetch(file)) }
  }

  private func fetch(_ file: NamedDataset.File) throws -> Outcome {
    let path = (folder as NSString).appendingPathComponent(file.name)
    let part = path + ".part"
    if file.isContent(ofFileAt: path) { return .kept }
    if Self.size(of: part) > 0 {
      let isComplete = file.isContent(ofFileAt: part)
      if try isComplete || (download(file, to: part, isContinued: true) && file.isContent(ofFileAt: part)) {
        try move(part, to: path)
        return .resumed
      }
      // The part is of another file, or the server cannot continue: start over.
      unlink(part)
    }
    _ = try download(file, to: part, isContinued: false)
    guard file.isContent(ofFileAt: part) else {
      unlink(part)
      throw LatentError.failure(
        "What came from \(url(of: file)) is not \(file.name): its checksum is wrong, so it was deleted",
        remedy: "Try again later, or put the right file at \(path) by hand")
    }
    try move(part, to: path)
    return .downloaded
  }

  private func url(of file: NamedDataset.File) -> String {
    guard let baseURL else { return file.url }
    return baseURL.hasSuffix("/") ? baseURL + file.name : "\(baseURL)/\(file.name)"
  }

  /// Returns whether the download is complete; `false` when the server cannot continue one.
  private func download(_ file: NamedDataset.File, to part: String, isContinued: Bool) throws -> Bool {
    let url = url(of: file)
    var arguments = [
      "--fail", "--location", "--silent", "--show-error", "--proto", "=http,https", "--connect-timeout", "30",
      "--speed-limit", "100", "--speed-time", "60", "--output", part,
    ]
    if isContinued { arguments += ["--continue-at", "-"] }
    let byHand = "download \(url) to \((folder as NSString).appendingPathComponent(file.name)) by hand"
    guard let result = ProgramRun(program, arguments: arguments + [url]) else {
      throw LatentError.failure(
        "\(file.name) cannot be downloaded because the program \(program) is not installed",
        remedy: "Install it with: apt install curl; or \(byHand)")
    }
    if result.status == 0 { return true }
    // 22: an HTTP error, among them a range beyond the end; 33 and 36: no ranges at all.
    if isContinued, [22, 33, 36].contains(result.status) { return false }
    throw LatentError.failure(
      "\(file.name) could not be downloaded from \(url): \(Self.reason(result))",
      remedy: "Run the command again when this is mended, or \(byHand)")
  }

  private static func reason(_ result: ProgramRun) -> String {
    switch result.status {
    case 6: return "the server's name cannot be found, so there may be no network"
    case 7: return "the server cannot be reached or refuses the connection"
    case 18, 56: return "the connection broke off"
    case 23: return "the file cannot be written; the disk may be full"
    case 28: return "the server does not answer in time"
    case 35, 51, 53, 58, 59, 60, 77, 83: return "no secure connection can be made"
    default:
      let message = result.standardError.split(separator: "\n").last.map(String.init) ?? "no reason given"
      return "curl ended with status \(result.status) (\(message.trimmingCharacters(in: .whitespaces)))"
    }
  }

  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  private func move(_ part: String, to path: String) throws {
    guard rename(part, path) == 0 else {
      throw LatentError.failure(
        "\(part) cannot be renamed to \(path): \(String(cString: strerror(errno)))", remedy: "Rename it by hand")
    }
  }
}
