import LatentDiagnostics

/// Further layers of latents above the first, which is the one that the decoder takes.
public struct Hierarchy: Codable, Hashable, Sendable {
  /// How the posterior goes through the layers.
  public enum Inference: String, Codable, Hashable, Sendable, CaseIterable {
    /// Each layer's draw is the input of the next (Rezende et al. 2014; Burda et al. 2015).
    case bottomUp
    /// Deterministic features go up; coming down, each layer's posterior is merged with its prior by precision (Sonderby et
    /// al. 2016).
    case ladder
  }

  /// A layer of latents above another, and the dense layers between the two.
  public struct Layer: Codable, Hashable, Sendable {
    /// How many latents it has.
    public var latents: Int
    /// The widths of the dense layers between it and the layer below, on the way up; the way down mirrors them.
    public var hidden: [Int]

    /// Creates a layer of latents and what lies between it and the one below.
    public init(latents: Int, hidden: [Int]) {
      self.latents = latents
      self.hidden = hidden
    }
  }

  /// How the posterior goes through the layers.
  public var inference: Inference
  /// From the one above the first to the top; empty for a model with one layer.
  public var layers: [Layer]

  /// One layer of latents alone, without others above it.
  public static let single = Hierarchy(inference: .bottomUp, layers: [])

  /// Draws from layer to layer, upwards.
  public static func bottomUp(_ layers: [Layer]) -> Hierarchy { Hierarchy(inference: .bottomUp, layers: layers) }

  /// Features upwards, merged posteriors downwards.
  public static func ladder(_ layers: [Layer]) -> Hierarchy { Hierarchy(inference: .ladder, layers: layers) }

  /// Refuses sizes that make no layers, and what cannot go with several layers.
  func validate(_ posterior: any PosteriorFamily) throws {
    guard !layers.isEmpty else { return }
    guard layers.count <= 32, layers.flatMap({ [$0.latents] + $0.hidden }).allSatisfy({ (1...65_536).contains($0) })
    else {
      throw LatentError.usage(
        "The layers of latents have sizes that are not all from 1 to 65536",
        remedy: "Set model.hierarchy.layers to a list such as [{\"latents\": 50, \"hidden\": [100, 100]}]")
    }
    guard posterior.traits.contains(.diagonalNormal), posterior.refinement == nil else {
      throw LatentError.usage(
        "In a model with several layers of latents each posterior is a diagonal Normal, not \(posterior.kind)"
          + (posterior.refinement != nil ? " with refinement" : ""),
        remedy: "Set model.encoder.posterior.kind=diagonalNormal and .refinementSteps=0, or model.hierarchy.layers=[]")
    }
  }
}
