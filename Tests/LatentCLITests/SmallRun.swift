import Foundation
import Latent
import TestSupport
import Testing

/// A folder with small pictures as NPY and a run that was trained on them by the program.
struct SmallRun {
  let folder: TemporaryFolder
  var data: String { folder.file("bars.npy") }
  var run: String { folder.file("run") }

  init() throws {
    folder = try TemporaryFolder()
    let images = try smallImages(200)
    var values = [Float](repeating: 0, count: 200 * 64)
    try values.withUnsafeMutableBufferPointer { try images.copyRange(0..<200, into: $0) }
    try NPY.write(NumericArray(floats: values, shape: [200, 8, 8, 1]), to: data, overwrite: false)
  }

  /// Settings that make any preset small, and its steps the same however many epochs there will be.
  static let small = [
    "--set", "model.encoder.network.hidden=[16]", "--set", "model.decoder.network.hidden=[16]", "--batch-size", "50",
    "--set", "schedule.kind=constant",
  ]

  @discardableResult
  func train(_ preset: String = "vae", epochs: Int = 2, out: String? = nil, _ more: [String] = []) throws
    -> LatentProgramRun
  {
    let program = try LatentProgramRun(
      ["train", preset, "--data", data, "--epochs", "\(epochs)", "--out", out ?? run] + Self.small + more)
    #expect(program.status == 0, "\(program.errors)")
    return program
  }

  func bytes(_ name: String) throws -> Data { try FileReading.data(at: folder.file(name)) }
}
