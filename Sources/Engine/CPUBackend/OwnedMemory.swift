import LatentDiagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Memory that is freed together.
final class OwnedMemory {
  private var pointers: [UnsafeMutableRawPointer] = []

  deinit {
    for pointer in pointers { free(pointer) }
  }

  /// Zeroed memory.
  func allocate(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    let size = max(MemoryPlan.alignment, byteCount)
    guard posix_memalign(&pointer, MemoryPlan.alignment, size) == 0, let pointer else {
      throw LatentError.failure(
        "There is no memory for the \(byteCount) bytes that the program needs",
        remedy: "Use a smaller batch or a smaller model")
    }
    memset(pointer, 0, size)
    pointers.append(pointer)
    return pointer
  }

  /// Memory that holds a copy of bytes.
  func allocate(_ bytes: [UInt8]) throws -> UnsafeMutableRawPointer {
    let pointer = try allocate(bytes.count)
    pointer.copyMemory(from: bytes, byteCount: bytes.count)
    return pointer
  }

  /// A cell that holds an address.
  func cell(_ address: UnsafeMutableRawPointer) throws -> UnsafeMutablePointer<UnsafeMutableRawPointer> {
    let cell = try allocate(MemoryLayout<UnsafeMutableRawPointer>.size)
      .bindMemory(to: UnsafeMutableRawPointer.self, capacity: 1)
    cell.initialize(to: address)
    return cell
  }
}
