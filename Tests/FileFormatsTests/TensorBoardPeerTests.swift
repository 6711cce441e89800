import Foundation
import LatentFileFormats
import TestSupport
import Testing

@Suite(.enabled(if: PeerPython.has("tensorboard"), "TensorBoard is not in .venv")) struct TensorBoardPeerTests {
  @Test func itsOwnReaderSeesScalarsPicturesAndHistograms() throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try TensorBoardWriter(folder: folder.path)
      try writer.scalar("loss", 2.5, step: 3)
    }
    let writer = try #require(try TensorBoardWriter(goingOnIn: folder.path))
    let image = Image(width: 3, height: 2, channels: 1, pixels: [0, 50, 100, 150, 200, 250])
    try writer.image("samples", image, step: 4)
    try writer.histogram("codes/z0", [-1, 0, 0, 0.5, 2], step: 4)
    // What has no distribution is left out.
    try writer.histogram("codes/none", [], step: 4)
    try writer.histogram("codes/nan", [.nan], step: 4)
    writer.flush()
    let seen = try PeerPython.run(
      """
      import io
      from PIL import Image
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      e = EventAccumulator(sys.argv[1], size_guidance={"histograms": 0, "images": 0})
      e.Reload()
      tags = e.Tags()
      assert tags["scalars"] == ["loss"] and tags["images"] == ["samples"] and tags["histograms"] == ["codes/z0"], tags
      s, i, h = e.Scalars("loss")[0], e.Images("samples")[0], e.Histograms("codes/z0")[0]
      pixels = list(Image.open(io.BytesIO(i.encoded_image_string)).convert("L").getdata())
      v = h.histogram_value
      print(json.dumps([s.step, s.value, i.step, i.width, i.height] + pixels
                       + [h.step, v.min, v.max, v.num, v.sum, v.sum_squares, sum(v.bucket), len(v.bucket_limit)]))
      """, words: [folder.path])
    #expect(seen == [3, 2.5, 4, 3, 2, 0, 50, 100, 150, 200, 250, 4, -1, 2, 5, 1.5, 5.25, 5, 30])
  }

  @Test func aFolderWithoutEventsHasNoFileToGoOnWith() throws {
    let folder = try TemporaryFolder()
    #expect(try TensorBoardWriter(goingOnIn: folder.path) == nil)
  }
}
