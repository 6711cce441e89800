import Foundation
import LatentDiagnostics
import LatentFileFormats

extension Dataset {
  /// What the names of tables end in.
  static let tableExtensions = ["csv", "tsv"]

  /// A table of typed columns as vectors: a file, or a folder with `train.csv` and perhaps `test.csv`.
  ///
  /// - Parameter schema: what the columns are; `nil` to tell by the training rows.
  /// - Returns: `nil` for what is no table by its name.
  static func table(at path: String, schema: TableSchema?) throws -> Dataset? {
    var (train, test): (String, String?) = (path, nil)
    if PictureListing.isFolder(path) {
      let found = ["csv", "tsv"].first { FileManager.default.fileExists(atPath: "\(path)/train.\($0)") }
      guard let found else { return nil }
      train = "\(path)/train.\(found)"
      test = FileManager.default.fileExists(atPath: "\(path)/test.\(found)") ? "\(path)/test.\(found)" : nil
    } else if !tableExtensions.contains((path as NSString).pathExtension.lowercased()) {
      return nil
    }
    let rows = try DelimitedText(contentsOf: train).rows
    let schema = try schema ?? TableSchema(of: rows, header: nil, source: train)
    func examples(_ rows: [[String]], _ source: String) throws -> Examples {
      guard rows.first?.count == schema.columns.count else {
        throw LatentError.failure(
          "\(source) has \(rows.first?.count ?? 0) columns instead of \(schema.columns.count)",
          remedy: "Give a table with the columns \(schema.columns.map(\.name).prefix(8).joined(separator: ", "))")
      }
      let first = schema.hasHeader && rows.first == schema.columns.map(\.name) ? 1 : 0
      let values = try rows.indices.dropFirst(first).flatMap {
        try schema.example(rows[$0], row: $0 + 1, source: source)
      }
      return try Examples(floats: values, shape: [schema.width], missingValues: true, source: source)
    }
    var dataset = Dataset(
      name: path, train: try examples(rows, train),
      test: try test.map { try examples(DelimitedText(contentsOf: $0).rows, $0) })
    dataset.table = schema
    return dataset
  }
}
