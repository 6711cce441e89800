import LatentTensorGraph

/// A learned bijection: variables, and the map that they describe in a context.
public protocol Flow: Sendable {
  /// Its variables and those of its parts.
  var variables: [Variable] { get }

  /// The map, given a context [..., C] if the flow was made for one.
  ///
  /// - Precondition: there is a context if and only if the flow was made for one.
  func bijection(context: Tensor?) -> any Bijection
}
