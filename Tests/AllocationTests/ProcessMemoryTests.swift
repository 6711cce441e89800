import Foundation
import Latent
import TestSupport
import Testing

/// What a process that goes on for long comes to use, in a process of its own.
@Suite(.serialized) struct ProcessMemoryTests {
  @Test func manyBatchSizesAndTrainersStayWithinBounds() async {
    await #expect(processExitsWith: .success) {
      let sizes = isThorough ? 1000 : 60
      let trainers = isThorough ? 100 : 8
      var configuration = try Preset.named("vae").configuration
      configuration.epochs = 1
      var stream = RandomStream(seed: 0, name: "pictures")
      let values = (0..<(1000 * 784)).map { _ in Float(stream.nextUniform()) }
      let images = try Examples(floats: values, shape: [28, 28, 1])
      let data = Dataset(name: "noise", train: images.prefix(200))
      let first = try Trainer(configuration, dataset: data)
      try first.run()
      let generator = Generator(first.trained)
      // The largest first, which need the most, so that growth would be growth.
      for size in stride(from: 1000, to: 0, by: -1000 / sizes) {
        _ = try generator.encode(images.prefix(size))
      }
      for index in 0..<trainers {
        configuration.seed = UInt64(index)
        try Trainer(configuration, dataset: data).run()
      }
      exit(peakMegabytes() < 500 ? 0 : 1)
    }
  }
}

/// The most memory that this process has had; `getrusage` would count what the test process had when it started this one.
private func peakMegabytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 / 1024 } ?? .max
}
