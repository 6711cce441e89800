import Foundation
import LatentFileFormats
import TestSupport
import Testing

@Suite struct ZipWriterTests {
  private static let arrays: [(name: String, array: NumericArray)] = [
    ("first", NumericArray(floats: (0..<6).map { Float($0) * 0.5 }, shape: [2, 3])),
    ("second", NumericArray(floats: [7], shape: [1])), ("empty", NumericArray(floats: [], shape: [0, 4])),
  ]

  @Test func arraysComeBackBitForBit() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npz")
    try NPZ.write(Self.arrays, to: path, overwrite: false)
    let read = try NPZ.read(contentsOf: path)
    #expect(read.map(\.name) == Self.arrays.map(\.name))
    #expect(read.map(\.array) == Self.arrays.map(\.array))
    #expect(throws: (any Error).self) { try NPZ.write(Self.arrays, to: path, overwrite: false) }
    // The same arrays, the same bytes.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try NPZ.write(Self.arrays, to: path, overwrite: true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
  }

  @Test(.enabled(if: PeerPython.has("numpy"), "NumPy is not in .venv")) func numPyReadsThem() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.npz")
    try NPZ.write(Self.arrays, to: path, overwrite: false)
    let seen = try PeerPython.run(
      """
      import numpy as np, zipfile
      assert zipfile.ZipFile(sys.argv[1]).testzip() is None
      a = np.load(sys.argv[1])
      assert list(a) == ["first", "second", "empty"] and a["first"].shape == (2, 3) and a["empty"].shape == (0, 4)
      assert a["first"].dtype == np.float32
      print(json.dumps(a["first"].ravel().tolist() + a["second"].tolist()))
      """, words: [path])
    #expect(seen == [0, 0.5, 1, 1.5, 2, 2.5, 7])
  }

  @Test(.enabled(if: PeerPython.has("safetensors", "numpy"), "the safetensors package is not in .venv"))
  func safetensorsGoThereAndBack() throws {
    let folder = try TemporaryFolder()
    let (path, back) = (folder.file("a.safetensors"), folder.file("b.safetensors"))
    try Safetensors(tensors: Self.arrays, metadata: ["made": "here"]).write(to: path)
    _ = try PeerPython.run(
      """
      from safetensors.numpy import load_file, save_file
      save_file(load_file(sys.argv[1]), sys.argv[2])
      print("[]")
      """, words: [path, back])
    let archive = try #require(try ArrayArchive(path: back))
    for (name, array) in Self.arrays { #expect(try archive.read(name) == array) }
  }

  @Test(.enabled(if: PyTorch.isInstalled, "PyTorch is not in .venv")) func pyTorchReadsStates() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.pt")
    let whole = try NumericArray(
      shape: [2], type: .int64,
      bytes: [3, -4].reduce(Data()) { data, value in
        data + withUnsafeBytes(of: Int64(value).littleEndian) { Data($0) }
      })
    try TorchState.encode(Self.arrays + [("whole", whole), ("scalar", NumericArray(floats: [2.5], shape: []))]).write(
      to: URL(fileURLWithPath: path))
    let seen = try PeerPython.run(
      """
      import torch
      s = torch.load(sys.argv[1], weights_only=True)
      assert list(s) == ["first", "second", "empty", "whole", "scalar"]
      assert tuple(s["first"].shape) == (2, 3) and s["whole"].dtype == torch.int64 and s["scalar"].shape == ()
      assert tuple(s["empty"].shape) == (0, 4) and s["first"].is_contiguous()
      print(json.dumps(s["first"].flatten().tolist() + s["second"].tolist() + s["whole"].tolist() + [s["scalar"].item()]))
      """, words: [path])
    #expect(seen == [0, 0.5, 1, 1.5, 2, 2.5, 7, 3, -4, 2.5])
  }

  @Test func axesChangePlaces() throws {
    let array = NumericArray(floats: (0..<24).map(Float.init), shape: [2, 3, 4])
    let turned = try array.transposed([2, 0, 1])
    #expect(turned.shape == [4, 2, 3])
    let values = turned.floats()
    for i in 0..<4 {
      for j in 0..<2 {
        for k in 0..<3 {
          let (turned, place) = (values[i * 6 + j * 3 + k], j * 12 + k * 4 + i)
          #expect(turned == Float(place))
        }
      }
    }
    #expect(try turned.transposed([1, 2, 0]) == array)
  }
}

@Suite struct AnimatedPNGTests {
  private static let frames = (0..<3).map { frame in
    Image(width: 3, height: 2, channels: 1, pixels: (0..<6).map { UInt8($0 * 40 + frame) })
  }

  @Test func whatKnowsPNGAloneSeesTheFirstFrame() throws {
    let folder = try TemporaryFolder()
    try AnimatedPNG.write(Self.frames, to: folder.file("a.png"), overwrite: false)
    #expect(try PNG.read(contentsOf: folder.file("a.png")) == Self.frames[0])
  }

  @Test func noFramesAreNoPicture() {
    #expect(throws: (any Error).self) { try AnimatedPNG.encode([]) }
  }

  @Test(.enabled(if: PeerPython.has("PIL"), "Pillow is not in .venv")) func pillowSeesAllFrames() throws {
    let folder = try TemporaryFolder()
    try AnimatedPNG.write(Self.frames, to: folder.file("a.png"), milliseconds: 120, overwrite: false)
    let seen = try PeerPython.run(
      """
      from PIL import Image
      import numpy as np
      p = Image.open(sys.argv[1])
      out = [p.n_frames]
      for frame in range(p.n_frames):
          p.seek(frame)
          out += [p.info["duration"]] + np.array(p.convert("L")).ravel().tolist()
      print(json.dumps(out))
      """, words: [folder.file("a.png")])
    let expected: [Double] = Self.frames.reduce([3]) { $0 + [120] + $1.pixels.map(Double.init) }
    #expect(seen == expected)
  }
}
