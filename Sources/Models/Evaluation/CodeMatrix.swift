import LatentDiagnostics

/// The codes of some examples: one row of latents for each example.
public struct CodeMatrix: Sendable, Equatable {
  /// The latents in row-major order: `count` rows of `width`.
  public let values: [Float]
  /// The number of latents of one example, at least 1.
  public let width: Int
  /// The number of examples.
  public var count: Int { values.count / width }

  /// Creates codes from rows laid one after another; `width` must be at least 1 and divide the number of values.
  public init(_ values: [Float], width: Int) {
    require(
      width >= 1 && values.count.isMultiple(of: width), "\(values.count) values are no rows of \(width) latents")
    self.values = values
    self.width = width
  }

  /// Creates codes from at least one row; all rows must be of one length.
  public init(rows: [[Float]]) {
    let width = rows.first?.count ?? 0
    require(rows.allSatisfy { $0.count == width }, "The rows of codes differ in length")
    self.init(Array(rows.joined()), width: width)
  }

  /// The latents of one example.
  public func row(_ example: Int) -> ArraySlice<Float> { values[example * width..<(example + 1) * width] }

  /// One latent of every example.
  public func column(_ latent: Int) -> [Float] {
    require((0..<width).contains(latent), "There is no latent \(latent) among \(width)")
    return stride(from: latent, to: values.count, by: width).map { values[$0] }
  }

  /// Checks that every value is a number.
  ///
  /// - Throws: A `LatentError` that names the first value that is not finite.
  func checkFinite() throws {
    guard let place = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw LatentError.failure(
      "Latent \(place % width) of example \(place / width) is \(values[place]), which is not a finite number",
      remedy: "Use a checkpoint from before training diverged, and examples without missing values")
  }

  /// The mean of each latent over the examples.
  var columnMeans: [Double] {
    var sums = [Double](repeating: 0, count: width)
    for example in 0..<count {
      for latent in 0..<width { sums[latent] += Double(values[example * width + latent]) }
    }
    return sums.map { $0 / Double(count) }
  }

  /// The variance of each latent over the examples, dividing by one less than their number; there must be two.
  var columnVariances: [Double] {
    let means = columnMeans
    var sums = [Double](repeating: 0, count: width)
    for example in 0..<count {
      for latent in 0..<width {
        let difference = Double(values[example * width + latent]) - means[latent]
        sums[latent] += difference * difference
      }
    }
    return sums.map { $0 / Double(count - 1) }
  }
}
