import Foundation
import Latent

/// `latent data`.
enum DataCommand: Command {
  static let specification = CommandSpecification(
    name: "data", summary: "List the named data sets, describe one, or download one",
    operands: [
      ("[ACTION]", "list (the default), info, or fetch"), ("[NAME|PATH]", "the data set, a file, or a folder"),
    ],
    options: [
      .init(name: "--data-dir", value: "DIR", help: "where it is looked for, and downloaded to"),
      .init(name: "--base-url", value: "URL", help: "download its files from another place"),
    ] + .pictures,
    example: "latent data fetch mnist")

  static func run(_ arguments: Arguments) throws {
    let action = arguments.operand(0) ?? "list"
    let directory = DataDirectory(explicit: arguments.text("--data-dir"))
    switch action {
    case "list": try list(directory)
    case "info":
      if let path = arguments.operand(1), NamedDataset.named(path) == nil, FileManager.default.fileExists(atPath: path)
      {
        try describe(path, arguments)
      } else {
        try describe(named(arguments.operand(1)), directory)
      }
    case "fetch": try fetch(named(arguments.operand(1)), directory, arguments.text("--base-url"))
    default:
      let nearest = nearestName(to: action, among: ["list", "info", "fetch"])
      throw LatentError.usage(
        "`latent data` cannot \(action)",
        remedy: nearest.map { "Did you mean `latent data \($0)`?" } ?? "It can list, info, and fetch")
    }
  }

  private static func named(_ name: String?) throws -> NamedDataset {
    guard let name else {
      throw LatentError.usage("No data set is named", remedy: "Give one of `latent data list`")
    }
    if let dataset = NamedDataset.named(name) { return dataset }
    let nearest = nearestName(to: name, among: NamedDataset.all.map(\.name))
    throw LatentError.usage(
      "There is no data set \(name)",
      remedy: nearest.map { "Did you mean \($0)?" } ?? "See `latent data list` for those there are")
  }

  private static func place(_ dataset: NamedDataset, _ directory: DataDirectory) -> String {
    if dataset.files.isEmpty { return "drawn when needed" }
    return (try? directory.folder(of: dataset)) ?? "not here"
  }

  private static func list(_ directory: DataDirectory) throws {
    let width = NamedDataset.all.map(\.name.count).max() ?? 0
    for dataset in NamedDataset.all {
      let name = dataset.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
      try Terminal.write("\(name)\(dataset.summary) [\(place(dataset, directory))]")
    }
  }

  private static func describe(_ dataset: NamedDataset, _ directory: DataDirectory) throws {
    let rows =
      [
        ("name", dataset.name), ("summary", dataset.summary), ("example", "\(dataset.shape)"),
        ("train", "\(dataset.trainCount) examples"), ("test", "\(dataset.testCount) examples"),
        ("classes", "\(dataset.classCount)"), ("source", dataset.source), ("licence", dataset.licence),
        ("place", place(dataset, directory)),
      ] + (dataset.debianPackage.map { [("package", "apt install \($0)")] } ?? [])
    for (name, value) in rows { try Terminal.write(name.padding(toLength: 9, withPad: " ", startingAt: 0) + value) }
  }

  /// What a file or a folder holds, and which likelihoods suit it.
  private static func describe(_ path: String, _ arguments: Arguments) throws {
    var pictures = PictureSettings()
    try PictureOptions.apply(arguments, to: &pictures)
    let dataset = try Dataset.load(path, missingValues: true, pictures: pictures)
    for (name, value) in try DataDescription(dataset).rows {
      try Terminal.write(name.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
    }
  }

  private static func fetch(_ dataset: NamedDataset, _ directory: DataDirectory, _ baseURL: String?) throws {
    guard !dataset.files.isEmpty else {
      return try Terminal.write("\(dataset.name) needs no files: it is drawn when it is needed")
    }
    guard dataset.canBeFetched else {
      throw LatentError.usage(
        "\(dataset.name) is not downloaded: it comes with a package of the system",
        remedy: "Install it with: apt install \(dataset.debianPackage ?? dataset.name)")
    }
    let folder = directory.downloads + "/" + dataset.name
    try DatasetFetcher(dataset: dataset, folder: folder, baseURL: baseURL).fetch { file, outcome in
      Terminal.writeError("\(file.name): \(outcome.rawValue)")
    }
    try Terminal.write(folder)
  }
}
