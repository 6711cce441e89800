import Foundation
import LatentEvaluation
import LatentRandomness
import TestSupport
import Testing

@Suite struct PictureQualityTests {
  /// Smooth pictures and noisy copies of them.
  private func pictures(_ count: Int, side: Int, channels: Int, noise: Double) -> (clean: [Float], noisy: [Float]) {
    var stream = RandomStream(seed: 3, name: "pictures")
    var (clean, noisy): ([Float], [Float]) = ([], [])
    for picture in 0..<count {
      for y in 0..<side {
        for x in 0..<side {
          for channel in 0..<channels {
            let value = 0.5 + 0.4 * sin(Double(x * (picture + 1) + channel) / 4) * cos(Double(y) / 3)
            clean.append(Float(value))
            noisy.append(Float(min(1, max(0, value + noise * (stream.nextUniform() - 0.5)))))
          }
        }
      }
    }
    return (clean, noisy)
  }

  @Test func equalPicturesAreAtTheirBest() {
    let (clean, _) = pictures(2, side: 32, channels: 1, noise: 0)
    let quality = PictureQuality(clean, clean, shape: [32, 32, 1])
    #expect(quality.meanSquaredError == 0 && quality.peakSignalToNoise == .infinity)
    #expect(
      abs((quality.structuralSimilarity ?? 0) - 1) < 1e-12 && abs((quality.multiScaleSimilarity ?? 0) - 1) < 1e-12)
    #expect(quality.scales == 2)
  }

  @Test func aConstantErrorHasItsRatio() {
    let clean = [Float](repeating: 0.25, count: 16 * 16)
    let quality = PictureQuality(clean, clean.map { $0 + 0.1 }, shape: [16, 16, 1])
    #expect(abs(quality.meanSquaredError - 0.01) < 1e-8)
    #expect(abs(quality.peakSignalToNoise - 20) < 1e-5)
    // Of two flat pictures luminance alone differs.
    let luminance = (2 * 0.25 * 0.35 + 1e-4) / (0.25 * 0.25 + 0.35 * 0.35 + 1e-4)
    #expect(abs((quality.structuralSimilarity ?? 0) - luminance) < 1e-5)
    #expect(quality.multiScaleSimilarity == nil)
  }

  @Test func smallPicturesHaveNoWindow() {
    let quality = PictureQuality([0, 1, 0, 1], [0, 1, 1, 1], shape: [2, 2, 1])
    #expect(quality.structuralSimilarity == nil && quality.meanSquaredError == 0.25)
  }

  @Test(
    .enabled(if: PeerPython.has("skimage"), "scikit-image is not in .venv"), arguments: [(28, 1), (40, 3), (200, 1)])
  func similarityIsThatOfScikitImage(_ side: Int, _ channels: Int) throws {
    let (clean, noisy) = pictures(3, side: side, channels: channels, noise: 0.6)
    let quality = PictureQuality(clean, noisy, shape: [side, side, channels])
    let script = """
      import numpy as np
      from skimage.metrics import structural_similarity, peak_signal_noise_ratio
      a, b = [np.array(rows).reshape(-1, \(side), \(side), \(channels)) for rows in x]
      s = [structural_similarity(p, q, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
                                 channel_axis=-1) for p, q in zip(a, b)]
      r = [peak_signal_noise_ratio(p, q, data_range=1) for p, q in zip(a, b)]
      print(json.dumps([[float(np.mean(s)), float(np.mean(r))]]))
      """
    let peer = try PeerPython.run(script, [clean.map(Double.init), noisy.map(Double.init)])[0]
    #expect(abs((quality.structuralSimilarity ?? 0) - peer[0]) < 1e-6)
    #expect(abs(quality.peakSignalToNoise - peer[1]) < 1e-4)
    #expect(peer[0] < 0.95 && peer[0] > 0.2)
    #expect(quality.scales == (side == 200 ? 5 : 2))
  }
}
