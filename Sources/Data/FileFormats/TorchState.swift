import Foundation
import LatentDiagnostics

/// A state dictionary as `torch.save` writes it: a zip archive of a pickle that names the tensors, and their bytes.
///
/// `torch.load` reads it with `weights_only=True`: it names no function but those that rebuild tensors.
///
/// Source: PyTorch 2, `torch/serialization.py`; Python's `pickletools` for the codes of the pickle.
package enum TorchState {
  /// The bytes of a file.
  ///
  /// - Throws: A `LatentError` for a type that has no storage there.
  package static func encode(_ tensors: [(name: String, array: NumericArray)]) throws -> Data {
    var archive = ZipWriter()
    var pickle = Pickle()
    pickle.begin()
    for (index, tensor) in tensors.enumerated() {
      guard let storage = storage(tensor.array.type) else {
        throw LatentError.failure(
          "\(tensor.name) is \(tensor.array.type.rawValue), which is not written for PyTorch",
          remedy: "Use --format safetensors")
      }
      pickle.append(tensor.name, storage: storage, key: "\(index)", tensor.array)
    }
    archive.add("archive/data.pkl", pickle.finished())
    archive.add("archive/byteorder", Data("little".utf8))
    for (index, tensor) in tensors.enumerated() { archive.add("archive/data/\(index)", tensor.array.bytes) }
    archive.add("archive/version", Data("3\n".utf8))
    return archive.finished()
  }

  private static func storage(_ type: DataType) -> String? {
    switch type {
    case .float32: "FloatStorage"
    case .float64: "DoubleStorage"
    case .int32: "IntStorage"
    case .int64: "LongStorage"
    case .uint8: "ByteStorage"
    case .bool: "BoolStorage"
    case .bfloat16: "BFloat16Storage"
    }
  }

  /// Codes of a pickle of protocol 2 that builds an ordered dictionary.
  private struct Pickle {
    private var data = Data([0x80, 2])

    /// An empty `collections.OrderedDict`, and a mark for its items.
    mutating func begin() {
      global("collections", "OrderedDict")
      data.append(contentsOf: Array(")R(".utf8))
    }

    /// `torch._utils._rebuild_tensor_v2(storage, 0, size, strides, False, OrderedDict())` under a name.
    mutating func append(_ name: String, storage: String, key: String, _ array: NumericArray) {
      text(name)
      global("torch._utils", "_rebuild_tensor_v2")
      data.append(contentsOf: Array("((".utf8))
      text("storage")
      global("torch", storage)
      text(key)
      text("cpu")
      integer(array.count)
      data.append(contentsOf: Array("tQ".utf8))
      integer(0)
      let strides = array.shape.indices.map { array.shape[($0 + 1)...].reduce(1, *) }
      for numbers in [array.shape, strides] {
        data.append(UInt8(ascii: "("))
        for number in numbers { integer(number) }
        data.append(UInt8(ascii: "t"))
      }
      data.append(0x89)
      global("collections", "OrderedDict")
      data.append(contentsOf: Array(")RtR".utf8))
    }

    /// The items go into the dictionary.
    func finished() -> Data { data + Data("u.".utf8) }

    private mutating func global(_ module: String, _ name: String) {
      data.append(contentsOf: Array("c\(module)\n\(name)\n".utf8))
    }

    private mutating func text(_ text: String) {
      let bytes = Array(text.utf8)
      data.append(UInt8(ascii: "X"))
      data.append(withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Data($0) })
      data.append(contentsOf: bytes)
    }

    private mutating func integer(_ value: Int) {
      // Eight bytes of a long number, whatever its size.
      data.append(contentsOf: [0x8A, 8])
      data.append(withUnsafeBytes(of: Int64(value).littleEndian) { Data($0) })
    }
  }
}
