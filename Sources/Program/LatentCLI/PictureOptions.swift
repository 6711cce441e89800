import Foundation
import Latent

/// How the pictures of a folder become examples, as options of commands.
enum PictureOptions {
  /// Takes in what was given.
  static func apply(_ arguments: Arguments, to pictures: inout PictureSettings) throws {
    if let text = arguments.text("--size") {
      let parts = text.split(separator: "x", omittingEmptySubsequences: false)
      let sides = parts.compactMap { Int($0) }.filter { $0 > 0 }
      guard (1...2).contains(parts.count), sides.count == parts.count else {
        throw LatentError.usage("--size is \(text)", remedy: "Give it a number of pixels, such as 64 or 96x64")
      }
      (pictures.width, pictures.height) = (sides[0], sides[sides.count - 1])
    }
    if let text = try arguments.choice("--fit", PictureSettings.Fit.allCases.map(\.rawValue)),
      let fit = PictureSettings.Fit(rawValue: text)
    {
      pictures.fit = fit
    }
    if let text = try arguments.choice("--channels", ["1", "3"]), let channels = Int(text) {
      pictures.channels = channels
    }
    try pictures.validate()
  }

  /// What to say when training has waited long for pictures: a twentieth of its time, and at least a second.
  static func remark(waited: Double, of seconds: Double) -> String? {
    guard waited >= 1, waited >= 0.05 * seconds else { return nil }
    return String(
      format: "training waited for pictures in %.0f of %.0f seconds; smaller files would be read faster", waited,
      seconds)
  }
}

extension [CommandSpecification.Option] {
  /// How the pictures of a folder become examples.
  static let pictures: Self = [
    .init(name: "--size", value: "N|WxH", help: "bring the pictures of a folder to this many pixels"),
    .init(name: "--fit", value: "HOW", help: "pictures of other proportions: crop (the default), stretch, or pad"),
    .init(name: "--channels", value: "1|3", help: "pictures as grey or in colour (default: grey if all are)"),
  ]
}
