import LatentDiagnostics
import Foundation

/// The places where data sets are looked for: in each, one folder per data set.
package struct DataDirectory: Sendable {
  /// The places in the order they are looked at.
  package let places: [String]
  /// The folder that holds the folders of downloaded data sets.
  package let downloads: String

  /// Creates the list: the explicit directory, `$LATENT_DATA`, the system's data sets, then the user's cache.
  package init(
    explicit: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    system: String = "/usr/share/datasets"
  ) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME") ?? NSHomeDirectory()
    let caches = value("XDG_CACHE_HOME") ?? (home as NSString).appendingPathComponent(".cache")
    let cache = (caches as NSString).appendingPathComponent("latent")
    var chosen = [explicit, value("LATENT_DATA")].compactMap(\.self)
    downloads = chosen.first ?? cache
    chosen += [system, cache]
    places = chosen
  }

  /// The folder that holds all files of a data set.
  ///
  /// - Throws: A `LatentError` that lists the places when none has them all.
  package func folder(of dataset: NamedDataset) throws -> String {
    var incomplete = ""
    let folders = places.map { ($0 as NSString).appendingPathComponent(dataset.name) }
    for folder in folders + [dataset.systemFolder].compactMap(\.self) {
      let missing = dataset.files.filter { Self.path(of: $0.name, in: folder) == nil }
      if missing.isEmpty { return folder }
      if missing.count < dataset.files.count, incomplete.isEmpty {
        incomplete = " (\(folder) lacks \(missing.map(\.name).joined(separator: ", ")))"
      }
    }
    let package = dataset.debianPackage.map { ", or install it with: apt install \($0)" } ?? ""
    throw LatentError.failure(
      "The data set \(dataset.name) is not in any of \(places.joined(separator: ", "))\(incomplete)",
      remedy: dataset.canBeFetched
        ? "Download it with: latent data fetch \(dataset.name)\(package)"
        : "Install it with: apt install \(dataset.debianPackage ?? dataset.name)")
  }

  /// The path of a file in a folder, as it is named or without its `.gz`, if there is one.
  static func path(of name: String, in folder: String) -> String? {
    var candidates = [name]
    if name.hasSuffix(".gz") { candidates.append(String(name.dropLast(3))) }
    return candidates.map { (folder as NSString).appendingPathComponent($0) }
      .first { FileManager.default.fileExists(atPath: $0) }
  }
}
