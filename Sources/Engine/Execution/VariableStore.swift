import LatentDiagnostics
import LatentRandomness
import LatentTensorGraph

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The values of variables, shared by all programs that read and update them.
///
/// A value comes into being, by its initialiser, when it is first asked for; random initial values depend on the seed and
/// the variable's name alone. The memory of a value never moves. Not to be used from two threads at once, unless it is
/// frozen.
public final class VariableStore {
  /// The seed of the initial values.
  public let seed: UInt64

  /// Grows whenever a value may have changed; what was computed from values of the same version is still right.
  package private(set) var version = 0

  private var storage: [Variable: UnsafeMutableRawBufferPointer] = [:]
  private var names: [String: Variable] = [:]
  private var order: [Variable] = []
  private let companions = Guarded<[ObjectIdentifier: any AnyObject & Sendable]>([:])

  /// Whether no value can change any more, nor any variable be added.
  public private(set) var isFrozen = false

  /// Creates a store without values.
  public init(seed: UInt64) { self.seed = seed }

  deinit {
    for buffer in storage.values { free(buffer.baseAddress) }
  }

  /// The variables that have values, in the order in which they were first asked for.
  public var variables: [Variable] { order }

  /// Something that a back end keeps for the programs over these variables, made when it is first asked for; it goes when
  /// the store goes.
  package func companion<Companion: AnyObject & Sendable>(_ make: () -> Companion) -> Companion {
    companions.withLock { companions in
      if let known = companions[ObjectIdentifier(Companion.self)] as? Companion { return known }
      let new = make()
      companions[ObjectIdentifier(Companion.self)] = new
      return new
    }
  }

  /// Refuses all changes from now on, so that several threads can read the values at once.
  package func freeze() { isFrozen = true }

  /// Refuses programs that assign to variables whose values cannot change any more.
  ///
  /// - Throws: `LatentError` that names one.
  package func checkAssignments(of program: Program) throws {
    guard isFrozen, let assignment = program.assignments.first else { return }
    throw frozen(assignment.variable)
  }

  private func frozen(_ variable: Variable) -> LatentError {
    .usage(
      "\(variable) cannot be changed, nor made, because the values of its model are frozen",
      remedy: "Train the model that was frozen, and freeze it again")
  }

  /// The memory of a variable's value, aligned to 64 bytes.
  ///
  /// - Throws: `LatentError` when there is no memory for it, or another variable here has its name.
  package func buffer(of variable: Variable) throws -> UnsafeMutableRawBufferPointer {
    if let buffer = storage[variable] { return buffer }
    if case .copy(let original) = variable.initializer {
      require(
        original.shape == variable.shape && original.type == variable.type, "\(variable) cannot begin as \(original)")
      let value = try self.buffer(of: original)
      let buffer = try allocate(variable)
      buffer.copyMemory(from: UnsafeRawBufferPointer(value))
      return buffer
    }
    let buffer = try allocate(variable)
    encode(initialValues(of: variable), as: variable.type, into: buffer)
    return buffer
  }

  private func allocate(_ variable: Variable) throws -> UnsafeMutableRawBufferPointer {
    guard !isFrozen else { throw frozen(variable) }
    // Random initial values and checkpoints go by the name.
    guard names[variable.name] == nil else {
      throw LatentError.usage(
        "Two variables are called \(variable.name)", remedy: "Give each variable of a model a name of its own")
    }
    let count = variable.shape.elementCount * variable.type.byteCount
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, 64, max(64, count)) == 0, let pointer else {
      throw LatentError.failure(
        "There is no memory for variable \(variable) (\(count) bytes)", remedy: "Make the model smaller")
    }
    let buffer = UnsafeMutableRawBufferPointer(start: pointer, count: count)
    storage[variable] = buffer
    names[variable.name] = variable
    order.append(variable)
    return buffer
  }

  /// A copy of a variable's value.
  public func value(of variable: Variable) throws -> HostTensor {
    let buffer = try buffer(of: variable)
    return HostTensor(shape: variable.shape, type: variable.type, bytes: Array(buffer))
  }

  /// Whether a variable's value, if it is of float32, has finite numbers alone.
  package func isFinite(_ variable: Variable) throws -> Bool {
    let buffer = try buffer(of: variable)
    return variable.type != .float32 || buffer.bindMemory(to: Float.self).allSatisfy(\.isFinite)
  }

  /// Replaces a variable's value.
  ///
  /// - Throws: `LatentError` when shape or type differ from the variable's.
  public func set(_ variable: Variable, to value: HostTensor) throws {
    guard value.shape == variable.shape, value.type == variable.type else {
      throw LatentError.failure(
        "The value for \(variable.name) is \(value.type) \(value.shape), not \(variable.type) \(variable.shape)",
        remedy: "Use values that were saved from the same model")
    }
    try replace(variable) { $0.copyBytes(from: value.bytes) }
  }

  /// Says that a program has assigned to variables.
  package func noteAssignment() { version += 1 }

  /// Lets a variable's whole value be written, without working out an initial one first.
  package func replace(_ variable: Variable, _ write: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    guard !isFrozen else { throw frozen(variable) }
    version += 1
    try write(storage[variable] ?? allocate(variable))
  }

  private func initialValues(of variable: Variable) -> [Double] {
    let count = variable.shape.elementCount
    switch variable.initializer {
    case .zeros, .copy: return [Double](repeating: 0, count: count)
    case .constant(let value): return [Double](repeating: value, count: count)
    case .values(let values):
      require(values.count == count, "\(values.count) initial values for variable \(variable)")
      return values
    case .uniform(let limit):
      var stream = RandomStream(seed: seed, name: variable.name)
      return (0..<count).map { _ in (2 * stream.nextUniform() - 1) * limit }
    case .normal(let standardDeviation):
      let generator = Philox4x32(seed: seed)
      let stream = streamIdentifier(variable.name)
      var values: [Double] = []
      values.reserveCapacity(count + 3)
      for block in 0..<UInt32((count + 3) / 4) {
        let normals = generator.normals(block, stream: stream, step: 0)
        for lane in 0..<4 { values.append(normals[lane] * standardDeviation) }
      }
      return Array(values.prefix(count))
    }
  }
}
