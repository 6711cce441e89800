import Foundation
import Latent
import TestSupport
import Testing

/// A run is measured on the data that it was trained on, or says that it is not.
@Suite(.serialized) struct OtherDataTests {
  private func write(_ images: Examples, to path: String) throws {
    var values = [Float](repeating: 0, count: images.count * 64)
    try values.withUnsafeMutableBufferPointer { try images.copyRange(0..<images.count, into: $0) }
    try NPY.write(NumericArray(floats: values, shape: [images.count, 8, 8, 1]), to: path, overwrite: true)
  }

  @Test func dataThatHaveChangedAreRefusedAndOthersAreNamed() throws {
    let small = try SmallRun()
    try small.train(epochs: 1)
    let other = small.folder.file("others.npy")
    try write(smallImages(200, seed: 5), to: other)
    let named = try LatentProgramRun(["evaluate", small.run, "--data", other, "--samples", "2"])
    #expect(named.status == 0 && named.errors.contains("note: the run was trained on other data (\(small.data))"))
    let same = try LatentProgramRun(["evaluate", small.run, "--data", small.data, "--samples", "2"])
    #expect(same.status == 0 && same.errors.isEmpty)
    // The recorded path now holds something else.
    try write(smallImages(200, seed: 5), to: small.data)
    for command in ["evaluate", "encode", "reconstruct", "interpolate", "traverse", "diagnose"] {
      let result = try LatentProgramRun([command, small.run])
      #expect(result.status == 1, "\(command)")
      #expect(result.errors.contains("are not the data that the run was trained on"), "\(result.errors)")
    }
  }

  /// It used to call all data mnist.
  @Test func aLibrarysRunHasTheNameOfItsData() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(path: folder.file("run"))
    try run.create(replacing: false)
    let configuration = RunConfiguration(model: smallModel(), batchSize: 20, epochs: 1)
    let data = Dataset(name: "bars of mine", train: try smallImages(40))
    try Trainer(configuration, dataset: data, folder: run).run()
    #expect(try run.configuration().data.name == "bars of mine")
    let result = try LatentProgramRun(["evaluate", run.path])
    #expect(result.status != 0 && result.errors.contains("bars of mine"), "\(result.errors)")
  }

  private static let gaussian = SmallRun.small + ["--epochs", "1", "--set", "data.binarization=none"]

  @Test func bitsOfADensityAreCalledSoAndThoseOfLevelsAreBitsOfLevels() throws {
    let small = try SmallRun()
    let bytes = small.folder.file("bytes.npy")
    let levels = (0..<(200 * 64)).map { UInt8(($0 * 37) % 256) }
    try NPY.write(NumericArray(shape: [200, 8, 8, 1], type: .uint8, bytes: Data(levels)), to: bytes, overwrite: false)
    func bits(_ preset: String, _ more: [String]) throws -> (bits: Double, kind: String, nll: Double, table: String) {
      let training = try LatentProgramRun(
        ["train", preset, "--data", bytes, "--out", small.run, "--force"] + Self.gaussian + more)
      #expect(training.status == 0, "\(training.errors)")
      let json = try LatentProgramRun(["evaluate", small.run, "--samples", "5", "--json"]).json()
      let table = try LatentProgramRun(["evaluate", small.run, "--samples", "5"]).output
      return (
        try #require(json["bits_per_dimension"] as? Double), try #require(json["bits_of"] as? String),
        try #require(json["nll"] as? Double), table
      )
    }
    let perDimension = 1 / (0.693147180559945 * 64)
    let density = try bits("vae-gaussian", [])
    #expect(density.kind == "density" && density.table.contains("bits of a density"))
    #expect(abs(density.bits - density.nll * perDimension) < 1e-9)
    let level = try bits("vae-gaussian", ["--dequantize"])
    #expect(level.kind == "levels" && level.table.contains("bits per grey level"))
    #expect(abs(level.bits - (level.nll * perDimension + 8)) < 1e-9)
    // Levels spread evenly take eight bits, and a model of independent Normals a little more.
    #expect(level.bits > 7.9)
    let binary = try bits("vae", ["--set", "data.binarization=stochastic"])
    #expect(binary.kind == "values" && !binary.table.contains("density"))
  }

  @Test func aBernoulliOfGreyValuesIsWarnedOf() throws {
    let small = try SmallRun()
    let grey = try small.train(epochs: 1, ["--binarize", "none"])
    #expect(
      grey.errors.contains("warning: The data have grey values, but a Bernoulli likelihood is about zeros and ones"))
    let binary = try small.train(epochs: 1, ["--force"])
    #expect(!binary.errors.contains("warning"))
  }

  @Test(arguments: [
    (["vae-gaussian", "--dequantize", "--set", "data.binarization=static"], "binarised and dequantised at once"),
    (["vae-gaussian", "--dequantize", "--set", "data.binarization=none"], "Only grey levels that are bytes"),
    (["vae", "--dequantize", "--binarize", "none"], "is about levels, which are not dequantised"),
  ])
  func whatCannotBeDequantisedIsRefused(_ words: [String], _ message: String) throws {
    let small = try SmallRun()
    let result = try LatentProgramRun(["train"] + words + ["--data", small.data, "--out", small.run] + SmallRun.small)
    #expect(result.status == 2 && result.errors.contains(message), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: small.run))
  }
}
