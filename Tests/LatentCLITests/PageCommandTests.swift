import Foundation
import Latent
import TestSupport
import Testing

/// Pages, exports, and figures as a user asks for them.
@Suite(.serialized) struct PageCommandTests {
  @Test func aRunIsReportedExploredAndTakenAway() throws {
    let small = try SmallRun()
    try small.train(epochs: 2, ["--validation", "40"])
    try small.train("vae-2d", epochs: 1, out: small.folder.file("second"))
    let report = try LatentProgramRun([
      "report", small.run, small.folder.file("second"), "--limit", "60", "--samples", "3",
    ])
    #expect(report.status == 0 && report.errors.contains("wrote \(small.run)/samples/report.html"), "\(report.errors)")
    let page = try String(contentsOfFile: small.run + "/samples/report.html", encoding: .utf8)
    #expect(page.contains("<title>run and second: report</title>") && page.contains("Manifold"))
    let explorer = small.folder.file("explorer.html")
    let explored = try LatentProgramRun(["explore", small.run, "--out", explorer])
    #expect(explored.status == 0)
    #expect(try String(contentsOfFile: explorer, encoding: .utf8).contains("latentExplorer"))
    for (format, ending) in [
      ("onnx", "onnx"), ("stablehlo", "mlir"), ("safetensors", "safetensors"), ("torch-state", "pt"),
    ] {
      let exported = try LatentProgramRun(["export", small.run, "--format", format, "--json"])
      #expect(exported.status == 0, "\(exported.errors)")
      for part in ["encoder", "decoder"] {
        let path = try #require(try exported.json()[part] as? String)
        #expect(path == "\(small.run)/export/\(part).\(ending)")
        #expect(try FileReading.data(at: path).count > 1000)
      }
    }
    // What is there is not replaced, and nothing of a refused export is.
    try FileManager.default.removeItem(atPath: small.run + "/export/encoder.onnx")
    let refused = try LatentProgramRun(["export", small.run])
    #expect(refused.status == 2 && refused.errors.contains("decoder.onnx exists already"))
    #expect(!FileManager.default.fileExists(atPath: small.run + "/export/encoder.onnx"))
  }

  /// Weights that went out as PyTorch's come back by a map of names, to the bit.
  @Test func weightsOfOthersMakeARun() throws {
    let small = try SmallRun()
    try small.train("vae", epochs: 1)
    let trained = try TrainedModel(run: RunFolder(path: small.run))
    var (tensors, names): ([(name: String, array: NumericArray)], [String: String]) = ([], [:])
    for variable in trained.model.variables {
      let isKernel = variable.name.hasSuffix("kernel")
      let array = NumericArray(floats: try trained.store.value(of: variable).floats, shape: variable.shape.dimensions)
      let theirs = "net.\(tensors.count)." + (isKernel ? "weight" : "bias")
      tensors.append((theirs, isKernel ? try array.transposed([1, 0]) : array))
      names[variable.name] = theirs
    }
    let (weights, map, out) = (
      small.folder.file("w.safetensors"), small.folder.file("n.json"), small.folder.file("theirs")
    )
    try Safetensors(tensors: tensors).write(to: weights)
    try JSONEncoder().encode(names).write(to: URL(fileURLWithPath: map))
    let arguments =
      ["import", "vae", "--data", small.data, "--weights", weights, "--out", out] + SmallRun.small.prefix(4)
    // Without a map the names are not ours.
    let refused = try LatentProgramRun(arguments)
    #expect(refused.status == 2 && refused.errors.contains("w.safetensors has no array decoder/hidden0/bias"))
    #expect(!FileManager.default.fileExists(atPath: out))
    let made = try LatentProgramRun(arguments + ["--names", map])
    #expect(made.status == 0 && made.errors.contains("8 of 8 weights"), "\(made.errors)")
    // The run is of the same data, prepared alike.
    let (mine, theirs) = (try RunFolder(path: small.run).configuration(), try RunFolder(path: out).configuration())
    #expect(mine.data == theirs.data && mine.model == theirs.model && theirs.preset == "vae")
    let (first, second) = (small.folder.file("a.npy"), small.folder.file("b.npy"))
    #expect(try LatentProgramRun(["encode", small.run, "--out", first]).status == 0)
    #expect(try LatentProgramRun(["encode", out, "--out", second]).status == 0)
    #expect(try FileReading.data(at: first) == FileReading.data(at: second))
    let wrong = try LatentProgramRun(
      arguments.dropLast(2) + ["--names", map, "--set", "model.decoder.network.hidden=[17]"])
    #expect(wrong.status == 2 || wrong.status == 1)
  }

  @Test func figuresAreMeasuredAndRunsCompared() throws {
    let small = try SmallRun()
    try small.train(epochs: 3, ["--validation", "40"])
    try small.train("vae-2d", epochs: 1, out: small.folder.file("second"))
    let figures = try LatentProgramRun([
      "evaluate", small.run, "--split", "validation", "--samples", "20", "--measure", "all", "--annealing", "20",
      "--chains", "2", "--features", "pixels", "--against", small.folder.file("second"), "--json",
    ])
    // The bars have no classes to probe.
    #expect(figures.status == 0, "\(figures.errors)")
    let object = try figures.json()
    #expect(object["split"] as? String == "validation" && object["examples"] as? Int == 40)
    for key in [
      "nll_95_low", "nll_at_1", "nll_at_10", "effective_samples", "mutual_information", "total_correlation",
      "dimension_wise_kl", "active_units", "rate_z0", "mse", "psnr", "frechet_pixels", "kernel_pixels",
      "precision_pixels",
      "recall_pixels", "nll_annealed", "annealed_less_weighted", "nll_difference", "nll_difference_standard_error",
    ] {
      #expect(object[key] is Double, "\(key) of \(object.keys.sorted())")
    }
    let (low, nll, high) = (object["nll_95_low"] as? Double, object["nll"] as? Double, object["nll_95_high"] as? Double)
    #expect((low ?? 0) < (nll ?? 0) && (nll ?? 0) < (high ?? 0))
    // A run differs from itself by nothing.
    let same = try LatentProgramRun(["evaluate", small.run, "--samples", "5", "--against", small.run, "--json"]).json()
    #expect(same["nll_difference"] as? Double == 0 && same["elbo_difference_standard_error"] as? Double == 0)
  }

  /// Values that overflow have no likelihood, and no interval; they are no reason to stop.
  @Test func figuresThatAreNoNumbersAreNull() throws {
    let small = try SmallRun()
    try small.train("vae-gaussian", epochs: 1, ["--set", "model.decoder.likelihood.meanActivation=identity"])
    var values = [Float](repeating: 0.5, count: 3 * 64)
    values[0] = 1e30
    let other = small.folder.file("other.npy")
    try NPY.write(NumericArray(floats: values, shape: [3, 8, 8, 1]), to: other, overwrite: false)
    let figures = try LatentProgramRun(["evaluate", small.run, "--data", other, "--samples", "3", "--json"])
    #expect(figures.status == 0, "\(figures.errors)")
    #expect(try figures.json()["nll_95_low"] is NSNull)
    // Fewer examples than a batch of the run are enough to look at.
    for command in ["diagnose", "report"] {
      let looked = try LatentProgramRun([command, small.run, "--data", small.data, "--limit", "30"])
      #expect(looked.status == 0, "\(command): \(looked.errors)")
    }
  }

  @Test func aTrainingIsFollowedInABrowser() throws {
    let small = try SmallRun()
    try small.train(epochs: 2)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: LatentProgramRun.path(of: "latent"))
    process.arguments = ["watch", small.run, "--limit", "50"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { process.terminate() }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let address = line.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(address.hasPrefix("http://127.0.0.1:"))
    let answer = try Self.shell("curl -s -i \(address)")
    #expect(answer.contains("200 OK") && answer.contains("<title>run: report</title>"))
    // The run is done, so that the page need not be asked for again.
    #expect(!answer.contains("http-equiv=\"refresh\""))
    #expect(try Self.shell("curl -s -i \(address)etc/passwd").contains("404 Not Found"))
  }

  @Test func completionsAreSoundShell() throws {
    let folder = try TemporaryFolder()
    let bash = try LatentProgramRun(["completions", "bash"])
    try Data(bash.output.utf8).write(to: URL(fileURLWithPath: folder.file("c.bash")))
    let script = """
      source \(folder.file("c.bash"))
      COMP_WORDS=(latent eva); COMP_CWORD=1; _latent; echo "${COMPREPLY[@]}"
      COMP_WORDS=(latent train vae-c); COMP_CWORD=2; _latent; echo "${COMPREPLY[@]}"
      COMP_WORDS=(latent evaluate --mea); COMP_CWORD=2; _latent; echo "${COMPREPLY[@]}"
      """
    let text = try Self.shell(script, folder: folder.path)
    #expect(text == "evaluate\nvae-counts vae-conv vae-conv64\n--measure\n", "\(text)")
    for shell in ["zsh", "fish"] {
      let words = try LatentProgramRun(["completions", shell])
      #expect(words.status == 0 && words.output.contains("evaluate") && words.output.contains("measure"))
    }
    #expect(try LatentProgramRun(["completions", "tcsh"]).status == 2)
  }

  @Test func gapsAreFilledByMeansAndByDraws() throws {
    let small = try SmallRun()
    var stream = RandomStream(seed: 3, name: "table")
    let rows = (0..<300).map { _ -> [String] in
      let size = stream.nextUniform() * 4 - 2
      let kind = size > 0 ? "large" : "small"
      return [
        stream.nextUniform() < 0.2 ? "" : String(format: "%.3f", size), stream.nextUniform() < 0.2 ? "" : kind, kind,
      ]
    }
    let table = small.folder.file("t.csv")
    try Data(DelimitedText.text([["size", "kind", "same"]] + rows).utf8).write(to: URL(fileURLWithPath: table))
    let trained = try LatentProgramRun([
      "train", "vae-table", "--data", table, "--epochs", "30", "--out", small.run, "--batch-size", "50",
    ])
    #expect(trained.status == 0, "\(trained.errors)")
    let means = small.folder.file("means.csv")
    #expect(try LatentProgramRun(["impute", small.run, "--split", "train", "--out", means]).status == 0)
    let lines = try String(contentsOfFile: means, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(lines.count == 301)
    var (right, missing) = (0, 0)
    for (row, line) in zip(rows, lines.dropFirst()) {
      if row[1].isEmpty {
        missing += 1
        if line[1] == row[2] { right += 1 }
      } else {
        #expect(String(line[1]) == row[1])
      }
      #expect(Double(line[0]) != nil)
    }
    #expect(missing > 30 && Double(right) > 0.9 * Double(missing), "\(right) of \(missing)")
    let draws = small.folder.file("draws.npy")
    #expect(
      try LatentProgramRun(["impute", small.run, "--split", "train", "--draws", "3", "--out", draws]).status == 0)
    let array = try NPY.read(contentsOf: draws)
    #expect(array.shape[0] == 900 && array.floats().allSatisfy(\.isFinite))
    // Completions differ where values are missing, and there alone.
    let (values, size) = (array.floats(), array.floats().count / 3)
    let width = size / 300
    let differ = (0..<300).filter { row in
      (0..<width).contains { values[row * width + $0] != values[size + row * width + $0] }
    }
    #expect(Set(differ).isSubset(of: rows.indices.filter { rows[$0].contains("") }) && differ.count > 20)
  }

  /// What a script prints.
  private static func shell(_ script: String, folder: String = "/") throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }
}
