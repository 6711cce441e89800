import Foundation
import Latent

/// Serves one page to browsers of this machine: HTTP/1.1 on the loopback address, one request after another.
struct PageServer {
  /// Where the page is.
  let address: String
  private let listener: Int32

  /// Listens on a port; 0 for any that is free.
  ///
  /// - Throws: `LatentError` for a port that is taken or not allowed.
  init(port: Int) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure(port) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = UInt16(port).bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, address, &size) == 0
      }
    }
    guard isListening else {
      let error = Self.failure(port)
      close(descriptor)
      throw error
    }
    listener = descriptor
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/"
  }

  private static func failure(_ port: Int) -> LatentError {
    .failure(
      "Port \(port) cannot be listened on (\(String(cString: strerror(errno))))",
      remedy: "Give --port another number, or none for any that is free")
  }

  /// Answers until the program is stopped.
  ///
  /// - Parameter page: makes the page; what it throws is shown in its place.
  func serve(_ page: () throws -> String) {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { continue }
      answer(connection, page)
      close(connection)
    }
  }

  private func answer(_ connection: Int32, _ page: () throws -> String) {
    // A browser that opens a connection and says nothing does not keep others waiting for long.
    var patience = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var request = [UInt8](repeating: 0, count: 4096)
    let count = recv(connection, &request, request.count, 0)
    guard count > 0 else { return }
    let words = String(decoding: request[..<count], as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == "GET" || words[0] == "HEAD" else {
      return send(connection, "405 Method Not Allowed", "text/plain", "This page is read with GET.\n")
    }
    guard ["/", "/index.html"].contains(words[1].split(separator: "?").first.map(String.init) ?? "/") else {
      return send(connection, "404 Not Found", "text/plain", "There is one page here: \(address)\n")
    }
    do {
      send(connection, "200 OK", "text/html; charset=utf-8", try page(), withBody: words[0] == "GET")
    } catch {
      send(connection, "500 Internal Server Error", "text/plain; charset=utf-8", "\(error)\n")
    }
  }

  private func send(_ connection: Int32, _ status: String, _ type: String, _ body: String, withBody: Bool = true) {
    let head =
      "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nCache-Control: no-store\r\n"
      + "Connection: close\r\n\r\n"
    var rest = Array((withBody ? head + body : head).utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
