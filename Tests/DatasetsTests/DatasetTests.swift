import LatentDiagnostics
import LatentFileFormats
import Foundation
import TestSupport
import Testing

@testable import LatentDatasets

@Suite struct DatasetTests {
  private func save(_ type: DataType, _ shape: [Int], _ bytes: [UInt8], _ path: String) throws {
    try NPY.write(NumericArray(shape: shape, type: type, bytes: Data(bytes)), to: path, overwrite: true)
  }

  private func save(_ floats: [Float], _ shape: [Int], _ path: String) throws {
    try NPY.write(NumericArray(floats: floats, shape: shape), to: path, overwrite: true)
  }

  private func idx(_ shape: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(shape.count)] + shape.flatMap { [0, 0, 0, $0] } + bytes
  }

  @Test(arguments: [([2, 3], [3]), ([1, 2, 3], [2, 3, 1]), ([1, 1, 2, 3], [1, 2, 3]), ([3, 1, 2, 1], [1, 2, 1])])
  func filesOfEveryShapeBecomeExamples(stored: [Int], shape: [Int]) throws {
    let folder = try TemporaryFolder()
    try save([1, 2, 3, 4, 5, 6], stored, folder.file("a.npy"))
    let dataset = try Dataset.load(folder.file("a.npy"))
    #expect(dataset.train.shape == shape)
    #expect(dataset.train.count == stored[0])
    #expect(dataset.test == nil)
    #expect(dataset.train.range == 1...6)
  }

  @Test func bytesAreGreyLevelsUnlessTheyAreBinary() throws {
    let folder = try TemporaryFolder()
    try save(.uint8, [2, 2], [0, 1, 1, 0], folder.file("binary.npy"))
    try save(.uint8, [2, 2], [0, 1, 1, 255], folder.file("grey.npy"))
    try save(.bool, [2, 2], [0, 1, 255, 0], folder.file("truth.npy"))
    #expect(try Dataset.load(folder.file("binary.npy")).train.range == 0...1)
    #expect(try Dataset.load(folder.file("binary.npy")).train.isBinary)
    #expect(try Dataset.load(folder.file("truth.npy")).train.isBinary)
    #expect(try !Dataset.load(folder.file("grey.npy")).train.isBinary)
  }

  @Test func aFolderOfNumPyFilesHasSplitsAndLabels() throws {
    let folder = try TemporaryFolder()
    try save(.uint8, [2, 2], [0, 1, 1, 255], folder.file("train.npy"))
    try save(.uint8, [1, 2], [0, 1], folder.file("test.npy"))
    try save(.int64, [2], [3] + Array(repeating: 0, count: 15), folder.file("train-labels.npy"))
    let dataset = try Dataset.load(folder.path)
    #expect(dataset.train.labels == [3, 0])
    #expect(dataset.train.classCount == 4)
    // The dark test set is measured as the training set is.
    #expect(dataset.test?.range == 0...Float(1) / 255)
    #expect(dataset.test?.labels == nil)
    // And a dark training set as the test set is.
    try save(.uint8, [2, 2], [0, 1, 1, 0], folder.file("train.npy"))
    try save(.uint8, [1, 2], [0, 255], folder.file("test.npy"))
    #expect(try Dataset.load(folder.path).test?.range == 0...1)
    #expect(try !Dataset.load(folder.path).train.isBinary)
  }

  @Test func aFolderOfIDXFilesMayMixPlainAndPacked() throws {
    let folder = try TemporaryFolder()
    try folder.write(Gzip.compress(Data(idx([2, 1, 2], [0, 51, 102, 255]))), as: "train-images-idx3-ubyte.gz")
    try folder.write(idx([2], [7, 9]), as: "train-labels-idx1-ubyte")
    try folder.write(idx([1, 1, 2], [1, 2]), as: "t10k-images-idx3-ubyte")
    let dataset = try Dataset.load(folder.path)
    #expect(dataset.train.shape == [1, 2, 1])
    #expect(dataset.train.labels == [7, 9])
    #expect(dataset.test?.count == 1)
    #expect(try Dataset.load(folder.file("t10k-images-idx3-ubyte")).train.count == 1)
  }

  @Test func anUnknownNameIsAUsageErrorWithTheNearest() {
    let error = #expect(throws: LatentError.self) { try Dataset.load("fashion_mnist") }
    #expect(error?.category == .usage)
    #expect(error?.problem == "There is no data set, file, or folder called fashion_mnist")
    #expect(error?.remedy.hasPrefix("Did you mean fashion-mnist?") == true)
    #expect(throws: LatentError.self) { try Dataset.load("") }
  }

  @Test func dataThatDoesNotFitTogetherIsRefused() throws {
    let folder = try TemporaryFolder()
    func refusal(_ name: String, of path: String? = nil) -> String {
      let error = #expect(throws: LatentError.self) { try Dataset.load(path ?? folder.file(name)) }
      return error?.problem ?? ""
    }
    #expect(refusal("", of: folder.path).contains("holds neither"))
    try save([], [0, 3], folder.file("a.npy"))
    #expect(refusal("a.npy").contains("no examples"))
    try save([1, .nan], [2, 1], folder.file("a.npy"))
    #expect(refusal("a.npy").contains("a.npy holds a value that is not a finite number in example 1"))
    try save([1, 2], [2], folder.file("a.npy"))
    #expect(refusal("a.npy").contains("not that of several examples"))
    try save([1, 2], [1, 1, 1, 2], folder.file("a.npy"))
    #expect(refusal("a.npy").contains("neither vectors nor pictures"))
    try save([1, 2], [1, 2, 1, 1, 1], folder.file("a.npy"))
    #expect(refusal("a.npy").contains("neither vectors nor pictures"))
    try folder.write(Array("text".utf8), as: "a.txt")
    #expect(refusal("a.txt").contains("not an IDX file"))

    try save([1, 2], [2, 1], folder.file("train.npy"))
    try save(.uint8, [1], [0], folder.file("train-labels.npy"))
    #expect(refusal("", of: folder.path).contains("1 labels but"))
    try save([0, 1], [2], folder.file("train-labels.npy"))
    #expect(refusal("", of: folder.path).contains("instead of one whole number"))
    try save(.int32, [2], [0, 0, 0, 0, 255, 255, 255, 255], folder.file("train-labels.npy"))
    #expect(refusal("", of: folder.path).contains("label below 0"))
    try save(.uint8, [2], [0, 1], folder.file("train-labels.npy"))
    try save([1, 2], [1, 2], folder.file("test.npy"))
    #expect(refusal("", of: folder.path).contains("has examples of shape [1] but"))
  }

  @Test func spritesNeedNoFiles() throws {
    // The whole set is loaded by name; its size is part of what `data info` promises.
    let dataset = try Dataset.load("sprites", dataDirectory: "/nowhere")
    #expect(dataset.train.count == NamedDataset.sprites.trainCount)
    #expect(dataset.test?.count == NamedDataset.sprites.testCount)
    #expect(dataset.train.shape == NamedDataset.sprites.shape)
  }

  private static func isPresent(_ dataset: NamedDataset) -> Bool {
    (try? DataDirectory().folder(of: dataset)) != nil
  }

  @Test(.enabled(if: isPresent(.mnist), "MNIST is not on this machine")) func mnistIsWhatItsDescriptionSays() throws {
    try expectDescribed(.mnist)
  }

  @Test(.enabled(if: isPresent(.fashionMNIST), "Fashion-MNIST is not on this machine"))
  func fashionMNISTIsWhatItsDescriptionSays() throws {
    try expectDescribed(.fashionMNIST)
  }

  private func expectDescribed(_ named: NamedDataset) throws {
    let dataset = try Dataset.load(named.name)
    #expect(dataset.train.count == named.trainCount)
    #expect(dataset.test?.count == named.testCount)
    #expect(dataset.train.shape == named.shape)
    #expect(dataset.train.classCount == named.classCount)
    #expect(dataset.train.range == 0...1)
    #expect(!dataset.train.isBinary)
    let folder = try DataDirectory().folder(of: named)
    for file in named.files where file.contentByteCount < 100_000 {
      let path = try #require(DataDirectory.path(of: file.name, in: folder))
      #expect(file.isContent(ofFileAt: path), "\(file.name)")
    }
  }
}
