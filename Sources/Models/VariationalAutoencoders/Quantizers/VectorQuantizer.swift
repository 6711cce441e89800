import LatentDiagnostics
import LatentLayers
import LatentTensorGraph

/// The nearest vector of a codebook (van den Oord et al. 2017).
public struct VectorQuantizer: QuantizerFamily {
  /// How the codebook is learned.
  public enum Learning: String, Codable, Hashable, Sendable, CaseIterable {
    /// By the gradient of the squared distance to the vectors (van den Oord et al. 2017, equation 3).
    case loss
    /// As moving averages of the vectors that chose each code (the same, appendix A.1).
    case movingAverage
    /// A linear map, learned by that gradient, of vectors that stay as they are: SimVQ (Zhu et al. 2024).
    case linear
  }

  /// Its name, and what it is.
  public static let name = FamilyName("vector", "the nearest vector of a codebook")

  /// How many codes there are.
  public var codes = 512
  /// How the codebook is learned.
  public var learning = Learning.loss
  /// The share of the old moving average that stays at each step.
  public var decay = 0.99
  /// The weight of the vectors' distance from their codes.
  public var commitment = 0.25
  /// The gradient that stands in for that of the choice.
  public var gradient = CodeGradient.straightThrough
  /// Whether vectors and codes are brought to length 1, so that the nearest is that of the smallest angle (Yu et al. 2021).
  public var isNormalized = false
  /// A code chosen less often than so many times a step, on moving average, is replaced by a vector of the batch; 0 for never.
  public var deadBelow = 0.0
  /// How many steps of k-means on the first batch the codebook starts from; 0 for random vectors.
  public var startIterations = 0

  /// The settings that it has where none are given.
  public init() {}

  /// Refuses numbers that make no codebook, and settings that need moving averages where there are none.
  public func validate(dimensions: Int) throws {
    guard (2...65_536).contains(codes) else {
      throw refuse("A codebook cannot have \(codes) codes", "codes from 2 to 65536")
    }
    guard decay >= 0, decay < 1, commitment >= 0, deadBelow >= 0, (0...100).contains(startIterations) else {
      throw refuse(
        "A codebook cannot have decay \(decay), commitment \(commitment), deadBelow \(deadBelow), and startIterations "
          + "\(startIterations)",
        "decay from 0 to below 1, .commitment and .deadBelow from 0, and .startIterations from 0 to 100")
    }
    guard learning == .movingAverage || (deadBelow == 0 && startIterations == 0) else {
      throw refuse(
        "Dead codes are replaced, and codebooks started by k-means, where moving averages say how often codes are chosen",
        "learning=movingAverage, or .deadBelow=0 and .startIterations=0")
    }
  }

  /// One book.
  public func codebooks(dimensions: Int) -> [Int] { [codes] }

  /// Makes the codebook.
  public func make(_ name: String, dimensions: Int) -> any Quantizer {
    Codebook(self, name, dimensions: dimensions)
  }
}

extension QuantizerFamily where Self == VectorQuantizer {
  /// The nearest of so many vectors.
  public static func vector(
    codes: Int, learning: VectorQuantizer.Learning = .loss, gradient: CodeGradient = .straightThrough
  ) -> Self {
    var quantizer = VectorQuantizer()
    (quantizer.codes, quantizer.learning, quantizer.gradient) = (codes, learning, gradient)
    return quantizer
  }
}

/// A codebook with its variables.
struct Codebook: Quantizer {
  private let settings: VectorQuantizer
  private let name: String
  private let dimensions: Int
  /// The codes themselves, or what they are a linear map of.
  private let vectors: Variable?
  /// The linear map.
  private let map: Variable?
  private let averages: CodeAverages?

  init(_ settings: VectorQuantizer, _ name: String, dimensions: Int) {
    self.settings = settings
    self.name = name
    self.dimensions = dimensions
    let shape: Shape = [settings.codes, dimensions]
    // Within reach of each other, so that vectors of any scale choose many of them at first.
    let near = Initializer.uniform(limit: 1 / Double(settings.codes))
    switch settings.learning {
    case .loss:
      (vectors, map, averages) = (Variable(name + "/codebook", shape: shape, initializer: near), nil, nil)
    case .movingAverage: (vectors, map, averages) = (nil, nil, CodeAverages(settings, name, shape, near))
    case .linear:
      let spread = Double(dimensions).squareRoot()
      vectors = Variable(
        name + "/frozen", shape: shape, initializer: .normal(standardDeviation: 1 / spread), isTrainable: false)
      map = Variable(name + "/map", shape: [dimensions, dimensions], initializer: .uniform(limit: 1 / spread))
      averages = nil
    }
  }

  var variables: [Variable] { [vectors, map].compactMap { $0 } + (averages?.variables ?? []) }

  func callAsFunction(_ input: Tensor, share: Tensor?, mode: Mode) -> QuantizedVectors {
    let graph = input.graph
    return graph.scope(name) {
      let (batch, count) = (input.shape[0], input.shape[1])
      let given = input.reshape([batch * count, dimensions])
      let rows = settings.isNormalized ? given / given.vectorLength() : given
      var book = codebook(in: graph)
      if mode == .training, let averages { book = averages.started(book, from: rows.stopGradient()) }
      let chosen = rows.stopGradient().nearestRows(of: book.stopGradient())
      let codes = book.gather(chosen)
      var loss = (rows - codes.stopGradient()).squared().sum([1]) * settings.commitment
      if averages == nil { loss = loss + (codes - rows.stopGradient()).squared().sum([1]) }
      loss = loss.reshape([batch, count]).sum([1])
      if let share { loss = loss * share }
      if mode == .training, let averages {
        let weights = share.map { $0.expandingDimension(1).broadcast(to: [batch, count]).reshape([batch * count]) }
        averages.update(rows.stopGradient(), chosen, weights: weights)
      }
      return QuantizedVectors(
        vectors: settings.gradient(rows, codes, mode).reshape(input.shape), codes: chosen.reshape([batch, count, 1]),
        loss: loss)
    }
  }

  func vectors(_ codes: Tensor) -> Tensor {
    let book = codebook(in: codes.graph)
    return book.gather(codes.reshape([-1])).reshape([codes.shape[0], codes.shape[1], dimensions])
  }

  private func codebook(in graph: Graph) -> Tensor {
    var book = averages?.codebook(in: graph) ?? vectors.map(graph.read) ?? graph.constant([0], shape: [0, dimensions])
    // Rounding would move codes that differ by little into one.
    if let map { book = graph.withExactProducts { book.dot(graph.read(map)) } }
    return settings.isNormalized ? book / book.vectorLength() : book
  }
}

extension Tensor {
  /// The index of the row [K, D] that each of these rows [N, D] is nearest to, int32 [N].
  func nearestRows(of rows: Tensor) -> Tensor {
    // The square of a row's own length is the same for all, so the choice does without it.
    let products = graph.withExactProducts { dot(rows, transposeRight: true) }
    return (rows.squared().sum([1]) - products * 2).argumentMinimum(1)
  }
}
