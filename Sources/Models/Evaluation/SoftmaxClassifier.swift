import LatentDiagnostics
import Foundation

/// A linear classifier fitted by penalised maximum likelihood (multinomial logistic regression).
///
/// It minimises the sum over the examples of -log softmax(W x + b)[label] plus half the squared weights, which is what
/// scikit-learn's `LogisticRegression` does by default, here by Newton's method to its unique minimum.
struct SoftmaxClassifier {
  /// The number of classes.
  let classes: Int
  /// The number of features.
  let width: Int
  /// For each class its weights, then its intercept.
  private(set) var parameters: [Double]

  /// Shifting all intercepts alike changes nothing, so a little penalty on them makes the minimum unique.
  private static let interceptPenalty = 1e-4

  /// Fits to examples of `width` features, laid one after another, with labels from 0.
  init(features: [Double], width: Int, labels: [Int], classes: Int) {
    require(features.count == width * labels.count, "There are not as many labels as examples")
    self.classes = classes
    self.width = width
    parameters = Array(repeating: 0, count: classes * (width + 1))
    var loss = loss(parameters, features, labels)
    for _ in 0..<50 {
      let (gradient, curvature) = derivatives(features, labels)
      guard let factor = Cholesky(curvature, size: parameters.count) else { return }
      let step = factor.solve(gradient)
      let decrease = zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      // A full step can go too far while the probabilities are far from their final values.
      var fraction = 1.0
      while true {
        let candidate = zip(parameters, step).map { $0 - fraction * $1 }
        let newLoss = self.loss(candidate, features, labels)
        if newLoss <= loss - 0.1 * fraction * decrease {
          parameters = candidate
          loss = newLoss
          if decrease < 1e-9 { return }
          break
        }
        fraction /= 2
        if fraction < 1e-6 { return }
      }
    }
  }

  /// The most probable class of each example.
  func predict(_ features: [Double]) -> [Int] {
    features.withUnsafeBufferPointer { features in
      (0..<features.count / width).map { example in
        let scores = scores(parameters, features, example)
        return scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
      }
    }
  }

  private func scores(_ parameters: [Double], _ features: UnsafeBufferPointer<Double>, _ example: Int) -> [Double] {
    (0..<classes).map { label in
      let row = label * (width + 1)
      return (0..<width).reduce(parameters[row + width]) { $0 + parameters[row + $1] * features[example * width + $1] }
    }
  }

  /// The probabilities of the classes and the logarithm of their scores' sum.
  private func probabilities(_ scores: [Double]) -> (values: [Double], logSum: Double) {
    let top = scores.max() ?? 0
    let exponentials = scores.map { exp($0 - top) }
    let sum = exponentials.reduce(0, +)
    return (exponentials.map { $0 / sum }, top + log(sum))
  }

  private func penalty(_ parameter: Int) -> Double {
    parameter % (width + 1) == width ? Self.interceptPenalty : 1
  }

  private func loss(_ parameters: [Double], _ features: [Double], _ labels: [Int]) -> Double {
    var total = parameters.indices.reduce(0) { $0 + 0.5 * penalty($1) * parameters[$1] * parameters[$1] }
    features.withUnsafeBufferPointer { features in
      for (example, label) in labels.enumerated() {
        let scores = scores(parameters, features, example)
        total += probabilities(scores).logSum - scores[label]
      }
    }
    return total
  }

  /// The gradient, and the lower triangle of the matrix of second derivatives.
  private func derivatives(_ features: [Double], _ labels: [Int]) -> (gradient: [Double], curvature: [Double]) {
    let size = parameters.count
    let block = width + 1
    var gradient = parameters.indices.map { penalty($0) * parameters[$0] }
    var curvature = [Double](repeating: 0, count: size * size)
    for index in 0..<size { curvature[index * size + index] = penalty(index) }
    var input = [Double](repeating: 1, count: block)
    features.withUnsafeBufferPointer { features in
      curvature.withUnsafeMutableBufferPointer { curvature in
        for (example, label) in labels.enumerated() {
          for feature in 0..<width { input[feature] = features[example * width + feature] }
          let p = probabilities(scores(parameters, features, example)).values
          for a in 0..<classes {
            let residual = p[a] - (a == label ? 1 : 0)
            for i in 0..<block { gradient[a * block + i] += residual * input[i] }
            for b in 0...a {
              let weight = (a == b ? p[a] : 0) - p[a] * p[b]
              for i in 0..<block {
                let row = (a * block + i) * size + b * block
                let scaled = weight * input[i]
                for j in 0..<(a == b ? i + 1 : block) { curvature[row + j] += scaled * input[j] }
              }
            }
          }
        }
      }
    }
    return (gradient, curvature)
  }
}
