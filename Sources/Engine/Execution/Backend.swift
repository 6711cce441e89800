import LatentDiagnostics
import LatentTensorGraph

/// Something that can run programs: the CPU, or the interpreter that it is checked against.
///
/// What a program's nodes are is this package's own affair, so that a back end of another package can only wrap one of these.
public protocol Backend: Sendable {
  /// The name by which messages call it.
  var name: String { get }

  /// Prepares a program to run on variables that live in the store.
  ///
  /// - Throws: `LatentError` when the back end cannot run the program here: an element type it does not have, or more
  ///   memory than there is.
  func compile(_ program: Program, state: VariableStore) throws -> any Executable
}

/// A program made ready to run; not to be used from two threads at once.
///
/// A run reads the inputs, updates the variables in place, and leaves the outputs to be read until the next run.
public protocol Executable: AnyObject {
  /// The program it was made from.
  var program: Program { get }

  /// Gives access to the memory of an input, to be filled before a run; it keeps its contents between runs.
  func withInput<Result>(_ index: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result

  /// Lets the runs in the body read an input from other memory, which saves the copy of a large batch.
  ///
  /// A back end that cannot read it there copies it.
  ///
  /// - Throws: `LatentError` when the memory has not the size of the input, and what the body throws.
  func lendInput<Result>(
    _ index: Int, _ memory: UnsafeRawBufferPointer, during body: () throws -> Result
  ) throws -> Result

  /// Gives access to the memory of an output of the latest run.
  func withOutput<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result

  /// Runs the program once. A run that assigns to variables tells the store (`VariableStore.noteAssignment`).
  ///
  /// - Throws: `LatentError` when the device fails.
  func run(_ random: RandomState) throws

  /// Runs the program step by step, without changing any variable, and names the first value that is not finite.
  ///
  /// - Returns: where it was computed, such as `exponential in decoder/hidden0`, or `nil` when all values are finite.
  func firstNonFinite(_ random: RandomState) throws -> String?

  /// Runs the program once and says how long each step took; empty where a back end has no steps of its own.
  func profile(_ random: RandomState) throws -> [StepProfile]
}

/// How long one step of a program took, and what it did in that time.
public struct StepProfile: Hashable, Sendable {
  /// The kind of step and its sizes.
  public var label: String
  /// Where in the model it belongs.
  public var place: String
  /// How long the step took, in seconds of the clock.
  public var seconds: Double
  /// Floating-point operations of matrix products and convolutions.
  public var flop: Int
  /// Bytes of the buffers that it reads and writes.
  public var bytes: Int

  /// Creates the record of one step.
  package init(label: String, place: String, seconds: Double, flop: Int, bytes: Int) {
    self.label = label
    self.place = place
    self.seconds = seconds
    self.flop = flop
    self.bytes = bytes
  }
}

extension Executable {
  /// The default, for back ends that read their own memory alone: copies into the input before the runs in the body.
  public func lendInput<Result>(
    _ index: Int, _ memory: UnsafeRawBufferPointer, during body: () throws -> Result
  ) throws -> Result {
    try checkInput(index, byteCount: memory.count)
    withInput(index) { $0.copyMemory(from: memory) }
    return try body()
  }

  /// Refuses memory that has not the size of an input.
  package func checkInput(_ index: Int, byteCount: Int) throws {
    guard program.inputs.indices.contains(index) else {
      throw LatentError.usage(
        "The program has no input \(index)", remedy: "Give one of its \(program.inputs.count) inputs, from 0")
    }
    let input = program.inputs[index]
    let expected = input.shape.elementCount * input.type.byteCount
    guard byteCount == expected else {
      throw LatentError.usage(
        "Input \(index) of the program is \(input.type) \(input.shape), which takes \(expected) bytes and not \(byteCount)",
        remedy: "Give it values of that shape")
    }
  }

  /// Runs the program on the given inputs and returns its outputs.
  ///
  /// - Throws: `LatentError` when the inputs have not the number, shapes, and types of the program's.
  public func run(_ inputs: [HostTensor], random: RandomState = RandomState(seed: 0)) throws -> [HostTensor] {
    guard inputs.count == program.inputs.count else {
      throw LatentError.usage(
        "The program has \(program.inputs.count) inputs and was given \(inputs.count)",
        remedy: "Give one value for each of program.inputs")
    }
    for (index, input) in inputs.enumerated() {
      let declared = program.inputs[index]
      guard input.shape == declared.shape, input.type == declared.type else {
        throw LatentError.usage(
          "Input \(index) of the program is \(declared.type) \(declared.shape) and was given \(input.type) \(input.shape)",
          remedy: "Give it values of that shape and type")
      }
      withInput(index) { $0.copyBytes(from: input.bytes) }
    }
    try run(random)
    return program.outputs.indices.map(output)
  }

  /// A copy of an output of the latest run.
  public func output(_ index: Int) -> HostTensor {
    let tensor = program.outputs[index]
    return withOutput(index) { HostTensor(shape: tensor.shape, type: tensor.type, bytes: Array($0)) }
  }
}
