import LatentDiagnostics
import LatentTensorGraph

/// The results of a loop: its body, interpreted once for each step.
func scanned(_ scan: Scan, _ operands: [ReferenceArray]) -> [ReferenceArray] {
  let body = scan.body
  let isLive = body.nodes.map { _ in true }
  var carried = Array(operands.prefix(body.carriedCount))
  let outputs = body.results.indices.dropFirst(body.carriedCount)
  var stacks = outputs.map { [Double](repeating: 0, count: scan.shape(ofResult: $0).elementCount) }
  for step in scan.steps {
    let values = interpret(body.nodes, isLive) { node in
      guard case .parameter(let parameter) = node.operation else { return nil }
      switch parameter {
      case .carried(let number): return carried[number].elements
      case .capture: return operands[scan.operand(of: parameter)].elements
      case .sequence:
        let size = node.shape.elementCount
        return Array(operands[scan.operand(of: parameter)].elements[(step * size)..<((step + 1) * size)])
      }
    }
    let results = body.results.map { values[$0] ?? ReferenceArray(.scalar, [0]) }
    carried = Array(results.prefix(body.carriedCount))
    for (place, result) in results.dropFirst(body.carriedCount).enumerated() {
      let size = result.elements.count
      stacks[place].replaceSubrange((step * size)..<((step + 1) * size), with: result.elements)
    }
  }
  return carried + zip(outputs, stacks).map { ReferenceArray(scan.shape(ofResult: $0), $1) }
}
