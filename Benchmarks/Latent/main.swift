// One side of the benchmark: makes a workload, then runs a timed round for every line `run` on standard input. The
// protocol is described in Benchmarks/README.md.
import CLatentOneDNN
import Foundation
import Latent

/// The matrix product that the others are measured against.
func peak() throws -> Job {
  let size = 2048
  var handle: OpaquePointer?
  let n = Int64(size)
  guard latent_matmul_create(&handle, LATENT_DNN_F32, LATENT_DNN_F32, 1, n, n, n, 0, 0, latent_dnn_epilogue()) == 0,
    let handle
  else {
    throw LatentError.failure("oneDNN refuses the peak's product", remedy: "Report the processor")
  }
  let matrices = (0..<3).map { _ in UnsafeMutablePointer<Float>.allocate(capacity: size * size) }
  for matrix in matrices { matrix.initialize(repeating: 0.5, count: size * size) }
  // Where vectors are wide, oneDNN copies a matrix to a place of its own first.
  latent_matmul_lend_scratch(
    handle, UnsafeMutableRawPointer.allocate(byteCount: max(64, latent_matmul_scratch_size(handle)), alignment: 64))
  return Job { _ = latent_matmul_run(handle, matrices[0], matrices[1], nil, matrices[2]) }
}

func makeJob(_ name: String, _ settings: Settings, dataDirectory: String) throws -> Job {
  switch name {
  case "peak": return try peak()
  case "mlp100": return try VAEWorkloads.mlp(settings, batch: 100)
  case "mlp512": return try VAEWorkloads.mlp(settings, batch: 512)
  case "iwae50": return try VAEWorkloads.iwae(settings)
  case "conv64": return try VAEWorkloads.conv64(settings)
  case "vq32": return try VectorQuantization.job(settings)
  case "rvq": return try VectorQuantization.residual(settings)
  case "pixelcnn28": return try PixelNetwork.job(settings)
  case "klae32": return try LatentDiffusion.job(settings)
  case "gru100": return try RecurrentNetwork.job(settings, length: 100)
  case "gru400": return try RecurrentNetwork.job(settings, length: 400)
  case "gpt196": return try Transformer.job(settings)
  case "deep20": return try DeepHierarchy.job(settings)
  case "wide4096": return try VAEWorkloads.wide(settings)
  case "nll": return try VAEWorkloads.logLikelihood(settings)
  case "encode": return try VAEWorkloads.encode(settings)
  case "decode": return try VAEWorkloads.decode(settings)
  case "encode1": return try VAEWorkloads.encodeOne(settings)
  case "decode1": return try VAEWorkloads.decodeOne(settings)
  case "epoch": return try VAEWorkloads.epoch(settings, dataDirectory: dataDirectory)
  default: throw LatentError.usage("There is no workload \(name)", remedy: "See Benchmarks/README.md")
  }
}

func say(_ fields: [String: Any]) throws {
  let data = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
  FileHandle.standardOutput.write(data + Data("\n".utf8))
}

func option(_ name: String) -> String? {
  let words = CommandLine.arguments
  guard let place = words.firstIndex(of: name), place + 1 < words.count else { return nil }
  return words[place + 1]
}

/// The largest resident memory of this process so far, in MiB.
func peakMemory() -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .ascii)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return line.flatMap { Double($0.filter(\.isNumber)) }.map { $0 / 1024 } ?? .nan
}

do {
  let name = CommandLine.arguments.dropFirst().first ?? ""
  let settings = Settings(
    backend: CPUBackend(threads: option("--threads").flatMap(Int.init)),
    precision: option("--precision").flatMap(Precision.init) ?? .f32)
  let tables = ["curves": Curves.print, "engine": EngineFigures.print]
  if let print = tables[name] {
    try print(settings)
    exit(0)
  }
  let clock = ContinuousClock()
  let beginning = clock.now
  let job = try makeJob(name, settings, dataDirectory: option("--data-dir") ?? "../shared/data")
  let roundSeconds = Double(ProcessInfo.processInfo.environment["BENCH_ROUND_SECONDS"] ?? "") ?? 0.7
  func group(_ steps: Int) throws -> Double {
    try job.prepare()
    return try clock.measure { for _ in 0..<steps { try job.step() } }.inSeconds / Double(steps)
  }
  _ = try group(1)
  let compileTime = clock.now - beginning
  _ = try group(1)
  if CommandLine.arguments.contains("--profile") {
    for _ in 0..<20 { _ = try group(1) }
    let profiles = try (0..<30).compactMap { try job.executable?.profile(RandomState(seed: 1, step: UInt64($0))) }
    print(ProfileReport(profiles).table)
    exit(0)
  }
  // Short steps are timed in groups, so that the clock is no part of what is measured.
  var best = try group(1)
  for _ in 0..<10 where name != "epoch" { best = min(best, try group(max(1, min(1000, Int(0.01 / best))))) }
  let size = name == "epoch" ? 1 : max(1, Int((0.01 / best).rounded()))
  let groups = name == "epoch" ? 1 : max(3, Int((roundSeconds / best / Double(size)).rounded()))
  try say([
    "ready": true, "side": settings.precision == .bf16 ? "latent-bf16" : "latent",
    "compile_seconds": compileTime.inSeconds,
    "versions": ["latent": latentVersion, "oneDNN": "\(latent_dnn_version())"],
  ])
  while let line = readLine(), line != "quit" {
    let times = try (0..<groups).map { _ in try group(size) * 1000 }.sorted()
    try say(["ms": times[times.count / 2], "steps": size * groups, "peak_rss_mb": peakMemory()])
  }
} catch {
  try? say(["error": "\(error)"])
  exit(1)
}
