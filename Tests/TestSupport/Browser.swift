import Foundation

/// A Chromium without a window, where one is installed, that opens a page and plays a user on it.
public enum Browser {
  private static let candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  private static let path = candidates.first(where: FileManager.default.isExecutableFile)

  /// Whether there is one.
  public static var isInstalled: Bool { path != nil }

  /// Opens a page with a script after its own, and gives what the script leaves in `result`, read as JSON.
  ///
  /// - Parameters:
  ///   - script: a body of an asynchronous function, whose value is the result.
  ///   - isDark: whether the page is told that its reader likes dark colours.
  /// - Returns: the result, and what went wrong in the page: exceptions, and what it wrote to `console.error`.
  public static func open(
    _ html: String, width: Int = 1300, isDark: Bool = false, script: String
  ) throws -> (result: Any, faults: [String]) {
    let folder = try TemporaryFolder()
    let watch = """
      <head><script>window.faults = [];
      // Without a window nobody asks for frames.
      window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 1);
      window.addEventListener("error", (event) => window.faults.push(event.message));
      window.addEventListener("unhandledrejection", (event) => window.faults.push(String(event.reason)));
      console.error = (...words) => window.faults.push(words.join(" "));</script>
      """
    let play = """
      <script>(async () => {
        let result = null;
        try { result = await (async () => { \(script) })(); } catch (fault) { window.faults.push(String(fault)); }
        const place = document.createElement("pre");
        place.id = "played";
        place.textContent = btoa(unescape(encodeURIComponent(JSON.stringify({ result, faults: window.faults }))));
        document.body.append(place);
      })();</script></body>
      """
    let page = html.replacingOccurrences(of: "<head>", with: watch).replacingOccurrences(of: "</body>", with: play)
    try Data(page.utf8).write(to: URL(fileURLWithPath: folder.file("page.html")))
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path ?? "/no browser")
    process.arguments =
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=\(width),1000",
        "--user-data-dir=" + folder.file("profile"), "--virtual-time-budget=20000", "--dump-dom",
      ] + (isDark ? ["--blink-settings=preferredColorScheme=0"] : []) + ["file://" + folder.file("page.html")]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    // A page that never comes to rest is to fail its test, not to stop all of them.
    let end = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: end)
    defer { end.cancel() }
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard let start = text.range(of: "<pre id=\"played\">"), let stop = text[start.upperBound...].range(of: "</pre>"),
      let data = Data(base64Encoded: String(text[start.upperBound..<stop.lowerBound])),
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { throw CocoaError(.fileReadCorruptFile) }
    return (object["result"] ?? NSNull(), object["faults"] as? [String] ?? [])
  }
}
