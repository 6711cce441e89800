import LatentLayers
import LatentTensorGraph

/// No layers: of a model without latents.
public struct NoNetwork: EncoderFamily, DecoderFamily {
  /// Its name, and what it is.
  public static let name = FamilyName("none", "no layers: of a model without latents")

  /// It has no settings.
  public init() {}

  /// `false`: it gives nothing.
  public var usesBatchStatistics: Bool { false }

  /// Refuses nothing.
  public func validate(_ part: String, exampleShape: [Int]) throws {}

  /// A linear layer, between layers of latents that nobody asks for.
  public func dense(_ name: String, inputs: Int, outputs: Int) -> any Layer {
    Dense(name, inputs: inputs, outputs: outputs)
  }

  /// A feature that is always zero.
  public func makeEncoder(at site: EncoderSite) -> any EncoderModule { Encoder() }

  /// What it is given: nobody reads it.
  public func makeDecoder(at site: DecoderSite) -> any Layer { Sequential([]) }

  private struct Encoder: EncoderModule {
    var variables: [Variable] { [] }
    var features: Int { 1 }

    func callAsFunction(_ examples: Tensor, condition: Tensor?, mode: Mode) -> Tensor {
      examples.graph.constant([0], shape: [examples.shape[0], 1])
    }
  }
}
