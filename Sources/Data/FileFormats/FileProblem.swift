import LatentDiagnostics
import Foundation

/// Sentences for what the system answers when a file cannot be read or written.
enum FileProblem {
  static func reading(_ path: String, _ code: Int32) -> LatentError {
    switch code {
    case ENOENT, ENOTDIR:
      .failure("There is no file \(path)", remedy: "Check the name, or the folder it is meant to be in")
    case EISDIR: .failure("\(path) is a folder, not a file", remedy: "Name a file inside it")
    case EACCES, EPERM:
      .failure("\(path) may not be read by you", remedy: "Give yourself permission, for example with chmod u+r")
    default: .failure("\(path) cannot be read: \(text(code))", remedy: "Check the disk the file is on")
    }
  }

  static func writing(_ path: String, _ code: Int32) -> LatentError {
    let folder = (path as NSString).deletingLastPathComponent
    let place = folder.isEmpty ? "the current folder" : folder
    return switch code {
    case ENOENT, ENOTDIR:
      .failure(
        "\(path) cannot be written because there is no folder \(place)",
        remedy: "Create it with mkdir -p, or name another place")
    case ENOSPC, EDQUOT, EFBIG:
      .failure("\(path) cannot be written because the disk is full", remedy: "Free some space, or name another place")
    case EROFS:
      .failure(
        "\(path) cannot be written because its disk is read-only", remedy: "Name a place that can be written to")
    case EACCES, EPERM:
      .failure(
        "\(path) cannot be written because you have no permission to change \(place)",
        remedy: "Give yourself permission, or name another place")
    case EISDIR: .usage("\(path) is a folder, not a file", remedy: "Name a file inside it")
    case ENAMETOOLONG: .usage("The name of \(path) is too long", remedy: "Name a shorter one")
    default: .failure("\(path) cannot be written: \(text(code))", remedy: "Check the disk, or name another place")
    }
  }

  static func exists(_ path: String) -> LatentError {
    .usage("\(path) exists already", remedy: "Give --force to replace it, or another name")
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
