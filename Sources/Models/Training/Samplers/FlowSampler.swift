import LatentDiagnostics
import LatentEvaluation
import LatentExecution
import Foundation
import LatentTensorGraph
import LatentVariationalAutoencoders

/// A masked autoregressive flow over a diagonal Normal, on standardised codes (Papamakarios et al. 2017): fitted fast, and
/// drawn from in as many rounds as there are latents.
public struct MaskedFlowSampler: SamplerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("maf", "a masked autoregressive flow, fitted fast")

  /// It has no settings.
  public init() {}

  /// Fits a flow by maximum likelihood; a tenth of the codes, of which there are at least 20, is held out to choose when to
  /// stop.
  public func fit(_ codes: CodeMatrix, seed: UInt64, backend: any Backend) throws -> any FittedSampler {
    try FittedFlow(codes, family: self, isInverse: false, seed: seed, backend: backend)
  }

  /// Reads a flow.
  public static func read(_ file: SamplerFile, backend: any Backend) throws -> any FittedSampler {
    try FittedFlow(file, family: Self(), isInverse: false, backend: backend)
  }
}

/// An inverse autoregressive flow over a diagonal Normal, on standardised codes (Kingma et al. 2016): drawn from fast, and
/// fitted in as many rounds as there are latents.
public struct InverseFlowSampler: SamplerFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("iaf", "an inverse autoregressive flow, drawn from fast")
  /// It has no settings.
  public init() {}

  /// Fits a flow by maximum likelihood; a tenth of the codes, of which there are at least 20, is held out to choose when to
  /// stop.
  ///
  /// - Throws: `LatentError` as any sampler does.
  public func fit(_ codes: CodeMatrix, seed: UInt64, backend: any Backend) throws -> any FittedSampler {
    return try FittedFlow(codes, family: self, isInverse: true, seed: seed, backend: backend)
  }

  /// Reads a flow.
  public static func read(_ file: SamplerFile, backend: any Backend) throws -> any FittedSampler {
    try FittedFlow(file, family: Self(), isInverse: true, backend: backend)
  }
}

/// An autoregressive flow over a diagonal Normal that was fitted to standardised codes.
package struct FittedFlow: FittedSampler {
  package let family: any SamplerFamily
  private let density: FlowDensity
  private let scale: CodeScale
  private let store: VariableStore
  private let backend: any Backend
  private static let rowsAtOnce = 1000

  /// How many latents a code has.
  package var latents: Int { density.shape.latents }

  fileprivate init(
    _ codes: CodeMatrix, family: any SamplerFamily, isInverse: Bool, seed: UInt64, backend: any Backend
  ) throws {
    try codes.check(for: family.kind, least: SamplerTraining.leastCodes)
    self.family = family
    self.backend = backend
    scale = CodeScale(codes)
    density = FlowDensity(FlowDensity.Shape(latents: codes.width), isInverse: isInverse)
    store = VariableStore(seed: derivedSeed(seed, "sampler " + family.kind))
    let training = FlowTraining(density: density, store: store, backend: backend, seed: seed)
    try training.run(scale.standardized(codes))
  }

  /// The log-density of codes, in nats each, over the latents that vary.
  package func logDensities(of codes: CodeMatrix) throws -> [Double] {
    require(codes.width == latents, "The codes have \(codes.width) latents, the flow has \(latents)")
    let training = FlowTraining(density: density, store: store, backend: backend, seed: 0)
    return try training.logDensities(of: scale.standardized(codes)).map { $0 - scale.logVolume }
  }

  /// Draws codes in the latents' own scale, `count` rows of `latents`; the same seed gives the same codes.
  package func sample(count: Int, seed: UInt64) throws -> [Float] {
    var executables: [Int: any Executable] = [:]
    var result: [Float] = []
    for first in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let rows = min(Self.rowsAtOnce, count - first)
      let executable = try executables[rows] ?? drawing(rows)
      executables[rows] = executable
      try executable.run(RandomState(seed: derivedSeed(seed, "sampler " + family.kind), step: UInt64(first)))
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

  /// The scale of the codes and the flow's parameters.
  package func contents() throws -> SamplerContents {
    SamplerContents(shape: density.shape, arrays: scale.tensors + (try store.arrays(of: density.variables)))
  }

  fileprivate init(_ file: SamplerFile, family: any SamplerFamily, isInverse: Bool, backend: any Backend) throws {
    let shape = try file.shape(FlowDensity.Shape.self)
    guard shape.isSound else { throw file.damage("no flow has the sizes it names") }
    self.family = family
    self.backend = backend
    density = FlowDensity(shape, isInverse: isInverse)
    scale = try CodeScale(file, latents: shape.latents)
    store = VariableStore(seed: 0)
    try file.restore(density.variables, into: store)
  }
}
