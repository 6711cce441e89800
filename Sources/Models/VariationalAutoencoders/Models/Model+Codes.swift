import LatentTensorGraph

extension Model {
  /// How many codes there are for each index that names a vector; empty for a model without codes.
  public var codebooks: [Int] { quantized?.codebooks ?? [] }

  /// How many codes an example has, each of as many indices as there are codebooks; 0 for a model without codes.
  public var codesPerExample: Int { layout?.count ?? 0 }

  /// How many codes each codebook has, where every level of codes has books of its own: those of the indices, level by level.
  package var codebooksByLevel: [Int] { layout?.books ?? [] }

  /// How often each code of all those books stands among codes int32 [B, codes, indices].
  package func histogram(ofCodes codes: Tensor) -> Tensor { layout?.histogram(codes) ?? codes }

  private var layout: CodeLayout? { quantized?.layout(latents: latents) }
  private var quantized: QuantizedPosterior? { specification.encoder.posterior as? QuantizedPosterior }

  /// The codes of examples [B, ...], int32 [B, codes, indices]; `nil` for a model without codes.
  public func codes(_ examples: Tensor, condition: Tensor? = nil) -> Tensor? {
    (posterior(examples, condition: condition, mode: .inference) as? CodeDistribution)?.codes
  }

  /// The latents [B, latents] of codes [B, codes, indices], as the decoder takes them; `nil` for a model without codes.
  ///
  /// Of a residual quantiser the first indices alone are enough.
  public func latents(ofCodes codes: Tensor) -> Tensor? {
    guard let layer = latentVariables as? SingleLayer else { return nil }
    return layer.codes?.latents(of: codes)
  }
}
