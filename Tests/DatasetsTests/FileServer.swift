import Foundation

@testable import LatentDatasets

/// A Python web server of a folder on 127.0.0.1, for tests of downloading.
final class FileServer {
  static let isAvailable = ["python3", "curl"].allSatisfy { program in
    ProgramRun(program, arguments: ["--version"])?.status == 0
  }

  let url: String
  private let process = Process()

  /// Serves the folder; without ranges every request gets the whole file.
  init(folder: String, supportsRanges: Bool) throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, folder, supportsRanges ? "ranges" : "whole"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    url = "http://127.0.0.1:\(line.trimmingCharacters(in: .whitespacesAndNewlines))"
  }

  /// Not `terminate()`: a program started by a thread that blocks signals inherits that.
  deinit { kill(process.processIdentifier, SIGKILL) }

  private static let script = """
    import http.server, os, re, sys
    folder, mode = sys.argv[1], sys.argv[2]
    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self):
        path = os.path.join(folder, os.path.basename(self.path))
        if not os.path.isfile(path):
          return self.send_error(404)
        data = open(path, "rb").read()
        wanted = re.match(r"bytes=(\\d+)-$", self.headers.get("Range") or "")
        start = int(wanted.group(1)) if wanted and mode == "ranges" else 0
        if start >= len(data) and start > 0:
          return self.send_error(416)
        with open(os.path.join(folder, "sent"), "a") as log:
          log.write(f"{len(data) - start}\\n")
        self.send_response(206 if start else 200)
        if start:
          self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:])
      def log_message(self, *arguments):
        pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
    """
}
