import Distributions
import Layers
import TensorGraph

/// q(z|x): what the encoder's features say about an example's latents.
public enum Posterior: String, Codable, Hashable, Sendable, CaseIterable {
  /// Independent Normals, mean and log-variance from the features (Kingma & Welling 2013, equation 9).
  case diagonalNormal
  /// One point: the code of a deterministic autoencoder, which has no density and hence no bound.
  case point

  /// How many numbers describe it for each latent.
  var parametersPerLatent: Int {
    switch self {
    case .diagonalNormal: 2
    case .point: 1
    }
  }

  /// The distribution from the head's outputs [N, latents * parametersPerLatent].
  func distribution(_ outputs: Tensor) -> any Distribution {
    let parts = outputs.split(parametersPerLatent, dimension: 1)
    return switch self {
    case .diagonalNormal: DiagonalNormal(mean: parts[0], logVariance: parts[1].smoothlyBounded())
    case .point: PointMass(mean: parts[0])
    }
  }
}

extension Tensor {
  /// Log-variances kept within ±20 by a smooth function that is nearly the identity around zero, so that no variance can
  /// overflow or vanish.
  func smoothlyBounded() -> Tensor { (self / 20).tanh() * 20 }
}
