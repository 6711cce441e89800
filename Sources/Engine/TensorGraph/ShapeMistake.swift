import LatentDiagnostics

/// Stops with a sentence that names the operation, the shapes, and where in the model and in the code it happened.
///
/// - Parameter file: where the operation was called; `nil` for operators, which are not told.
func shapeMistake(
  _ operation: String, _ operands: [Tensor], _ expectation: String, file: StaticString?, line: UInt
) -> Never {
  let shapes = operands.map { "\($0.type) \($0.shape)" }.joined(separator: " and ")
  let scope = operands.last.map { $0.graph.scopes[$0.index] } ?? ""
  stop("\(operation) of \(shapes)\(scope.isEmpty ? "" : " in \(scope)"): \(expectation)", file: file, line: line)
}
