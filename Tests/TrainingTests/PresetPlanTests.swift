import Foundation
import Latent
import Testing

/// What a training step of each preset costs in steps and memory, as `docs/plans.md` has it: a change that costs is seen.
///
/// With LATENT_RECORD_PLANS=1 the table is written anew.
@Suite struct PresetPlanTests {
  private let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "../../docs/plans.md")

  @Test func presetsTakeTheStepsAndTheMemoryThatAreWrittenDown() throws {
    let rows = try Preset.all.map { preset in
      // Counts and tables have no named data: 100 columns.
      let shape = NamedDataset.named(preset.configuration.data.name)?.shape ?? [100]
      let plan = try preset.configuration.plan(exampleShape: shape, backend: CPUBackend(threads: 2))
      return "| \(preset.name) | \(plan.steps.count) | \(plan.arenaByteCount) |"
    }
    var text = try String(contentsOf: path, encoding: .utf8)
    if ProcessInfo.processInfo.environment["LATENT_RECORD_PLANS"] != nil {
      let head = text.components(separatedBy: "\n").prefix { !$0.hasPrefix("| ") || $0.hasPrefix("| preset") }
      text = (head + ["|---|---|---|"].filter { !head.contains($0) } + rows).joined(separator: "\n") + "\n"
      try text.write(to: path, atomically: true, encoding: .utf8)
    }
    let written = text.components(separatedBy: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| preset") }
    #expect(written == rows)
  }
}
