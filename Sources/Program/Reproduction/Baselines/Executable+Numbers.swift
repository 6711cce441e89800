import LatentExecution

extension Executable {
  /// Gives access to an input by its name, if the program has it.
  func fill(_ name: String, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    guard let index = program.inputs.firstIndex(where: { $0.inputName == name }) else { return }
    try withInput(index) { try body($0.bindMemory(to: Float.self)) }
  }

  /// An output of one number.
  func scalar(_ index: Int) -> Double { withOutput(index) { Double($0.load(as: Float.self)) } }
}
