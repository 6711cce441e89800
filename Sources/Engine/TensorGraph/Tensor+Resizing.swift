import LatentDiagnostics

extension Tensor {
  /// [N, H, W, C] at another height and width: each pixel of the result is the one of this image whose square its centre
  /// lies in.
  public func resizedNearest(_ size: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    resized("resizedNearest", size, file: file, line: line) { image, axis, target in
      let source = image.shape[axis]
      // In whole numbers, so that halves fall alike for all sizes.
      let places = (0..<target).map { Double(Swift.min(source - 1, (2 * $0 + 1) * source / (2 * target))) }
      return image.gathered(places, axis)
    }
  }

  /// [N, H, W, C] at another height and width: between the four pixels around each centre linearly, at the border the
  /// nearest.
  ///
  /// Pixels are squares whose corners, not whose centres, the two images share. Where the image shrinks, pixels between the
  /// neighbours of centres are passed over; average pooling keeps them.
  public func resizedBilinear(_ size: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    resized("resizedBilinear", size, file: file, line: line) { image, axis, target in
      let source = image.shape[axis]
      let centres = (0..<target).map { place -> Double in
        let centre = (Double(place) + 0.5) * Double(source) / Double(target) - 0.5
        return Swift.min(Swift.max(centre, 0), Double(source - 1))
      }
      let lower = centres.map { $0.rounded(.down) }
      let upper = lower.map { Swift.min($0 + 1, Double(source - 1)) }
      let shape = Shape((0..<4).map { $0 == axis ? target : 1 })
      let shares = image.graph.constant(zip(centres, lower).map { $0 - $1 }, shape: shape, type: image.type)
      let first = image.gathered(lower, axis)
      return first + (image.gathered(upper, axis) - first) * shares
    }
  }

  /// [N, H, W, C r r] as [N, H r, W r, C]: the pixel in row i and column j of each square has the channels from
  /// (i r + j) C on (Shi et al. 2016, with the channels last).
  public func pixelShuffled(_ factor: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    guard rank == 4, factor > 0, shape[3] % (factor * factor) == 0 else {
      shapeMistake(
        "pixelShuffled by \(factor)", [self], "expected [N, H, W, C] whose channels divide by the factor's square",
        file: file, line: line)
    }
    let channels = shape[3] / (factor * factor)
    return reshape([shape[0], shape[1], shape[2], factor, factor, channels]).transpose([0, 1, 3, 2, 4, 5])
      .reshape([shape[0], shape[1] * factor, shape[2] * factor, channels])
  }

  /// [N, H r, W r, C] as [N, H, W, C r r], the inverse of `pixelShuffled`.
  public func pixelUnshuffled(_ factor: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    guard rank == 4, factor > 0, shape[1] % factor == 0, shape[2] % factor == 0 else {
      shapeMistake(
        "pixelUnshuffled by \(factor)", [self], "expected [N, H, W, C] whose height and width divide by the factor",
        file: file, line: line)
    }
    let (height, width) = (shape[1] / factor, shape[2] / factor)
    return reshape([shape[0], height, factor, width, factor, shape[3]]).transpose([0, 1, 3, 2, 4, 5])
      .reshape([shape[0], height, width, factor * factor * shape[3]])
  }

  private func resized(
    _ operation: String, _ size: [Int], file: StaticString, line: UInt,
    _ resize: (_ image: Tensor, _ axis: Int, _ target: Int) -> Tensor
  ) -> Tensor {
    guard rank == 4, size.count == 2, size.allSatisfy({ $0 > 0 }), shape[1] > 0, shape[2] > 0, type.isFloatingPoint
    else {
      shapeMistake(
        "\(operation) to \(size)", [self], "expected [N, H, W, C] with pixels, and a height and a width", file: file,
        line: line)
    }
    return zip([1, 2], size).reduce(self) { image, target in
      image.shape[target.0] == target.1 ? image : resize(image, target.0, target.1)
    }
  }

  private func gathered(_ places: [Double], _ axis: Int) -> Tensor {
    gather(graph.constant(places, shape: [places.count], type: .int32), dimension: axis)
  }
}
