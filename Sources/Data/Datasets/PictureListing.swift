import Dispatch
import Foundation
import LatentDiagnostics
import LatentFileFormats
import Synchronization

/// The pictures of a folder with their classes: those of its sub-folders, or those that a table names.
struct PictureListing {
  /// Names below the folder, in order.
  let files: [String]
  /// The class of each, if there are classes.
  let labels: [Int32]?
  /// What the classes are called, if they have names.
  let classNames: [String]
  private let folder: String

  /// The tables in which a folder may name its pictures' classes.
  static let tables = ["labels.csv", "labels.tsv"]

  /// Lists a folder.
  ///
  /// - Returns: `nil` for a folder without pictures.
  /// - Throws: `LatentError` for pictures both in a folder and in its sub-folders, and tables that do not fit.
  init?(_ folder: String) throws {
    self.folder = folder
    let names = try Self.entries(folder)
    let own = names.filter(Self.isPicture)
    let groups = try names.filter { Self.isFolder(folder + "/" + $0) }.compactMap { name in
      let pictures = try Self.pictures(folder, in: name)
      return pictures.isEmpty ? nil : (name, pictures)
    }
    guard own.isEmpty || groups.isEmpty else {
      throw LatentError.failure(
        "The folder \(folder) has pictures beside its sub-folders \(groups.map(\.0).prefix(3).joined(separator: ", ")), so "
          + "that they would be of no class", remedy: "Move them into a sub-folder, or elsewhere")
    }
    guard !own.isEmpty || !groups.isEmpty else { return nil }
    if own.isEmpty {
      files = groups.flatMap(\.1)
      classNames = groups.map(\.0)
      labels =
        groups.count > 1
        ? groups.enumerated().flatMap { index, group in group.1.map { _ in Int32(index) } } : nil
    } else {
      files = own
      let table = Self.tables.first { names.contains($0) }
      (labels, classNames) = try table.map { try Self.labels(of: own, in: folder + "/" + $0) } ?? (nil, [])
    }
  }

  /// The headers of all pictures, read on several threads.
  ///
  /// - Throws: `LatentError` that names a file which is no picture.
  func headers() throws -> [PictureHeader] {
    let results = Mutex([Result<PictureHeader, any Error>?](repeating: nil, count: files.count))
    let size = 64
    DispatchQueue.concurrentPerform(iterations: (files.count + size - 1) / size) { part in
      let range = (part * size)..<min(files.count, (part + 1) * size)
      let some = range.map { index in Result { try PictureFile.header(contentsOf: folder + "/" + files[index]) } }
      results.withLock { results in for (index, result) in zip(range, some) { results[index] = result } }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }

  private static func entries(_ folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw LatentError.failure(
        "The folder \(folder) cannot be listed", remedy: "Check its name, and that it may be read")
    }
  }

  /// The pictures below a sub-folder, however deep.
  private static func pictures(_ folder: String, in name: String) throws -> [String] {
    try entries(folder + "/" + name).flatMap { entry -> [String] in
      let path = name + "/" + entry
      if isPicture(entry) { return [path] }
      return isFolder(folder + "/" + path) ? try pictures(folder, in: path) : []
    }
  }

  private static func isPicture(_ name: String) -> Bool {
    PictureFile.extensions.contains((name as NSString).pathExtension.lowercased())
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The classes of files by a table of two columns: a file's name, and its class by number or by name.
  private static func labels(of files: [String], in path: String) throws -> ([Int32], [String]) {
    let separator: Character = path.hasSuffix(".tsv") ? "\t" : ","
    let text = String(decoding: try FileReading.data(at: path), as: UTF8.self)
    var classes: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let cells = line.split(separator: separator, omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count == 2 else {
        throw LatentError.failure(
          "\(path) has a line of \(cells.count) columns: \(line.prefix(60))",
          remedy: "Write a file's name and its class in each line, with a \(separator == "," ? "comma" : "tab") between"
        )
      }
      classes[cells[0]] = cells[1]
    }
    let named = try files.map { file in
      guard let name = classes[file] else {
        throw LatentError.failure(
          "\(path) says no class for \(file)", remedy: "Add a line for it, or remove the picture")
      }
      return name
    }
    let numbers = named.compactMap(Int32.init)
    if numbers.count == named.count, numbers.allSatisfy({ $0 >= 0 }) { return (numbers, []) }
    let names = Set(named).sorted()
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    return (named.compactMap { places[$0] }, names)
  }
}
