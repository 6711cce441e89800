import LatentTensorGraph

extension Model {
  /// How many codes there are for each index that names a vector; empty for a model without codes.
  public var codebooks: [Int] { quantized?.codebooks ?? [] }

  /// How many codes an example has, each of as many indices as there are codebooks; 0 for a model without codes.
  public var codesPerExample: Int { quantized.map { latents / $0.codeDimensions } ?? 0 }

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

extension Tensor {
  /// How often each code of each codebook stands among codes int32 [B, n, indices]: all counts, one codebook after another.
  package func histogram(codebooks: [Int]) -> Tensor {
    let parts = codebooks.enumerated().map { index, size in
      let codes = slice(2, index..<(index + 1)).reshape([-1])
      return graph.constant([1], shape: codes.shape).scatterAdd(codes, size: size)
    }
    return Tensor.concatenate(parts, dimension: 0)
  }
}
