import Foundation
import Latent
import TestSupport
import Testing

/// Tables and folders of pictures, from a file to results.
@Suite(.serialized) struct OwnDataTests {
  @Test func aTableIsDescribedTrainedFilledAndScored() throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream(seed: 4, name: "rows")
    let rows = (0..<300).map { row in
      let size = Double(stream.nextUniform())
      return "\(row % 7 == 0 ? "" : "\(100 * size)"),\(size > 0.5 ? "large" : "small"),\(row % 2 == 0 ? "yes" : "no")"
    }
    let table = try folder.write(Array((["size,kind,even"] + rows).joined(separator: "\n").utf8), as: "t.csv")
    let described = try LatentProgramRun(["data", "info", table])
    #expect(described.status == 0)
    for part in [
      "300 examples", "size: numbers", "kind: 2 words: large, small", "even: no or yes", "missing     3.6 %",
      "columns (the preset vae-table)",
    ] {
      #expect(described.output.contains(part), "\(part) is not in \(described.output)")
    }
    let run = folder.file("run")
    let small = ["--set", "model.encoder.network.hidden=[16]", "--set", "model.decoder.network.hidden=[16]"]
    let trained = try LatentProgramRun(
      ["train", "vae-table", "--data", table, "--epochs", "2", "--validation", "50", "--out", run] + small)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(try RunFolder(path: run).configuration().data.table?.numbers == 1)
    let filled = folder.file("filled.csv")
    let result = try LatentProgramRun(["reconstruct", run, "--split", "train", "--count", "300", "--out", filled])
    #expect(result.status == 0, "\(result.errors)")
    let lines = try String(contentsOfFile: filled, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 301 && lines[0] == "size,kind,even")
    #expect(!lines.contains { $0.hasPrefix(",") }, "gaps are filled")
    #expect(lines[2].hasSuffix(rows[1].split(separator: ",").dropFirst().joined(separator: ",")))
    #expect(try LatentProgramRun(["sample", run, "--count", "4", "--out", folder.file("s.csv")]).status == 0)
    // Another table, with fewer rows, is read by what the columns were in training.
    let other = try folder.write(Array("size,kind,even\n5000,large,no\n40,small,yes\n".utf8), as: "o.csv")
    let scores = folder.file("scores.csv")
    let figures = try LatentProgramRun(
      ["score", run, "--data", other, "--split", "train", "--samples", "5", "--out", scores, "--json"]).json()
    #expect(figures["examples"] as? Int == 2 && figures["worst"] as? Int == 0)
    #expect(figures["held_out"] as? String == "validation" && figures["held_out_examples"] as? Int == 50)
    let scored = try String(contentsOfFile: scores, encoding: .utf8).split(separator: "\n")
    #expect(scored.count == 3 && scored[0] == "example,negative_log_likelihood,p_value" && scored[1].hasPrefix("0,"))
    let wrong = try folder.write(Array("size,kind,even\n5,huge,no\n".utf8), as: "w.csv")
    let refused = try LatentProgramRun(["evaluate", run, "--data", wrong, "--samples", "1"])
    #expect(refused.status == 1 && refused.errors.contains("has \"huge\" in row 2 of the column kind"))
  }

  @Test func aFolderOfPicturesIsTrainedOnAndOthersAreBroughtToItsSize() throws {
    let folder = try TemporaryFolder()
    for (kind, level) in [("dark", 40), ("light", 200)] {
      try FileManager.default.createDirectory(
        atPath: folder.file("pictures/\(kind)"), withIntermediateDirectories: true)
      for index in 0..<20 {
        let side = 9 + index % 3
        let pixels = (0..<(side * side)).map { UInt8((level + $0 * index) % 256) }
        try PNG.write(
          Image(width: side, height: side, channels: 1, pixels: pixels),
          to: folder.file("pictures/\(kind)/\(index).png"), overwrite: false)
      }
    }
    let pictures = folder.file("pictures")
    let sizes = try LatentProgramRun(["data", "info", pictures])
    #expect(sizes.status == 2 && sizes.errors.contains("Bring them to one with --size"))
    let described = try LatentProgramRun(["data", "info", pictures, "--size", "8"])
    #expect(described.output.contains("[8, 8, 1]: grey pictures") && described.output.contains("2: dark 20, light 20"))
    let run = folder.file("run")
    let words = [
      "train", "sigma-vae", "--data", pictures, "--size", "8", "--epochs", "1", "--batch-size", "10", "--out", run,
      "--json",
    ]
    let figures = try LatentProgramRun(words).json()
    #expect(figures["examples"] as? Int == 40 && figures["seconds_waiting_for_pictures"] as? Double ?? -1 >= 0)
    #expect(try LatentProgramRun(["evaluate", run, "--split", "train", "--samples", "2"]).status == 0)
    // Pictures of any size come to that of the model.
    let one = folder.file("one")
    try FileManager.default.createDirectory(atPath: one, withIntermediateDirectories: true)
    try PNG.write(
      Image(width: 30, height: 20, channels: 3, pixels: [UInt8](repeating: 9, count: 1800)), to: one + "/a.png",
      overwrite: false)
    let others = try LatentProgramRun(["encode", run, "--data", one, "--split", "train", "--out", folder.file("z.npy")])
    #expect(others.status == 0, "\(others.errors)")
    let worst = folder.file("worst.png")
    let scored = try LatentProgramRun(
      ["score", run, "--split", "train", "--samples", "2", "--out", folder.file("s.csv"), "--picture", worst])
    #expect(scored.status == 0 && scored.errors.contains("has no held-out examples"), "\(scored.errors)")
    #expect(try PNG.read(contentsOf: worst).width > 80)
  }
}
