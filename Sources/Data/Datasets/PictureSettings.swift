import LatentDiagnostics

/// How the pictures of a folder become examples of one shape.
public struct PictureSettings: Codable, Hashable, Sendable {
  /// What is done to a picture whose sides are in another proportion than the size asked for.
  public enum Fit: String, Codable, CaseIterable, Sendable {
    /// What lies over at the longer side is cut off, the same at both ends.
    case crop
    /// The sides are brought to the size each by itself.
    case stretch
    /// The whole picture is kept, in the middle of a black ground.
    case pad
  }

  /// The size of examples in pixels; 0 for that of the pictures themselves, which must then all have one.
  public var width: Int, height: Int
  /// What is done to other proportions.
  public var fit: Fit
  /// 1 for grey, 3 for colour; 0 for grey only where all pictures are.
  public var channels: Int

  /// Sides that examples can have.
  static let sides = 1...8192

  /// Settings of a size; 0 for the pictures' own.
  public init(width: Int = 0, height: Int = 0, fit: Fit = .crop, channels: Int = 0) {
    (self.width, self.height, self.fit, self.channels) = (width, height, fit, channels)
  }

  /// Refuses sizes and channels that no examples have.
  ///
  /// - Throws: `LatentError` with the setting to change.
  public func validate() throws {
    let isOwn = width == 0 && height == 0
    guard isOwn || (Self.sides.contains(width) && Self.sides.contains(height)), [0, 1, 3].contains(channels) else {
      throw LatentError.usage(
        "Pictures cannot be brought to \(width) x \(height) pixels with \(channels) channels",
        remedy: "Give sides from 1 to \(Self.sides.upperBound), and 1 or 3 channels")
    }
  }
}
