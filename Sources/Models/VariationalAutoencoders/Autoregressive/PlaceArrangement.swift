import LatentTensorGraph

/// How an example's numbers lie in places: row by row, the channels of a pixel, or of a square of pixels, together.
struct PlaceArrangement: Hashable, Sendable {
  /// The grid of places.
  let height: Int, width: Int
  /// How many numbers lie in a place.
  let channels: Int
  /// Pixels: their rows, columns, and channels; a vector is a row of pixels of one channel.
  private let rows: Int, columns: Int, pixelChannels: Int
  /// How many pixels a side a place has.
  private let patch: Int

  /// Of examples of a shape, in squares of so many pixels a side.
  ///
  /// - Parameter isSplit: whether each channel has a place of its own, beside that of the channel before; of single pixels.
  init(exampleShape: [Int], patch: Int = 1, isSplit: Bool = false) {
    self.patch = patch
    let isImage = exampleShape.count == 3
    (rows, columns) = isImage ? (exampleShape[0], exampleShape[1]) : (1, exampleShape.reduce(1, *))
    pixelChannels = isImage ? exampleShape[2] : 1
    let isSplit = isSplit && patch == 1
    height = rows / patch
    width = columns / patch * (isSplit ? pixelChannels : 1)
    channels = isSplit ? 1 : pixelChannels * patch * patch
  }

  /// How many places there are.
  var count: Int { height * width }
  /// How many numbers there are in all.
  var dimensions: Int { count * channels }
  /// How many numbers a place has where each pixel has so many.
  func width(ofContext numbers: Int) -> Int { numbers * patch * patch }

  /// [N, D] as [N, places, channels].
  func places(of examples: Tensor) -> Tensor { squares(examples, pixelChannels).reshape([-1, count, channels]) }

  /// [N, places, channels] as [N, D].
  func rows(of places: Tensor) -> Tensor {
    guard patch > 1 else { return places.reshape([-1, dimensions]) }
    return places.reshape([-1, height, width, patch, patch * pixelChannels]).transpose([0, 1, 3, 2, 4])
      .reshape([-1, dimensions])
  }

  /// Some numbers for each pixel, [N, ...], as those of each place; channels that have places of their own share a pixel's.
  func context(_ numbers: Tensor, ofPixel width: Int) -> Tensor {
    let squares = squares(numbers.flattened(), width)
    let shared = count / (squares.shape[1])
    guard shared > 1 else { return squares }
    let size = squares.shape
    return squares.expandingDimension(2).broadcast(to: [size[0], size[1], shared, size[2]])
      .reshape([size[0], count, size[2]])
  }

  /// [N, rows * columns * channels] as [N, squares, channels of a square].
  private func squares(_ tensor: Tensor, _ channels: Int) -> Tensor {
    guard patch > 1 else { return tensor.reshape([-1, rows * columns, channels]) }
    return tensor.reshape([-1, height, patch, width, patch * channels]).transpose([0, 1, 3, 2, 4])
      .reshape([-1, count, patch * patch * channels])
  }
}
