/// A public data set known by name: what it is, and where its files come from.
package struct NamedDataset: Sendable {
  /// One file of a data set: its name and place, and how to know that it is the right one.
  package struct File: Sendable {
    /// The name of the file in the data set's folder.
    package var name: String
    /// Where it can be downloaded; empty where only the system's package has it.
    package var url: String
    /// The digest of the file's contents, after decompression when it is gzip: copies of a data set are often packed
    /// anew, which changes the file but not the data.
    package var contentSHA256: String
    /// The size in bytes of the same contents.
    package var contentByteCount: Int

    /// Creates the description of a file.
    package init(name: String, url: String, contentSHA256: String, contentByteCount: Int) {
      self.name = name
      self.url = url
      self.contentSHA256 = contentSHA256
      self.contentByteCount = contentByteCount
    }
  }

  /// The name that commands take, which is also the name of its folder.
  package var name: String
  /// What it is, in one line.
  package var summary: String
  /// The shape of one example: height, width, channels.
  package var shape: [Int]
  /// The number of training examples.
  package var trainCount: Int
  /// The number of test examples.
  package var testCount: Int
  /// The number of classes of its labels.
  package var classCount: Int
  /// The people or institution that made it, with the year or paper.
  package var source: String
  /// The terms it is given under.
  package var licence: String
  /// Its files; none for a data set that is drawn rather than read.
  package var files: [File]
  /// The package of Debian that installs it, if there is one.
  package var debianPackage: String?
  /// A folder of the system that holds its files, beside those that data sets are looked for in.
  package var systemFolder: String?

  /// Creates the description of a data set.
  package init(
    name: String, summary: String, shape: [Int], trainCount: Int, testCount: Int, classCount: Int, source: String,
    licence: String, files: [File], debianPackage: String? = nil, systemFolder: String? = nil
  ) {
    self.name = name
    self.summary = summary
    self.shape = shape
    self.trainCount = trainCount
    self.testCount = testCount
    self.classCount = classCount
    self.source = source
    self.licence = licence
    self.files = files
    self.debianPackage = debianPackage
    self.systemFolder = systemFolder
  }
}
