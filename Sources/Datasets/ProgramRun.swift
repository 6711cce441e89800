import Foundation

/// What came of running another program to its end.
struct ProgramRun {
  /// The exit status, or 128 plus the number of the signal that ended it.
  var status: Int32
  /// What it wrote to standard error.
  var standardError: String

  /// Runs a program without input or output; `nil` when there is no such program.
  ///
  /// Not Foundation's `Process`: its pipes leak into programs started at the same time, which then keep them open, and
  /// its programs leave our group, so that Control-C would not end a download.
  init?(_ program: String, arguments: [String]) {
    guard let path = Self.find(program), let (child, errors) = Self.start(path, [program] + arguments) else {
      return nil
    }
    standardError = String(decoding: Self.contents(of: errors), as: UTF8.self)
    close(errors)
    var state: Int32 = 0
    while waitpid(child, &state, 0) < 0, errno == EINTR {}
    status = state & 0x7F == 0 ? state >> 8 & 0xFF : 128 + (state & 0x7F)
  }

  /// Starts a program and returns its identifier and the end of a pipe that its errors come from.
  private static func start(_ path: String, _ arguments: [String]) -> (child: pid_t, errors: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    let texts = arguments.map { strdup($0) }
    defer { for text in texts { free(text) } }
    var child: pid_t = 0
    guard posix_spawn(&child, path, &actions, nil, texts + [nil], environ) == 0 else {
      close(ends[0])
      return nil
    }
    return (child, ends[0])
  }

  private static func contents(of descriptor: Int32) -> [UInt8] {
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return contents }
      contents += buffer.prefix(count)
    }
  }

  private static func find(_ program: String) -> String? {
    let candidates: [String]
    if program.contains("/") {
      candidates = [program]
    } else {
      let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      candidates = folders.map { (String($0) as NSString).appendingPathComponent(program) }
    }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
