import LatentCPUBackend
import LatentDiagnostics
import LatentEvaluation
import LatentExecution
import Foundation
import LatentTensorGraph

/// Draws codes from an autoregressive flow over a diagonal Normal, on standardised codes.
///
/// A masked autoregressive flow (Papamakarios et al. 2017) is fitted fast and draws in as many rounds as there are latents;
/// an inverse one (Kingma et al. 2016) draws fast and is fitted in as many rounds.
public struct FlowSampler: LatentSampler {
  /// The most latents that an inverse autoregressive flow is fitted to.
  public static let mostInverseLatents = 64

  /// `.maskedAutoregressive` or `.inverseAutoregressive`.
  public let kind: SamplerKind

  private let density: FlowDensity
  private let scale: CodeScale
  private let store: VariableStore
  private let backend: any Backend
  private static let rowsAtOnce = 1000

  /// How many latents a code has.
  public var latents: Int { density.shape.latents }

  /// Fits a flow by maximum likelihood; a tenth of the codes is held out to choose when to stop.
  ///
  /// - Parameters:
  ///   - codes: at least 20.
  ///   - kind: `.maskedAutoregressive` or `.inverseAutoregressive`.
  ///   - seed: the same seed gives the same flow.
  ///   - backend: where it is trained and drawn from.
  /// - Throws: `LatentError` when there are too few codes, one is not a finite number, the likelihood stops being one, or
  ///   an inverse autoregressive flow is asked for over more than 64 latents.
  public static func fit(
    _ codes: CodeMatrix, kind: SamplerKind, seed: UInt64, backend: any Backend = CPUBackend()
  ) throws -> FlowSampler {
    require(
      kind == .maskedAutoregressive || kind == .inverseAutoregressive, "the sampler \(kind.rawValue) is no flow")
    guard kind == .maskedAutoregressive || codes.width <= mostInverseLatents else {
      throw LatentError.usage(
        "The sampler iaf is fitted in one round for each latent, and \(codes.width) latents are more than "
          + "\(mostInverseLatents)", remedy: "Give --sampler maf")
    }
    try codes.check(for: kind, least: SamplerTraining.leastCodes)
    let scale = CodeScale(codes)
    let density = FlowDensity(kind, FlowDensity.Shape(latents: codes.width))
    let store = VariableStore(seed: derivedSeed(seed, "sampler " + kind.rawValue))
    let training = FlowTraining(density: density, store: store, backend: backend, seed: seed)
    try training.run(scale.standardized(codes))
    return FlowSampler(kind: kind, density: density, scale: scale, store: store, backend: backend)
  }

  private init(kind: SamplerKind, density: FlowDensity, scale: CodeScale, store: VariableStore, backend: any Backend) {
    self.kind = kind
    self.density = density
    self.scale = scale
    self.store = store
    self.backend = backend
  }

  /// The log-density of codes, in nats each, over the latents that vary.
  public func logDensities(of codes: CodeMatrix) throws -> [Double] {
    require(codes.width == latents, "The codes have \(codes.width) latents, the flow has \(latents)")
    let training = FlowTraining(density: density, store: store, backend: backend, seed: 0)
    return try training.logDensities(of: scale.standardized(codes)).map { $0 - scale.logVolume }
  }

  /// Draws codes in the latents' own scale, `count` rows of `latents`; the same seed gives the same codes.
  public func sample(count: Int, seed: UInt64) throws -> [Float] {
    var executables: [Int: any Executable] = [:]
    var result: [Float] = []
    for first in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let rows = min(Self.rowsAtOnce, count - first)
      let executable = try executables[rows] ?? drawing(rows)
      executables[rows] = executable
      try executable.run(RandomState(seed: derivedSeed(seed, "sampler " + kind.rawValue), step: UInt64(first)))
      result += executable.output(0).floats
    }
    scale.restore(&result)
    return result
  }

  private func drawing(_ rows: Int) throws -> any Executable {
    let graph = Graph()
    let draws = density.distribution(count: rows, in: graph).sample(count: nil)
    return try backend.compile(Program(graph: graph, outputs: [draws]), state: store)
  }

  // MARK: In a file

  /// Writes the scale of the codes and the flow's parameters.
  public func save(to path: String, weights: String) throws {
    try SamplerFile.write(
      scale.tensors + store.arrays(of: density.variables), kind: kind, shape: density.shape, weights: weights, to: path)
  }

  init(_ file: SamplerFile, backend: any Backend) throws {
    let shape = try file.shape(FlowDensity.Shape.self)
    guard shape.isSound else { throw file.damage("no flow has the sizes it names") }
    kind = file.kind
    density = FlowDensity(kind, shape)
    scale = try CodeScale(file, latents: shape.latents)
    store = VariableStore(seed: 0)
    self.backend = backend
    try file.restore(density.variables, into: store)
  }
}
