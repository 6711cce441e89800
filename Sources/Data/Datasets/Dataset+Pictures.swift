import LatentDiagnostics
import LatentFileFormats

extension Dataset {
  /// The pictures of a folder as examples of one shape, decoded when they are asked for.
  ///
  /// A folder with a sub-folder `train` has that one's pictures for training, and those of `test` for testing. Sub-folders with
  /// pictures below that are classes, in the order of their names.
  ///
  /// - Returns: `nil` for a folder without pictures.
  /// - Throws: `LatentError` for files that are no pictures, and for pictures of several sizes where none is asked for.
  static func pictures(in folder: String, name: String, _ settings: PictureSettings) throws -> Dataset? {
    try settings.validate()
    let path = folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder
    let hasSplits = PictureListing.isFolder(path + "/train")
    let trainPath = hasSplits ? path + "/train" : path
    guard let train = try PictureListing(trainPath) else { return nil }
    let testPath = path + "/test"
    let test = hasSplits && PictureListing.isFolder(testPath) ? try PictureListing(testPath) : nil
    if let test, train.classNames != test.classNames {
      throw LatentError.failure(
        "\(trainPath) has the classes \(train.classNames), but \(testPath) has \(test.classNames)",
        remedy: "Give both the same sub-folders")
    }
    let headers = try train.headers() + (test?.headers() ?? [])
    let scaler = PictureScaler(settings: settings, shape: try shape(of: headers, settings, path))
    func examples(_ listing: PictureListing, _ path: String) -> Examples {
      Examples(
        sound: .rows(PictureFolder(path, files: listing.files, scaler: scaler)), shape: scaler.shape,
        labels: listing.labels)
    }
    var dataset = Dataset(
      name: name, train: examples(train, trainPath), test: test.map { examples($0, testPath) })
    dataset.isPictures = true
    dataset.classNames = train.labels == nil ? [] : train.classNames
    return dataset
  }

  private static func shape(of headers: [PictureHeader], _ settings: PictureSettings, _ path: String) throws -> [Int] {
    let channels =
      settings.channels > 0 ? settings.channels : headers.allSatisfy { $0.channels == 1 } ? 1 : 3
    if settings.width > 0 { return [settings.height, settings.width, channels] }
    let sizes = Set(headers.map { [$0.width, $0.height] })
    guard sizes.count == 1, let size = sizes.first else {
      let smallest = headers.min { $0.width * $0.height < $1.width * $1.height }
      let largest = headers.max { $0.width * $0.height < $1.width * $1.height }
      throw LatentError.usage(
        "The pictures of \(path) have \(sizes.count) sizes, from \(smallest?.width ?? 0) x \(smallest?.height ?? 0) to "
          + "\(largest?.width ?? 0) x \(largest?.height ?? 0) pixels", remedy: "Bring them to one with --size 64")
    }
    return [size[1], size[0], channels]
  }
}
