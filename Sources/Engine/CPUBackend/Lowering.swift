import LatentDiagnostics
import LatentTensorGraph

/// A buffer of a plan before it has an address.
struct PlannedBuffer {
  enum Place {
    /// In the arena, which buffers share whose lives do not overlap.
    case arena
    /// The program's input of that number, or the random state when there is no number.
    case input(Int?)
    case variable(Variable)
    case constant([UInt8])
    /// In the body of a loop: what the step is given, which moves from step to step.
    case parameter(ScanParameter)
    /// In the body of a loop: the place of a result, by its number among the outputs, which moves from step to step.
    case result(Int)
  }

  var byteCount: Int
  var type: ElementType
  var place: Place
}

/// Everything needed to run a program but the memory.
struct Plan: Sendable {
  var buffers: [PlannedBuffer] = []
  var steps: [any PlannedStep] = []
  /// The buffer of each output of the program.
  var outputs: [Int] = []
  /// For a buffer that is written where another is read for the last time, that other one, which has a lower number.
  var takeovers: [Int: Int] = [:]
  /// Steps that depend on variables alone, in a program that assigns none: they run again only when variables change.
  var settled: Set<Int> = []
}

/// Turns a program into a plan: one cluster of nodes after the other becomes a step, or a view that costs nothing.
struct Lowering {
  let program: Program
  let threads: Int
  var plan = Plan()
  let fuses: Bool
  private let fusion: FusionPlan
  private var views: [Int: StorageView] = [:]
  private var leaves: [PlannedLeaf: Int] = [:]
  /// Whether something outside a node's cluster needs its value.
  private var isStored: [Bool]

  /// What makes two leaves share a buffer.
  private enum PlannedLeaf: Hashable {
    case node(Int)
    case constant(ElementType, [UInt8])
  }

  var nodes: [Node] { program.nodes }

  private init(_ program: Program, threads: Int, fuses: Bool) {
    self.program = program
    self.threads = threads
    self.fuses = fuses
    fusion = FusionPlan(program, fuses: fuses)
    isStored = [Bool](repeating: false, count: program.nodes.count)
    for root in program.outputs + program.assignments.map(\.value) { isStored[root.index] = true }
    for (index, node) in nodes.enumerated() where program.isLive[index] {
      for operand in node.operands where fusion.clusterOf[operand] != fusion.clusterOf[index] {
        isStored[operand] = true
      }
    }
  }

  /// Lowers the whole program.
  ///
  /// - Parameter fuses: whether element-wise operations are joined into loops.
  /// - Throws: `LatentError` when an element type is not to be had on this processor.
  static func plan(_ program: Program, threads: Int, fuses: Bool = true, carrying carriedCount: Int? = nil) throws
    -> Plan
  {
    var lowering = Lowering(program, threads: threads, fuses: fuses)
    try lowering.checkElementTypes()
    for cluster in lowering.fusion.clusters { try lowering.lower(cluster) }
    lowering.plan.outputs = program.outputs.map { lowering.outputBuffer($0.index) }
    lowering.lowerAssignments()
    if let carriedCount {
      lowering.placeResults(carriedCount)
    } else if program.assignments.isEmpty {
      lowering.plan.settle()
    }
    lowering.plan.reuseInPlace()
    if fuses { lowering.plan.joinSweeps() }
    return lowering.plan
  }

  /// Gives the results of a loop's body their places, which move from step to step.
  ///
  /// What is carried may lie in the place of an output, but every output has one of its own: one that is the same as another
  /// under a second shape is copied.
  private mutating func placeResults(_ carriedCount: Int) {
    var stacked: Set<Int> = []
    for (number, output) in program.outputs.enumerated() {
      if number >= carriedCount, !stacked.insert(plan.outputs[number]).inserted {
        plan.outputs[number] = copy(view(of: output.index), of: output.index).buffer
      }
      plan.buffers[plan.outputs[number]].place = .result(number)
    }
  }

  // MARK: Buffers and views

  mutating func newBuffer(_ shape: Shape, _ type: ElementType) -> Int {
    plan.buffers.append(
      PlannedBuffer(byteCount: shape.elementCount * type.byteCount, type: type, place: .arena))
    return plan.buffers.count - 1
  }

  /// A new buffer that holds the whole of a node.
  mutating func newBuffer(for index: Int) -> Int {
    let buffer = newBuffer(nodes[index].shape, nodes[index].type)
    views[index] = StorageView(buffer: buffer, shape: nodes[index].shape)
    return buffer
  }

  mutating func setView(_ index: Int, _ view: StorageView) { views[index] = view }

  /// Where a node's elements lie; its step or view has been lowered, or it is a leaf.
  mutating func view(of index: Int) -> StorageView {
    if let view = views[index] { return view }
    let node = nodes[index]
    let place: PlannedBuffer.Place
    var key = PlannedLeaf.node(index)
    var isSplat = false
    switch node.operation {
    case .input(let name):
      place = .input(name == Graph.randomStateName ? nil : program.inputs.firstIndex { $0.index == index })
    case .variable(let variable):
      place = .variable(variable)
    case .parameter(let parameter):
      place = .parameter(parameter)
    case .constant(let values):
      let bytes = constantBytes(values, node.type)
      isSplat = values.count == 1
      key = .constant(node.type, bytes)
      place = .constant(bytes)
    default:
      stop("\(program.describe(index)) is used before it is computed")
    }
    let buffer = leaves[key] ?? plan.buffers.count
    if buffer == plan.buffers.count {
      leaves[key] = buffer
      let count = isSplat ? 1 : node.shape.elementCount
      plan.buffers.append(PlannedBuffer(byteCount: count * node.type.byteCount, type: node.type, place: place))
    }
    var view = StorageView(buffer: buffer, shape: node.shape)
    if isSplat { view.strides = node.shape.dimensions.map { _ in 0 } }
    views[index] = view
    return view
  }

  /// Where a node's elements lie in row-major order without gaps, copied there if need be.
  mutating func location(of index: Int) -> BufferLocation {
    var view = view(of: index)
    if !view.isContiguous { view = copy(view, of: index) }
    return BufferLocation(buffer: view.buffer, byteOffset: view.offset * nodes[index].type.byteCount)
  }

  /// Copies a view of a node's type into a buffer of its own.
  mutating func copy(_ view: StorageView, of index: Int, to buffer: Int? = nil) -> StorageView {
    let shape = Shape(view.sizes)
    let target = StorageView(buffer: buffer ?? newBuffer(shape, nodes[index].type), shape: shape)
    move(view, to: target, of: index)
    return target
  }

  /// A step that copies elements between two views of one shape.
  mutating func move(_ source: StorageView, to target: StorageView, of index: Int) {
    var builder = TileBuilder(nodes: nodes, cluster: [index], shape: Shape(source.sizes), reducing: [])
    builder.load(index, from: source, type: nodes[index].type)
    builder.store(index, to: target, type: nodes[index].type)
    plan.steps.append(builder.finished(threads: threads))
  }

  // MARK: Clusters

  private mutating func lower(_ cluster: [Int]) throws {
    guard let first = cluster.first else { return }
    switch FusionRole(nodes[first]) {
    case .elementwise, .reduction: lowerFused(cluster)
    case .opaque: try lowerOpaque(first, epilogue: Array(cluster.dropFirst()))
    case .leaf: break
    }
  }

  private mutating func lowerFused(_ cluster: [Int]) {
    var shape = nodes[cluster[0]].shape
    var reduced: [Int] = []
    for index in cluster {
      if case .reduce(_, let dimensions) = nodes[index].operation {
        reduced = dimensions
        shape = nodes[nodes[index].operands[0]].shape
      }
    }
    let (rows, tail) = IterationSpace.parts(ofReduced: reduced, shape)
    var builder = TileBuilder(nodes: nodes, cluster: cluster, shape: shape, reducing: rows)
    var unfinished: [(node: Int, reduction: Reduction, buffer: Int)] = []
    for index in cluster {
      let node = nodes[index]
      for operand in node.operands where fusion.clusterOf[operand] != fusion.clusterOf[index] {
        builder.load(operand, from: view(of: operand), type: nodes[operand].type)
      }
      if case .reduce(let reduction, _) = node.operation {
        if tail.isEmpty {
          builder.fold(node.operands[0], reduction, type: node.type, to: newBuffer(for: index))
        } else {
          let buffer = newBuffer(shape.removing(rows), node.type.lane)
          builder.fold(node.operands[0], reduction, type: node.type.lane, to: buffer)
          unfinished.append((index, reduction, buffer))
        }
      } else {
        builder.compute(index)
      }
    }
    for index in cluster where isStored[index] && FusionRole(nodes[index]) == .elementwise {
      let buffer = newBuffer(for: index)
      builder.store(index, to: StorageView(buffer: buffer, shape: shape), type: nodes[index].type)
    }
    plan.steps.append(builder.finished(threads: threads))
    for (index, reduction, buffer) in unfinished {
      let left = (0..<shape.rank).filter { !rows.contains($0) }
      let shape = shape.removing(rows)
      var builder = TileBuilder(
        nodes: nodes, cluster: [index], shape: shape, reducing: tail.compactMap { left.firstIndex(of: $0) })
      builder.load(index, from: StorageView(buffer: buffer, shape: shape), type: nodes[index].type.lane)
      builder.fold(index, reduction, type: nodes[index].type, to: newBuffer(for: index))
      plan.steps.append(builder.finished(threads: threads))
    }
  }

  /// Elsewhere than on chips made for it, oneDNN falls back to code a hundred times slower.
  private func checkPrecision(_ index: Int) throws {
    guard nodes[nodes[index].operands[0]].type == .bfloat16, !CPUBackend.hasBFloat16 else { return }
    throw LatentError.usage(
      "This processor does not multiply bfloat16 matrices (it lacks AVX-512 BF16)", remedy: "Use --precision f32")
  }

  private func checkElementTypes() throws {
    for index in nodes.indices where program.isLive[index] {
      if case .dot = nodes[index].operation { try checkPrecision(index) }
      if case .convolution = nodes[index].operation { try checkPrecision(index) }
      switch nodes[index].type {
      case .float32, .int32, .bool, .bfloat16: break
      case .float64:
        throw LatentError.failure(
          "The CPU back end does not compute in float64 (\(program.describe(index)))",
          remedy: "Use float32, or the reference back end")
      }
    }
  }
}
