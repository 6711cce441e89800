import Foundation
import LatentDiagnostics

/// How near pictures are to others, in the measures of image processing; values go from 0 to 1.
public struct PictureQuality: Sendable, Hashable {
  /// The mean squared error of a value.
  public let meanSquaredError: Double
  /// The peak signal-to-noise ratio in decibels: -10 log10 of each picture's error, averaged over the pictures that have any.
  public let peakSignalToNoise: Double
  /// The structural similarity, 1 for equal pictures; `nil` for pictures smaller than its window.
  ///
  /// Source: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment" (2004), section III: a window of 11 x 11 weighed by a
  /// Normal of deviation 1.5, K1 = 0.01, K2 = 0.03, averaged over the windows that lie within the picture, and over channels.
  public let structuralSimilarity: Double?
  /// The same over several scales, each half the one before; `nil` for pictures without at least two.
  ///
  /// Source: Wang, Simoncelli, Bovik, "Multi-Scale Structural Similarity" (2003), with the weights of the scales that the
  /// pictures have, brought to a sum of 1.
  public let multiScaleSimilarity: Double?
  /// How many scales that is.
  public let scales: Int

  private static let window: [Double] = {
    let weights = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    return weights.map { $0 / weights.reduce(0, +) }
  }()
  private static let scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  /// Compares pictures with others: rows of [height, width, channels] values.
  public init(_ pictures: [Float], _ others: [Float], shape: [Int]) {
    let size = shape.reduce(1, *)
    require(
      shape.count == 3 && pictures.count == others.count && size > 0 && pictures.count % size == 0,
      "\(pictures.count) and \(others.count) values are not pictures of \(shape)")
    let count = pictures.count / size
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let scales = Self.scaleWeights.indices.prefix { min(height, width) >> $0 >= Self.window.count }.count
    var (errors, ratios): (Double, [Double]) = (0, [])
    var (similarity, multiScale) = (0.0, 0.0)
    for picture in 0..<count {
      let range = (picture * size)..<((picture + 1) * size)
      let error = zip(pictures[range], others[range]).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
      errors += error / Double(size)
      if error > 0 { ratios.append(-10 * log10(error / Double(size))) }
      guard scales > 0 else { continue }
      for channel in 0..<channels {
        func plane(_ values: [Float]) -> Plane {
          Plane(
            height: height, width: width,
            values: stride(from: range.lowerBound + channel, to: range.upperBound, by: channels).map {
              Double(values[$0])
            })
        }
        let terms = Self.terms(plane(pictures), plane(others), scales: scales)
        similarity += terms[0].similarity / Double(channels)
        let total = Self.scaleWeights.prefix(scales).reduce(0, +)
        // Contrast and structure at every scale, luminance at the coarsest alone; a negative one counts as none.
        multiScale +=
          terms.enumerated().reduce(1) { product, term in
            let value = term.offset == scales - 1 ? term.element.similarity : term.element.structure
            return product * pow(max(value, 0), Self.scaleWeights[term.offset] / total)
          } / Double(channels)
      }
    }
    meanSquaredError = errors / Double(count)
    peakSignalToNoise = ratios.isEmpty ? .infinity : ratios.reduce(0, +) / Double(ratios.count)
    structuralSimilarity = scales > 0 ? similarity / Double(count) : nil
    multiScaleSimilarity = scales > 1 ? multiScale / Double(count) : nil
    self.scales = scales
  }

  /// One channel of a picture.
  private struct Plane {
    let height: Int, width: Int
    let values: [Double]

    /// Each value times that of another.
    func times(_ other: Plane) -> Plane {
      Plane(height: height, width: width, values: zip(values, other.values).map(*))
    }

    /// The averages under the window, wherever it lies within.
    func filtered() -> Plane {
      let window = PictureQuality.window
      let (rows, columns) = (height - window.count + 1, width - window.count + 1)
      var across = [Double](repeating: 0, count: height * columns)
      for row in 0..<height {
        for column in 0..<columns {
          across[row * columns + column] = window.indices.reduce(0) {
            $0 + window[$1] * values[row * width + column + $1]
          }
        }
      }
      var result = [Double](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for column in 0..<columns {
          result[row * columns + column] = window.indices.reduce(0) {
            $0 + window[$1] * across[(row + $1) * columns + column]
          }
        }
      }
      return Plane(height: rows, width: columns, values: result)
    }

    /// Half the size, each value the mean of four.
    func halved() -> Plane {
      let (rows, columns) = (height / 2, width / 2)
      return Plane(
        height: rows, width: columns,
        values: (0..<(rows * columns)).map { place in
          let first = place / columns * 2 * width + place % columns * 2
          return (values[first] + values[first + 1] + values[first + width] + values[first + width + 1]) / 4
        })
    }
  }

  /// The similarity, and its part without luminance, at each scale.
  private static func terms(_ x: Plane, _ y: Plane, scales: Int) -> [(similarity: Double, structure: Double)] {
    let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
    var (x, y) = (x, y)
    return (0..<scales).map { scale in
      if scale > 0 { (x, y) = (x.halved(), y.halved()) }
      let (meanX, meanY) = (x.filtered().values, y.filtered().values)
      let (xx, yy, xy) = (x.times(x).filtered().values, y.times(y).filtered().values, x.times(y).filtered().values)
      var (similarity, structure) = (0.0, 0.0)
      for place in meanX.indices {
        let (a, b) = (meanX[place], meanY[place])
        let contrast = (2 * (xy[place] - a * b) + c2) / (xx[place] - a * a + yy[place] - b * b + c2)
        structure += contrast
        similarity += contrast * (2 * a * b + c1) / (a * a + b * b + c1)
      }
      return (similarity / Double(meanX.count), structure / Double(meanX.count))
    }
  }
}
