import LatentDiagnostics
import LatentTensorGraph

/// The maximum mean discrepancy between the encoded data and the prior (Zhao et al. 2019; Tolstikhin et al. 2018).
public struct Discrepancy: ObjectiveTerm {
  /// The kernel by which the discrepancy measures how near two codes are.
  public enum Kernel: String, Codable, Hashable, Sendable, CaseIterable {
    /// exp(-|x - y|^2 / (2 D scale^2)).
    case gaussian
    /// C / (C + |x - y|^2) summed over C = 2 D scale^2 times 0.1, 0.2, 0.5, 1, 2, 5, and 10.
    case inverseMultiquadratic
  }

  /// Its name, and what it is.
  public static let name = FamilyName(
    "discrepancy", "the maximum mean discrepancy between the encoded data and the prior")
  /// The numbers that may change while a model trains.
  public static var schedules: [(name: String, path: KeyPath<Discrepancy, ScheduledValue>)] { [("weight", \.weight)] }
  /// What may be relied on.
  public var traits: ObjectiveTermTraits { [.ofDraws, .towardsPrior] }

  /// The weight of the discrepancy; 0 for no such term.
  public var weight: ScheduledValue = 0
  /// The kernel by which the discrepancy measures how near two codes are.
  public var kernel = Kernel.inverseMultiquadratic
  /// The kernel's width, in standard deviations of the prior.
  public var scale = 1.0

  /// A weight of 0: no such term.
  public init() {}

  /// Refuses widths that no kernel has.
  public func validate(_ objective: Objective, _ model: VariationalAutoencoder) throws {
    guard scale.isFinite, scale > 0 else {
      throw LatentError.usage(
        "objective.discrepancy.scale is \(scale), which makes no sense", remedy: "Set it above 0")
    }
  }

  /// Makes the term, which has no variables.
  public func make(for model: VariationalAutoencoder) -> any ObjectiveTermModule { Module(term: self) }

  private struct Module: ObjectiveTermModule {
    let term: Discrepancy

    func addends(_ context: ObjectiveTermContext) -> [Tensor] {
      let prior = context.model.generate(
        context.batch.count, condition: context.batch.condition, in: context.z.graph)
      return [term.estimate(context.z, prior) * context(term, \.weight)]
    }
  }

  /// The unbiased estimate from draws [B, D] of the encoded data and of the prior, a scalar.
  func estimate(_ encoded: Tensor, _ prior: Tensor) -> Tensor {
    let count = Double(encoded.shape[0])
    func within(_ x: Tensor) -> Tensor {
      // A point's nearness to itself says nothing; it is the kernel's value at 0.
      (similarity(x, x).sum() - count * similarityAtZero) / max(1, count * (count - 1))
    }
    return within(encoded) + within(prior) - similarity(encoded, prior).mean() * 2
  }

  private static let factors = [0.1, 0.2, 0.5, 1, 2, 5, 10]

  private var similarityAtZero: Double { kernel == .gaussian ? 1 : Double(Self.factors.count) }

  /// The kernel of every pair, [B, B].
  private func similarity(_ x: Tensor, _ y: Tensor) -> Tensor {
    let count = x.shape[0]
    let products = x.dot(y.transpose([1, 0]))
    let distances =
      (x.squared().sum([1]).reshape([count, 1]) + y.squared().sum([1]).reshape([1, count]) - products * 2).maximum(0)
    let width = 2 * Double(x.shape[1]) * scale * scale
    switch kernel {
    case .gaussian: return (distances / -width).exp()
    case .inverseMultiquadratic:
      return Self.factors.map { width * $0 / (distances + width * $0) }.dropFirst().reduce(
        width * Self.factors[0] / (distances + width * Self.factors[0]), +)
    }
  }
}

extension Objective {
  /// Distance of the encoded data from the prior.
  public var discrepancy: Discrepancy {
    get { terms[Discrepancy.self] }
    set { terms[Discrepancy.self] = newValue }
  }
}
