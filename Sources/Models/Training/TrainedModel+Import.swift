import Foundation
import LatentDiagnostics
import LatentExecution
import LatentFileFormats
import LatentTensorGraph

extension TrainedModel {
  /// Takes weights from a safetensors or `.npz` file.
  ///
  /// A weight whose name in the file ends in `weight` and that multiplies its input here is taken for one of PyTorch's, whose outputs come
  /// first, and is turned: [outputs, inputs] to [inputs, outputs], [outputs, inputs, height, width] to [height, width, inputs,
  /// outputs].
  ///
  /// - Parameter names: the name in the file of each variable of the model; `nil` where they are our own, of every variable. Variables
  ///   that are not named keep their values.
  /// - Returns: the names of the variables that were set.
  /// - Throws: `LatentError` for a file that cannot be read, a name that neither side has, or an array of another shape; then nothing is
  ///   changed.
  @discardableResult
  public func importWeights(from path: String, names: [String: String]? = nil) throws -> [String] {
    guard let archive = try ArrayArchive(path: path) else {
      throw LatentError.failure(
        "\(path) holds no named arrays", remedy: "Give a safetensors file, or an .npz archive of arrays")
    }
    let variables = Dictionary(uniqueKeysWithValues: model.variables.map { ($0.name, $0) })
    let wanted = names ?? variables.keys.reduce(into: [:]) { $0[$1] = $1 }
    var values: [(Variable, HostTensor)] = []
    for (name, source) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let variable = variables[name] else {
        let nearest = nearestName(to: name, among: variables.keys.sorted())
        throw LatentError.usage(
          "The model has no weight \(name)",
          remedy: nearest.map { "Did you mean \($0)?" } ?? "It has "
            + variables.keys.sorted().joined(separator: ", "))
      }
      guard archive.names.contains(source) else {
        let nearest = nearestName(to: source, among: archive.names)
        throw LatentError.usage(
          "\(path) has no array \(source)" + (names == nil ? "" : ", which \(name) is to be"),
          remedy: nearest.map { "Did you mean \($0)?" } ?? "Give --names a map from the model's names to the file's")
      }
      var array = try archive.read(source)
      if source.hasSuffix("weight"), variable.isLinearMap {
        if array.shape.count == 2 { array = try array.transposed([1, 0]) }
        if array.shape.count == 4 { array = try array.transposed([2, 3, 1, 0]) }
      }
      guard array.shape == variable.shape.dimensions else {
        throw LatentError.usage(
          "\(source) in \(path) has shape \(array.shape) (in our order), but \(name) has \(variable.shape)",
          remedy: "Set the model's widths as those of the file, or map \(name) to another array")
      }
      let floats = array.floats()
      guard floats.allSatisfy(\.isFinite) else {
        throw LatentError.failure(
          "\(source) in \(path) has values that are not finite numbers", remedy: "Export the weights again")
      }
      values.append((variable, HostTensor(floats.map(Double.init), shape: variable.shape, type: variable.type)))
    }
    for (variable, value) in values {
      try store.set(variable, to: value)
      if let average = averages[variable] { try store.set(average, to: value) }
    }
    return values.map(\.0.name)
  }
}
