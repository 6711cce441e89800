import LatentExecution
import LatentTensorGraph

/// The inputs of a program by their names, looked up once: a program of one example takes ten microseconds.
///
/// Inputs that the outputs do not depend on are not among a program's, and filling them does nothing.
struct NamedInputs {
  private let executable: any Executable
  private let indices: [String: Int]

  init(_ executable: any Executable) {
    self.executable = executable
    let named = executable.program.inputs.enumerated().compactMap { index, input in input.inputName.map { ($0, index) }
    }
    indices = Dictionary(uniqueKeysWithValues: named)
  }

  /// The number of an input, if the program has it.
  subscript(name: String) -> Int? { indices[name] }

  /// Gives access to the memory of an input, if the program has it.
  func fill(_ name: String, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    guard let index = indices[name] else { return }
    try executable.withInput(index) { try body($0.bindMemory(to: Float.self)) }
  }
}
