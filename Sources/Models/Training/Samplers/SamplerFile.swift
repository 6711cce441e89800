import LatentDatasets
import LatentDiagnostics
import LatentExecution
import LatentFileFormats
import Foundation
import LatentTensorGraph

/// What is kept of a sampler: named arrays, and texts that say what they are.
public struct SamplerFile {
  static let format = "latent-sampler-1"

  /// The metadata's keys.
  private enum Key {
    static let format = "format"
    static let kind = "sampler"
    static let weights = "weights"
    static let shape = "shape"
    static let digest = "digest"
  }

  /// What it holds.
  let kind: String
  /// Where it was read from.
  private let path: String
  private let contents: Safetensors

  /// Reads a file and checks that it is whole.
  ///
  /// - Throws: `LatentError` that names the file when it is missing, damaged, or of another kind.
  package init(path: String, kind: String) throws {
    self.path = path
    self.kind = kind
    do {
      contents = try Safetensors.read(contentsOf: path)
    } catch let error as LatentError {
      throw LatentError.failure(error.problem, remedy: Self.remedy)
    }
    guard contents.metadata[Key.format] == Self.format, contents.metadata[Key.kind] == kind else {
      throw damage("it does not hold a sampler \(kind) of the format \(Self.format)")
    }
    guard contents.metadata[Key.digest] == Self.digest(contents.tensors, contents.metadata) else {
      throw damage("its contents have been changed")
    }
  }

  /// What identifies the weights that its codes came from.
  var weights: String? { contents.metadata[Key.weights] }

  /// Writes a sampler under a temporary name, then renames it.
  ///
  /// - Parameters:
  ///   - path: the file, in a folder that exists.
  ///   - weights: what identifies the weights that made the codes; see `RunSamplers`.
  /// - Throws: `LatentError` when the file cannot be written.
  package static func write(_ sampler: any FittedSampler, weights: String, to path: String) throws {
    let encoder = JSONEncoder()
    let contents = try sampler.contents()
    encoder.outputFormatting = .sortedKeys
    var metadata = [
      Key.format: format, Key.kind: sampler.family.kind, Key.weights: weights,
      Key.shape: String(decoding: try encoder.encode(contents.shape), as: UTF8.self),
    ]
    metadata[Key.digest] = digest(contents.arrays, metadata)
    try Safetensors(tensors: contents.arrays, metadata: metadata).write(to: path)
  }

  /// What the arrays are the parameters of.
  public func shape<Shape: Decodable>(_: Shape.Type) throws -> Shape {
    let text = contents.metadata[Key.shape] ?? ""
    guard let shape = try? JSONDecoder().decode(Shape.self, from: Data(text.utf8)) else {
      throw damage("it does not say what its arrays are")
    }
    return shape
  }

  /// An array of a shape.
  public func array(_ name: String, shape: [Int], type: DataType) throws -> NumericArray {
    guard let array = contents[name], array.shape == shape, array.type == type else {
      throw damage("it has no \(name) of shape \(shape)")
    }
    return array
  }

  /// An array of float32.
  public func floats(_ name: String, shape: [Int]) throws -> [Float] {
    try array(name, shape: shape, type: .float32).floats()
  }

  /// Puts the values of float32 variables into a store.
  public func restore(_ variables: [Variable], into store: VariableStore) throws {
    for variable in variables {
      let values = try floats(variable.name, shape: variable.shape.dimensions)
      try store.set(variable, to: HostTensor(values, shape: variable.shape))
    }
  }

  /// The error for a file that is not what it should be.
  public func damage(_ reason: String) -> LatentError {
    .failure("\(path) is not a sound sampler: \(reason)", remedy: Self.remedy)
  }

  private static let remedy = "Give --refit to fit the sampler again"

  private static func digest(
    _ tensors: [(name: String, array: NumericArray)], _ metadata: [String: String]
  ) -> String {
    var digest = SHA256()
    let texts = metadata.filter { $0.key != Key.digest }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    Data(texts.joined(separator: "\n").utf8).withUnsafeBytes { digest.update($0) }
    for (name, array) in tensors {
      Data(name.utf8).withUnsafeBytes { digest.update($0) }
      array.bytes.withUnsafeBytes { digest.update($0) }
    }
    return digest.hexDigest()
  }
}

extension VariableStore {
  /// The values of float32 variables, as a sampler's file holds them.
  public func arrays(of variables: [Variable]) throws -> [(name: String, array: NumericArray)] {
    try variables.map { variable in
      (variable.name, NumericArray(floats: try value(of: variable).floats, shape: variable.shape.dimensions))
    }
  }
}
