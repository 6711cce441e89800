import LatentTensorGraph

/// How many codes an example has, and among how many each is chosen.
struct CodeLayout: Hashable, Sendable {
  /// How many codes each level has, the coarsest first, as codes stand one after another.
  let levels: [Int]
  /// How many codes there are for each of the indices that name a vector.
  let codebooks: [Int]

  /// How many codes an example has.
  var count: Int { levels.reduce(0, +) }
  /// All codebooks: those of the indices, level by level.
  var books: [Int] { levels.flatMap { _ in codebooks } }

  /// Codes [B, count, ...] by level.
  func split(_ codes: Tensor) -> [Tensor] {
    var start = 0
    return levels.map { size in
      defer { start += size }
      return codes.slice(1, start..<(start + size))
    }
  }

  /// How often each code of each of the books stands among codes int32 [B, count, indices].
  func histogram(_ codes: Tensor) -> Tensor {
    Tensor.concatenate(split(codes).map { $0.histogram(codebooks: codebooks) }, dimension: 0)
  }
}

/// A posterior that chooses among finitely many values.
protocol CountablePosterior: PosteriorFamily {
  /// The choices that make so many latents.
  func layout(latents: Int) -> CodeLayout
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
