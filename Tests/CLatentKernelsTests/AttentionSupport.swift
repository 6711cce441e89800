import CLatentKernels
import Foundation
import Testing

/// A case of attention: its sizes, and how its operands lie in memory.
struct AttentionCase: Sendable, CustomTestStringConvertible {
  var batches = 2, queryHeads = 2, keyHeads = 2, queries: Int, keys: Int, features: Int
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
    func strides(_ positions: Int, _ heads: Int, _ parts: Int = 1) -> (batch: Int, position: Int, head: Int) {
      (positions * parts * heads * c.features, parts * heads * c.features, c.features)
    }
    func operand(_ base: UnsafePointer<Float>, _ s: (batch: Int, position: Int, head: Int)) -> latent_attention_operand {
      latent_attention_operand(base: base, batch: s.batch, position: s.position, head: s.head)
    }
    func result(_ base: UnsafeMutablePointer<Float>, _ s: (batch: Int, position: Int, head: Int))
      -> latent_attention_result
    {
      latent_attention_result(base: base, batch: s.batch, position: s.position, head: s.head)
    }
    // Not reallocated while the kernels run: each array is only ever used through its pointer below.
    query.withUnsafeBufferPointer { query in
      key.withUnsafeBufferPointer { key in
        value.withUnsafeBufferPointer { value in
          mask.withUnsafeBufferPointer { mask in
            cotangent.withUnsafeBufferPointer { cotangent in
              output.withUnsafeMutableBufferPointer { output in
                logSumExp.withUnsafeMutableBufferPointer { logSumExp in
                  queryGradient.withUnsafeMutableBufferPointer { queryGradient in
                    keyGradient.withUnsafeMutableBufferPointer { keyGradient in
                      valueGradient.withUnsafeMutableBufferPointer { valueGradient in
                        let (q, k) = (strides(c.queries, c.queryHeads), strides(c.keys, c.keyHeads))
                        let inPlace = strides(c.keys, c.keyHeads, parts)
                        let part = c.isPacked ? c.keyHeads * c.features : 0
                        guard let q0 = query.baseAddress, let k0 = key.baseAddress, let v0 = value.baseAddress,
                          let c0 = cotangent.baseAddress, let o0 = output.baseAddress,
                          let dq = queryGradient.baseAddress, let dk = keyGradient.baseAddress,
                          let dv = valueGradient.baseAddress
                        else { return }
                        var attention = latent_attention()
                        attention.batches = c.batches
                        attention.query_heads = c.queryHeads
                        attention.key_heads = c.keyHeads
                        attention.queries = c.queries
                        attention.keys = c.keys
                        attention.features = c.features
                        attention.scale = c.scale
                        attention.is_causal = c.isCausal ? 1 : 0
                        attention.query = operand(q0, strides(c.queries, c.queryHeads, parts))
                        attention.key = operand(k0 + part, inPlace)
                        attention.value = operand(v0 + 2 * part, inPlace)
                        attention.output = result(o0, q)
                        attention.log_sum_exp = logSumExp.baseAddress
                        if c.isMasked {
                          attention.mask = latent_attention_mask(
                            base: mask.baseAddress, batch: 0, head: c.queries * c.keys, query: c.keys, key: 1)
                        }
                        var gradient = latent_attention_gradient(
                          attention: attention, cotangent: operand(c0, q), query: result(dq, q), key: result(dk, k),
                          value: result(dv, k))
                        let threads = Int32(c.threads)
                        var scratch = [Float](
                          repeating: .nan,
                          count: max(
                            latent_attention_scratch_size(&attention, threads),
                            latent_attention_gradient_scratch_size(&gradient, threads)))
                        latent_attention_run(&attention, &scratch, threads)
                        latent_attention_gradient_run(&gradient, &scratch, threads)
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/// The definition, in double precision and one number at a time.
struct AttentionReference {
  var output: [Double], logSumExp: [Double] = [], queryGradient: [Double], keyGradient: [Double], valueGradient: [Double]

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
