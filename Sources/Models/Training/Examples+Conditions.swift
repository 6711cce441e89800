import LatentDatasets
import LatentDiagnostics
import LatentVariationalAutoencoders

extension Examples {
  /// What the examples at some indices are conditioned on, one row after another: labels as rows with a 1 in the class's
  /// place, attributes as they are.
  ///
  /// The data must have what the condition asks for (see `Condition.completed`).
  func conditions(_ condition: Condition, _ indices: some Collection<Int>) -> [Float] {
    let width = condition.size
    switch condition.kind {
    case .none: return []
    case .label:
      var rows = [Float](repeating: 0, count: indices.count * width)
      for (row, index) in indices.enumerated() {
        guard let label = labels?[index], label < width else { continue }
        rows[row * width + Int(label)] = 1
      }
      return rows
    case .vector: return attributes.map { $0.rows(indices) } ?? []
    }
  }
}

extension Examples.Attributes {
  fileprivate func rows(_ indices: some Collection<Int>) -> [Float] {
    indices.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
  }
}

extension Condition {
  /// The condition with the size that the data have.
  ///
  /// - Throws: `LatentError` when the data lack labels or attributes, or have others than the condition says.
  func completed(for examples: Examples) throws -> Condition {
    guard kind != .none else { return self }
    let found = kind == .label ? examples.classCount : examples.attributes?.width
    guard let found else {
      throw LatentError.usage(
        "The model is conditioned on a \(kind.rawValue), but the data have no \(kind == .label ? "labels" : "attributes")",
        remedy: kind == .label
          ? "Give data with labels (train-labels.npy beside train.npy), or set model.condition.kind=none"
          : "Give data with attributes (train-attributes.npy beside train.npy), or set model.condition.kind=none")
    }
    guard size == 0 || size == found || (kind == .label && found <= size) else {
      throw LatentError.usage(
        "The model is conditioned on \(size) numbers, but the data have \(found)",
        remedy: "Set model.condition.size=\(found), or give data like those the model was trained on")
    }
    var result = self
    result.size = max(size, found)
    return result
  }
}
