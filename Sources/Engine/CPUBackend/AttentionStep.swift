import CLatentKernels
import LatentTensorGraph

extension Lowering {
  mutating func lowerAttention(_ index: Int, _ settings: AttentionSettings) {
    let operands = nodes[index].operands
    let sizes = settings.sizes(nodes[operands[0]].shape, nodes[operands[1]].shape)
    plan.steps.append(
      AttentionStep(
        node: index, settings: settings, sizes: sizes, operands: operands.prefix(3).map { rows(of: $0) },
        mask: settings.isMasked ? view(of: operands[3]) : nil,
        results: results(of: index, [sizes.query, sizes.logSumExp]), gradient: nil, threads: threadCount(for: sizes)))
  }

  mutating func lowerAttentionGradient(_ index: Int, _ settings: AttentionSettings) {
    let operands = nodes[index].operands
    let sizes = settings.sizes(nodes[operands[0]].shape, nodes[operands[1]].shape)
    let (output, logSumExp, cotangent) = (operands.count - 3, operands.count - 2, operands.count - 1)
    plan.steps.append(
      AttentionStep(
        node: index, settings: settings, sizes: sizes,
        operands: [0, 1, 2, output, cotangent].map { rows(of: operands[$0]) },
        mask: settings.isMasked ? view(of: operands[3]) : nil,
        results: results(of: index, [sizes.query, sizes.key, sizes.key]),
        gradient: location(of: operands[logSumExp]), threads: threadCount(for: sizes)))
  }

  /// A view whose last dimension has no gaps, which the kernels read where it lies; others are copied.
  private mutating func rows(of index: Int) -> StorageView {
    let view = view(of: index)
    return view.strides[3] == 1 || view.sizes[3] <= 1 ? view : copy(view, of: index)
  }

  /// Buffers for all results, whether somebody reads them or not.
  private mutating func results(of index: Int, _ shapes: [Shape]) -> [Int] {
    var places: [Int: Int] = [:]
    for user in nodes.indices where program.isLive[user] && nodes[user].operands == [index] {
      if case .result(let number) = nodes[user].operation { places[number] = newBuffer(for: user) }
    }
    return shapes.enumerated().map { places[$0] ?? newBuffer($1, .float32) }
  }

  private func threadCount(for sizes: AttentionSizes) -> Int {
    sizes.scores.elementCount * sizes.features < 4 * parallelThreshold ? 1 : threads
  }
}

/// Attention in blocks, or its gradient.
struct AttentionStep: PlannedStep {
  let node: Int
  let settings: AttentionSettings
  let sizes: AttentionSizes
  /// Query, key, and value; for the gradient the output and its cotangent too.
  let operands: [StorageView]
  let mask: StorageView?
  /// Output and log-sum-exp, or the three gradients.
  let results: [Int]
  /// For the gradient the log-sum-exp.
  let gradient: BufferLocation?
  let threads: Int

  var reads: [Int] { (operands + (mask.map { [$0] } ?? [])).map(\.buffer) + (gradient.map { [$0.buffer] } ?? []) }
  var writes: [Int] { results }
  var label: String {
    let heads = sizes.queryHeads == sizes.keyHeads ? "\(sizes.keyHeads)" : "\(sizes.queryHeads)/\(sizes.keyHeads)"
    return "attention\(gradient == nil ? "" : " gradient") \(settings.isCausal ? "causal " : "")"
      + "[\(sizes.batches), \(sizes.queries) to \(sizes.keys), \(heads), \(sizes.features)]"
  }
  /// Products of queries and keys, and of weights and values; backwards the former again and four more. Of a causal square half.
  var flop: Int {
    let products = gradient == nil ? 2 : 5
    let all = 2 * products * sizes.scores.elementCount * sizes.features
    return settings.isCausal && sizes.queries == sizes.keys ? all / 2 : all
  }

  func bind(_ memory: PlanMemory) -> any Step { AttentionRun(self, memory) }
}

private final class AttentionRun: Step {
  private let step: AttentionStep
  private let operands: [OperandAddress]
  private let mask: OperandAddress?
  private let results: [OperandAddress]
  private let logSumExp: OperandAddress?
  private let call: UnsafeMutablePointer<latent_attention_gradient>
  private var scratch: UnsafeMutablePointer<Float>?

  init(_ step: AttentionStep, _ memory: PlanMemory) {
    self.step = step
    func address(_ view: StorageView) -> OperandAddress {
      OperandAddress(BufferLocation(buffer: view.buffer, byteOffset: view.offset * 4), memory)
    }
    operands = step.operands.map(address)
    mask = step.mask.map(address)
    results = step.results.map { OperandAddress($0, memory) }
    logSumExp = step.gradient.map { OperandAddress($0, memory) }
    call = .allocate(capacity: 1)
    call.initialize(to: latent_attention_gradient())
    setSizes()
  }

  deinit { call.deallocate() }

  var scratchByteCount: Int {
    let threads = Int32(step.threads)
    let forward = latent_attention_scratch_size(&call.pointee.attention, threads)
    return 4 * (step.gradient == nil ? forward : latent_attention_gradient_scratch_size(call, threads))
  }

  func lendScratch(_ memory: UnsafeMutableRawPointer) { scratch = memory.assumingMemoryBound(to: Float.self) }

  /// Everything but the addresses.
  private func setSizes() {
    let sizes = step.sizes
    call.pointee.attention.batches = sizes.batches
    call.pointee.attention.query_heads = sizes.queryHeads
    call.pointee.attention.key_heads = sizes.keyHeads
    call.pointee.attention.queries = sizes.queries
    call.pointee.attention.keys = sizes.keys
    call.pointee.attention.features = sizes.features
    call.pointee.attention.scale = Float(step.settings.scale)
    call.pointee.attention.is_causal = step.settings.isCausal ? 1 : 0
    call.pointee.attention.query = operand(0)
    call.pointee.attention.key = operand(1)
    call.pointee.attention.value = operand(2)
    if let strides = step.mask?.strides {
      call.pointee.attention.mask = latent_attention_mask(
        base: nil, batch: strides[0], head: strides[1], query: strides[2], key: strides[3])
    }
    guard step.gradient != nil else {
      call.pointee.attention.output = result(sizes.query.rowMajorStrides)
      return
    }
    call.pointee.attention.output = result(step.operands[3].strides)
    call.pointee.cotangent = operand(4)
    call.pointee.query = result(sizes.query.rowMajorStrides)
    call.pointee.key = result(sizes.key.rowMajorStrides)
    call.pointee.value = call.pointee.key
  }

  private func operand(_ place: Int) -> latent_attention_operand {
    let strides = step.operands[place].strides
    return latent_attention_operand(base: nil, batch: strides[0], position: strides[1], head: strides[2])
  }

  private func result(_ strides: [Int]) -> latent_attention_result {
    latent_attention_result(base: nil, batch: strides[0], position: strides[1], head: strides[2])
  }

  func run() {
    call.pointee.attention.query.base = operands[0].lanes()
    call.pointee.attention.key.base = operands[1].lanes()
    call.pointee.attention.value.base = operands[2].lanes()
    if let mask { call.pointee.attention.mask.base = mask.lanes() }
    let threads = Int32(step.threads)
    guard let logSumExp else {
      call.pointee.attention.output.base = results[0].lanes()
      call.pointee.attention.log_sum_exp = results[1].lanes()
      return latent_attention_run(&call.pointee.attention, scratch, threads)
    }
    call.pointee.attention.output.base = operands[3].lanes()
    call.pointee.attention.log_sum_exp = logSumExp.lanes()
    call.pointee.cotangent.base = operands[4].lanes()
    call.pointee.query.base = results[0].lanes()
    call.pointee.key.base = results[1].lanes()
    call.pointee.value.base = results[2].lanes()
    latent_attention_gradient_run(call, scratch, threads)
  }
}
