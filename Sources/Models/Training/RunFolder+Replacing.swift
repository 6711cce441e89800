import LatentDiagnostics
import LatentFileFormats
import Foundation

/// How a new run comes into a folder, and how nothing is lost when that fails at any point.
///
/// The files of a run that is replaced are moved aside within its folder, and removed when the new one has its first
/// checkpoint. Until then a failure puts them back, and so does the next training in this folder when the program was
/// stopped from outside.
extension RunFolder {
  /// Where the files of a replaced run are kept: a run folder of its own.
  var replacedPath: String { path + "/.replaced" }
  /// Whether the run that this one is to replace is still there.
  var holdsReplacedRun: Bool { FileManager.default.fileExists(atPath: replacedPath) }
  /// The same while they are being moved there or back, so that some are here and some there.
  private var movingPath: String { path + "/.replacing" }

  /// Stands in a new run until its first checkpoint, so that only what was made here is taken back.
  private var newMarkPath: String { path + "/" + Self.newMark }
  private static let newMark = ".latent-new"

  /// The names of what belongs to a run.
  private static let names = ["metrics.jsonl", "checkpoints", "samples", "samplers", "config.json"]
  private static let eventPrefix = "events.out.tfevents."

  /// Makes the folder for a new run. A run that is there is moved aside.
  ///
  /// - Throws: `LatentError` when there is a run with a checkpoint already and it may not be replaced, when there are other
  ///   files than a run's, or when the folder cannot be made; then nothing has changed.
  public func create(replacing: Bool) throws {
    try recover()
    let exists = files.fileExists(atPath: path)
    guard let contents = exists ? try? files.contentsOfDirectory(atPath: path) : [] else {
      throw LatentError.usage("\(path) is a file, not a folder", remedy: "Give --out another name")
    }
    if files.fileExists(atPath: configurationPath) {
      guard isConfigurationOfARun else { throw notARun }
      guard replacing || !hasWeights else {
        throw LatentError.usage(
          "\(path) holds a run already",
          remedy: "Give --out another name, --resume \(path) to go on with it, or --force to replace it")
      }
      try moveAside()
    } else if !contents.allSatisfy(isEmptyFolderOfARun) {
      throw notARun
    }
    do {
      try makeFolders()
      try AtomicFile.write(Data(), to: newMarkPath)
    } catch {
      try discard()
      throw error
    }
  }

  /// Finishes what a program that was stopped from outside had begun: a run that was replaced comes back, unless the new one
  /// has a checkpoint.
  package func recover() throws {
    for folder in [path, path + "/checkpoints", samplesPath, samplersPath] { AtomicFile.removeLeftovers(in: folder) }
    if files.fileExists(atPath: movingPath) { try putBack() }
    if files.fileExists(atPath: replacedPath) { try discard() }
  }

  /// Makes the folders that training writes into, where they are missing.
  package func makeFolders() throws {
    for folder in [path, path + "/checkpoints", samplesPath] {
      do {
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw LatentError.failure(
          "The folder \(folder) cannot be made (\(error.localizedDescription))",
          remedy: "Give --out a place where you may write")
      }
    }
  }

  /// Removes what was replaced: the new run has a checkpoint.
  func settle() {
    guard hasCheckpoint else { return }
    try? files.removeItem(atPath: replacedPath)
    unlink(newMarkPath)
  }

  /// Takes a new run back that came to nothing before its first checkpoint, and puts back the run that it replaced. A folder
  /// that `create` did not make is left alone.
  ///
  /// - Throws: `LatentError` when files cannot be moved; they are then whole in `.replaced` or `.replacing`.
  package func discard() throws {
    guard !hasCheckpoint else { return settle() }
    guard files.fileExists(atPath: newMarkPath) || files.fileExists(atPath: replacedPath) else { return }
    for name in runFiles(in: path) { try? files.removeItem(atPath: path + "/" + name) }
    if files.fileExists(atPath: replacedPath) {
      try move(replacedPath, to: movingPath)
      try putBack()
      unlink(newMarkPath)
    } else {
      unlink(newMarkPath)
      // Stays where there is something of the user's in it.
      rmdir(path)
    }
  }

  // MARK: Moving

  private var files: FileManager { .default }

  /// The names in a folder that belong to a run; its configuration last, so that a folder that has one is whole.
  private func runFiles(in folder: String) -> [String] {
    let present = Set((try? files.contentsOfDirectory(atPath: folder)) ?? [])
    return present.filter { $0.hasPrefix(Self.eventPrefix) }.sorted() + Self.names.filter(present.contains)
  }

  private var notARun: LatentError {
    .usage("\(path) holds files that are not a run", remedy: "Give --out another name; nothing there was changed")
  }

  /// Whether config.json is one of ours, of an autoencoder or of another model: other programs have files of that name too.
  private var isConfigurationOfARun: Bool {
    let object = files.contents(atPath: configurationPath).flatMap { try? JSONSerialization.jsonObject(with: $0) }
    guard let object = object as? [String: Any] else { return false }
    if let training = object["training"] as? [String: Any] {
      return ["optimizer", "schedule", "batchSize", "epochs"].allSatisfy(training.keys.contains)
    }
    return ["format", "preset", "model", "objective"].allSatisfy(object.keys.contains)
  }

  /// Whether a name is of one of the folders that a training makes first, with nothing in it.
  private func isEmptyFolderOfARun(_ name: String) -> Bool {
    name == Self.newMark
      || ["checkpoints", "samples"].contains(name)
        && (try? files.contentsOfDirectory(atPath: path + "/" + name))?.isEmpty == true
  }

  private func moveAside() throws {
    do {
      try files.createDirectory(atPath: movingPath, withIntermediateDirectories: false)
    } catch {
      throw LatentError.failure(
        "The run in \(path) cannot be moved aside (\(error.localizedDescription))",
        remedy: "Give --out a place where you may write")
    }
    do {
      for name in runFiles(in: path) { try move(path + "/" + name, to: movingPath + "/" + name) }
      try move(movingPath, to: replacedPath)
    } catch {
      try putBack()
      throw error
    }
  }

  private func putBack() throws {
    for name in runFiles(in: movingPath) { try move(movingPath + "/" + name, to: path + "/" + name) }
    rmdir(movingPath)
  }

  private func move(_ old: String, to new: String) throws {
    guard rename(old, new) == 0 else {
      throw LatentError.failure(
        "\(old) cannot be moved to \(new): \(String(cString: strerror(errno)))",
        remedy: "Check that you may write there")
    }
  }
}
