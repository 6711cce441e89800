import Foundation
import Latent
import LatentPages
import LatentTraining
import TestSupport
import Testing

/// The report as a reader sees it, in a browser without a window.
@Suite(.serialized, .enabled(if: Browser.isInstalled, "Chromium is not on this machine")) struct ReportPageTests {
  private func run(_ name: String, latents: Int, isFinished: Bool = true) throws -> ReportRun {
    let examples = try smallImages(120, isLabelled: true)
    let configuration = RunConfiguration(
      model: smallModel(latents: latents), batchSize: 50, epochs: 3, seed: 5)
    let trainer = try Trainer(configuration, dataset: Dataset(name: "bars", train: examples))
    guard isFinished else { return ReportRun(name: name, configuration: configuration, metrics: []) }
    var metrics: [EpochMetrics] = []
    try trainer.run { if case .metrics(let figures) = $0 { metrics.append(figures) } }
    let evaluator = Evaluator(trainer.trained, seed: 1)
    var request = Evaluator.Request(examples: examples, split: "train", training: examples)
    request.samples = 5
    request.measures = [.latents, .reconstruction]
    let findings = try evaluator.findings(request, bits: BitsPerDimension(configuration, dimensions: 64))
    let diagnosis = try evaluator.diagnosis(
      .init(training: examples, heldOut: nil, configuration: configuration, metrics: metrics))
    return try ReportRun(
      name: name, configuration: configuration, metrics: metrics, trained: trainer.trained, groups: findings.groups,
      diagnosis: diagnosis, examples: examples, seed: 1)
  }

  private static let look = """
    await new Promise((done) => setTimeout(done, 50));
    return {
      titles: Array.from(document.querySelectorAll("h2"), (title) => title.textContent),
      pictures: Array.from(document.images, (image) => image.naturalWidth),
      cells: Array.from(document.querySelectorAll("td.number"), (cell) => cell.textContent),
      sideways: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      paper: getComputedStyle(document.body).backgroundColor,
      circles: document.querySelectorAll("circle").length,
    };
    """

  @Test func aRunIsShownWithFiguresCurvesAndPictures() throws {
    let page = try ReportPage([run("<one> & only", latents: 2)])
    let played = try Browser.open(page.html, width: 500, script: Self.look)
    #expect(played.faults.isEmpty, "\(played.faults)")
    let seen = try #require(played.result as? [String: Any])
    let titles = try #require(seen["titles"] as? [String])
    for title in [
      "Diagnosis", "Training", "Latents", "Codes", "Samples", "Reconstructions", "Interpolations", "Traversals",
      "Manifold",
    ] {
      #expect(titles.contains(title), "\(titles)")
    }
    let pictures = try #require(seen["pictures"] as? [Int])
    #expect(pictures.count == 5 && pictures.allSatisfy { $0 > 100 }, "\(pictures)")
    let cells = try #require(seen["cells"] as? [String])
    #expect(cells.count > 8 && cells.contains { $0.contains("±") }, "\(cells)")
    #expect(seen["sideways"] as? Bool == false)
    #expect(seen["circles"] as? Int == 120)
    #expect(page.html.contains("&lt;one&gt; &amp; only") && !page.html.contains("<one>"))
    for word in ["https://", "src=\"/", "@import", "<script"] { #expect(!page.html.contains(word), "\(word)") }
  }

  @Test func runsStandSideBySide() throws {
    let page = try ReportPage([run("first", latents: 2), run("second", latents: 5)])
    let played = try Browser.open(page.html, isDark: true, script: Self.look)
    #expect(played.faults.isEmpty, "\(played.faults)")
    let seen = try #require(played.result as? [String: Any])
    let titles = try #require(seen["titles"] as? [String])
    #expect(titles.contains("Codes of first") && titles.contains("Codes of second"))
    let pictures = try #require(seen["pictures"] as? [Int])
    #expect(pictures.count == 9, "\(pictures)")
  }

  @Test func aRunInItsFirstEpochIsShownAndFollowed() throws {
    let page = try ReportPage([run("begun", latents: 2, isFinished: false)], refresh: 900)
    #expect(page.html.contains("http-equiv=\"refresh\" content=\"900\""))
    let played = try Browser.open(page.html, script: "return document.getElementById(\"live\") !== null;")
    #expect(played.result as? Bool == true && played.faults.isEmpty)
  }
}
