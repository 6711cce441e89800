import CLatentKernels
import Foundation
import Testing

/// A case of attention: its sizes, and how its operands lie in memory.
struct AttentionCase: Sendable, CustomTestStringConvertible {
  var batches = 2
  var queryHeads = 2
  var keyHeads = 2
  var queries: Int
  var keys: Int
  var features: Int
  var isCausal = false
  /// Whether some keys are hidden and others moved by an added mask, of each query head.
  var isMasked = false
  /// Whether queries, keys, and values lie in one product [N, T, 3, H, D].
  var isPacked = false
  var threads = 1

  var testDescription: String {
    "\(batches)x\(queryHeads)/\(keyHeads)x\(queries)/\(keys)x\(features) causal \(isCausal) masked \(isMasked)"
      + " packed \(isPacked) threads \(threads)"
  }

  var scale: Float { 1 / Float(features).squareRoot() }

  /// What lies between the places of neighbouring positions, and the place of a row.
  private func place(_ n: Int, _ position: Int, _ head: Int, positions: Int, heads: Int, parts: Int, part: Int) -> Int {
    (((n * positions + position) * parts + part) * heads + head) * features
  }

  func query(_ n: Int, _ i: Int, _ head: Int) -> Int {
    place(n, i, head, positions: queries, heads: queryHeads, parts: isPacked ? 3 : 1, part: 0)
  }

  func key(_ n: Int, _ j: Int, _ head: Int, part: Int) -> Int {
    place(n, j, head, positions: keys, heads: keyHeads, parts: isPacked ? 3 : 1, part: isPacked ? part : 0)
  }

  /// The place of a row of a tensor of the queries' or of the keys' shape that stands alone.
  func row(_ n: Int, _ position: Int, _ head: Int, isKey: Bool = false) -> Int {
    place(
      n, position, head, positions: isKey ? keys : queries, heads: isKey ? keyHeads : queryHeads, parts: 1, part: 0)
  }

  var queryCount: Int { batches * queries * queryHeads * features }
  var keyCount: Int { batches * keys * keyHeads * features }
}

/// The numbers of a case, and what comes out.
struct AttentionNumbers {
  var query: [Float], key: [Float], value: [Float], mask: [Float], cotangent: [Float]
  var output: [Float], logSumExp: [Float], queryGradient: [Float], keyGradient: [Float], valueGradient: [Float]

  init(_ c: AttentionCase) {
    var seed: UInt32 = 7
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in
        seed = seed &* 1_664_525 &+ 1_013_904_223
        return Float(seed >> 8) / Float(1 << 23) * 1.7 - 1.7
      }
    }
    query = numbers(c.queryCount * (c.isPacked ? 3 : 1))
    key = c.isPacked ? query : numbers(c.keyCount)
    value = c.isPacked ? query : numbers(c.keyCount)
    mask = numbers(c.queryHeads * c.queries * c.keys).map { $0 < -1 ? -.infinity : $0 }
    cotangent = numbers(c.queryCount)
    // Neither zeros nor what is left over from before may be taken for a result.
    output = [Float](repeating: .nan, count: c.queryCount)
    logSumExp = [Float](repeating: .nan, count: c.batches * c.queryHeads * c.queries)
    queryGradient = output
    keyGradient = [Float](repeating: .nan, count: c.keyCount)
    valueGradient = keyGradient
  }

  /// Runs both kernels, with rows of all tensors as the case says.
  mutating func run(_ c: AttentionCase) {
    let parts = c.isPacked ? 3 : 1
    let part = c.isPacked ? c.keyHeads * c.features : 0
    let memory = [
      query, key, value, mask, cotangent, output, logSumExp, queryGradient, keyGradient, valueGradient,
    ].map { numbers in
      let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, numbers.count))
      pointer.initialize(from: numbers, count: numbers.count)
      return pointer
    }
    defer { for pointer in memory { pointer.deallocate() } }
    func operand(_ place: Int, _ positions: Int, _ heads: Int, _ parts: Int, part: Int = 0) -> latent_attention_operand
    {
      latent_attention_operand(
        base: memory[place] + part, batch: positions * parts * heads * c.features, position: parts * heads * c.features,
        head: c.features)
    }
    func result(_ place: Int, _ positions: Int, _ heads: Int) -> latent_attention_result {
      latent_attention_result(
        base: memory[place], batch: positions * heads * c.features, position: heads * c.features, head: c.features)
    }
    var gradient = latent_attention_gradient()
    gradient.attention.batches = c.batches
    gradient.attention.query_heads = c.queryHeads
    gradient.attention.key_heads = c.keyHeads
    gradient.attention.queries = c.queries
    gradient.attention.keys = c.keys
    gradient.attention.features = c.features
    gradient.attention.scale = c.scale
    gradient.attention.is_causal = c.isCausal ? 1 : 0
    gradient.attention.query = operand(0, c.queries, c.queryHeads, parts)
    gradient.attention.key = operand(1, c.keys, c.keyHeads, parts, part: part)
    gradient.attention.value = operand(2, c.keys, c.keyHeads, parts, part: 2 * part)
    if c.isMasked {
      gradient.attention.mask = latent_attention_mask(
        base: memory[3], batch: 0, head: c.queries * c.keys, query: c.keys, key: 1)
    }
    gradient.cotangent = operand(4, c.queries, c.queryHeads, 1)
    gradient.attention.output = result(5, c.queries, c.queryHeads)
    gradient.attention.log_sum_exp = memory[6]
    gradient.query = result(7, c.queries, c.queryHeads)
    gradient.key = result(8, c.keys, c.keyHeads)
    gradient.value = result(9, c.keys, c.keyHeads)
    let threads = Int32(c.threads)
    let sizes = [
      latent_attention_scratch_size(&gradient.attention, threads),
      latent_attention_gradient_scratch_size(&gradient, threads),
    ]
    // What a run does not write itself must not be read: not-a-number would show.
    var scratch = sizes.map { [Float](repeating: .nan, count: $0) }
    latent_attention_run(&gradient.attention, &scratch[0], threads)
    latent_attention_gradient_run(&gradient, &scratch[1], threads)
    output = Array(UnsafeBufferPointer(start: memory[5], count: output.count))
    logSumExp = Array(UnsafeBufferPointer(start: memory[6], count: logSumExp.count))
    queryGradient = Array(UnsafeBufferPointer(start: memory[7], count: queryGradient.count))
    keyGradient = Array(UnsafeBufferPointer(start: memory[8], count: keyGradient.count))
    valueGradient = Array(UnsafeBufferPointer(start: memory[9], count: valueGradient.count))
  }
}

/// The definition, in double precision and one number at a time.
struct AttentionReference {
  var output: [Double], logSumExp: [Double] = [], queryGradient: [Double], keyGradient: [Double],
    valueGradient: [Double]

  init(_ c: AttentionCase, _ x: AttentionNumbers) {
    output = [Double](repeating: 0, count: c.queryCount)
    queryGradient = output
    keyGradient = [Double](repeating: 0, count: c.keyCount)
    valueGradient = keyGradient
    let (features, scale) = (0..<c.features, Double(c.scale))
    for n in 0..<c.batches {
      for head in 0..<c.queryHeads {
        let keyHead = head / (c.queryHeads / c.keyHeads)
        for i in 0..<c.queries {
          let (query, row) = (c.query(n, i, head), c.row(n, i, head))
          var weights = (0..<c.keys).map { j -> Double in
            if c.isCausal && j + c.queries > i + c.keys { return -.infinity }
            let key = c.key(n, j, keyHead, part: 1)
            let score = features.reduce(0.0) { $0 + Double(x.query[query + $1]) * Double(x.key[key + $1]) }
            return scale * score + (c.isMasked ? Double(x.mask[(head * c.queries + i) * c.keys + j]) : 0)
          }
          let top = weights.max() ?? -.infinity
          let sum = top == -.infinity ? 0 : weights.reduce(0) { $0 + exp($1 - top) }
          logSumExp.append(sum == 0 ? -.infinity : top + log(sum))
          weights = weights.map { sum == 0 ? 0 : exp($0 - top) / sum }
          for (j, weight) in weights.enumerated() {
            let value = c.key(n, j, keyHead, part: 2)
            for f in features { output[row + f] += weight * Double(x.value[value + f]) }
          }
          let product = features.reduce(0.0) { $0 + output[row + $1] * Double(x.cotangent[row + $1]) }
          for (j, weight) in weights.enumerated() {
            let (key, value) = (c.key(n, j, keyHead, part: 1), c.key(n, j, keyHead, part: 2))
            let result = c.row(n, j, keyHead, isKey: true)
            let worth = features.reduce(0.0) { $0 + Double(x.cotangent[row + $1]) * Double(x.value[value + $1]) }
            let change = scale * weight * (worth - product)
            for f in features {
              valueGradient[result + f] += weight * Double(x.cotangent[row + f])
              queryGradient[row + f] += change * Double(x.key[key + f])
              keyGradient[result + f] += change * Double(x.query[query + f])
            }
          }
        }
      }
    }
  }
}
