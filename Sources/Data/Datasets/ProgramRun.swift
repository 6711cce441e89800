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
    // A file rather than a pipe: nobody has to hold the other end, and it can be read when all is over.
    let errors = Self.makeNamelessFile()
    guard errors >= 0 else { return nil }
    defer { close(errors) }
    guard let path = Self.find(program),
      let child = Self.start(path, [program] + arguments, errors: errors)
    else { return nil }
    var state: Int32 = 0
    while waitpid(child, &state, 0) < 0, errno == EINTR {}
    status = state & 0x7F == 0 ? state >> 8 & 0xFF : 128 + (state & 0x7F)
    lseek(errors, 0, SEEK_SET)
    standardError = String(decoding: Self.contents(of: errors), as: UTF8.self)
  }

  private static func start(_ path: String, _ arguments: [String], errors: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    // Threads of a pool block signals, and a program that inherits that cannot be ended by them.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let texts = arguments.map { strdup($0) }
    defer { for text in texts { free(text) } }
    var child: pid_t = 0
    return posix_spawn(&child, path, &actions, &attributes, texts + [nil], environ) == 0 ? child : nil
  }

  private static func makeNamelessFile() -> Int32 {
    let path = FileManager.default.temporaryDirectory.path + "/latent-\(UUID().uuidString)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    // Without room for temporary files the program still runs; only its words are lost.
    guard descriptor >= 0 else { return open("/dev/null", O_RDWR | O_CLOEXEC) }
    unlink(path)
    return descriptor
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
