import LatentDiagnostics
import Testing

@testable import LatentFileFormats

@Suite struct ImageGridTests {
  @Test func picturesLieBetweenBordersAndValuesAreClamped() throws {
    let image = try ImageGrid.draw([0, 1, 2, -1, .nan, 0.5], shape: [1, 2, 1], rows: 2, columns: 2)
    #expect((image.width, image.height, image.channels) == (10, 8, 1))
    let b = ImageGrid.background
    let blank = Array(repeating: b, count: 10)
    #expect(Array(image.pixels[0..<10]) == blank)
    #expect(Array(image.pixels[20..<30]) == [b, b, 0, 255, b, b, 255, 0, b, b])
    #expect(Array(image.pixels[50..<60]) == [b, b, 0, 128, b, b, b, b, b, b])
    #expect(Array(image.pixels[70..<80]) == blank)
  }

  @Test func scaleRepeatsPixelsAndKeepsChannels() throws {
    let image = try ImageGrid.draw([1, 0, 0.2], shape: [1, 1, 3], rows: 1, columns: 1, scale: 3)
    #expect((image.width, image.height, image.channels) == (7, 7, 3))
    for y in 2..<5 {
      for x in 2..<5 { #expect(Array(image.pixels[(y * 7 + x) * 3..<(y * 7 + x + 1) * 3]) == [255, 0, 51]) }
    }
    #expect(image.pixels.filter { $0 == ImageGrid.background }.count == (49 - 9) * 3)
  }

  @Test(arguments: [
    ([4], 1, 1, 1), ([1, 2, 2], 1, 1, 1), ([2, 2, 1], 0, 1, 1), ([2, 2, 1], 1, 1, 0), ([2, 2, 1], .max, .max, 1),
    ([2, 2, 1], 1, 1, .max), ([3, 1, 1], 1, 1, 1), ([1, 1, 1], 1, 3, 1), ([2, 2, 1], 20_000, 20_000, 1),
  ])
  func whatCannotBeDrawnIsAUsageError(shape: [Int], rows: Int, columns: Int, scale: Int) throws {
    let error = #expect(throws: LatentError.self) {
      try ImageGrid.draw([0, 0, 0, 0], shape: shape, rows: rows, columns: columns, scale: scale)
    }
    #expect(error?.category == .usage)
  }
}
