import Foundation
import LatentDiagnostics
import LatentFileFormats
import LatentTraining

/// A page that shows what one or several runs have become: figures, what seems wrong, curves, and pictures.
package struct ReportPage {
  /// The text of the file.
  package let html: String

  /// Makes the page; several runs stand side by side.
  ///
  /// - Parameter refresh: after how many seconds a browser asks for the page again, for a run that is still training.
  package init(_ runs: [ReportRun], refresh: Int? = nil) throws {
    let names = runs.map(\.name).joined(separator: " and ")
    var sections = ["<header><h1>\(Page.escaped(names))</h1>\(Self.subtitle(runs, refresh))</header>", "<main>"]
    sections += [Self.figures(runs), Self.diagnoses(runs)]
    sections.append(try Self.curves(runs))
    sections.append(Self.latents(runs))
    sections.append(try Self.pictures(runs))
    sections.append(Self.settings(runs))
    sections.append("</main>")
    var page = Page(title: "\(names): report", body: sections.filter { !$0.isEmpty }.joined(separator: "\n"))
    page.refresh = refresh
    html = page.html
  }

  /// The page of a run that cannot be shown at present, which is asked for again.
  package static func failure(_ reason: String, refresh: Int) -> String {
    var page = Page(title: "Not yet", body: "<main><p class=\"card\">\(Page.escaped(reason))</p></main>")
    page.refresh = refresh
    return page.html
  }

  private static func subtitle(_ runs: [ReportRun], _ refresh: Int?) -> String {
    let lines = runs.map { run in
      let (configuration, last) = (run.configuration, run.metrics.last?.epoch ?? 0)
      let seconds = run.metrics.reduce(0) { $0 + $1.seconds }
      let name = runs.count > 1 ? "<b>\(Page.escaped(run.name))</b>: " : ""
      return
        "<p class=\"soft\">\(name)preset \(Page.escaped(configuration.preset)) on \(Page.escaped(data(configuration))), "
        + "seed \(configuration.seed), \(last) of \(configuration.epochs) epochs in \(clock(seconds))</p>"
    }
    return lines.joined()
      + (refresh == nil ? "" : "<p class=\"soft\" id=\"live\">Training goes on; the page follows it.</p>")
  }

  /// The last part of a path, or the name of a data set.
  private static func data(_ configuration: RunConfiguration) -> String {
    configuration.data.name.split(separator: "/").last.map(String.init) ?? configuration.data.name
  }

  private static func clock(_ seconds: Double) -> String {
    seconds < 120 ? String(format: "%.0f seconds", seconds) : String(format: "%.0f minutes", seconds / 60)
  }

  // MARK: Figures

  private static func figures(_ runs: [ReportRun]) -> String {
    let titles = unique(runs.flatMap { $0.groups.map(\.title) }).filter { !$0.hasPrefix("rate of each latent") }
    guard !titles.isEmpty else { return "" }
    let cards = titles.map { title -> String in
      let groups = runs.map { run in run.groups.first { $0.title == title } }
      let keys = unique(groups.compactMap { $0 }.flatMap { $0.figures.map(\.key) })
      let rows = keys.map { key -> String in
        let figures = groups.map { $0?.figures.first { $0.key == key } }
        let known = figures.compactMap { $0 }.first
        let cells = figures.map { figure in "<td class=\"number\">\(figure.map(text) ?? "")</td>" }
        return "<tr><td>\(Page.escaped(known?.title ?? key))</td>\(cells.joined())"
          + "<td class=\"soft small\">\(Page.escaped([known?.unit ?? "", known?.note ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")))</td></tr>"
      }
      let heads =
        runs.count > 1 ? "<tr><th></th>" + runs.map { "<th>\(Page.escaped($0.name))</th>" }.joined() + "</tr>" : ""
      return
        "<section class=\"card\"><h2>\(Page.escaped(title))</h2><div class=\"wide\"><table>\(heads)\(rows.joined())"
        + "</table></div></section>"
    }
    return cards.joined(separator: "\n")
  }

  private static func text(_ figure: Figure) -> String {
    guard let value = figure.value, value.isFinite else { return "–" }
    let error = figure.error.map { String(format: " ± %.\(figure.digits)f", $0) } ?? ""
    return String(format: "%.\(figure.digits)f", value) + error
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen = Set<String>()
    return texts.filter { seen.insert($0).inserted }
  }

  // MARK: Diagnosis

  private static func diagnoses(_ runs: [ReportRun]) -> String {
    let cards = runs.compactMap { run -> String? in
      guard let diagnosis = run.diagnosis else { return nil }
      let title = "Diagnosis" + (runs.count > 1 ? " of \(run.name)" : "")
      let items = diagnosis.findings.map { finding in
        "<div class=\"\(finding.severity == .problem ? "warning" : "")\"><p>\(Page.escaped(finding.observation))</p>"
          + "<p class=\"soft\">\(Page.escaped(finding.remedy))</p></div>"
      }
      let names = diagnosis.examined.map(\.rawValue).sorted().joined(separator: ", ")
      let fine = "<div class=\"fine\"><p>Nothing seems wrong. Looked for: \(names).</p></div>"
      return "<section class=\"card\"><h2>\(Page.escaped(title))</h2>\(items.isEmpty ? fine : items.joined())</section>"
    }
    return cards.isEmpty ? "" : "<div class=\"columns\">\(cards.joined())</div>"
  }

  // MARK: Curves

  private static func curves(_ runs: [ReportRun]) throws -> String {
    let panels = ["elbo", "rate", "distortion", "exact_log_likelihood"].compactMap { name -> LineChart.Panel? in
      var series: [LineChart.Series] = []
      for (place, run) in runs.enumerated() {
        for split in ["train", "validation", "test"] {
          let points = run.metrics.filter { $0.split == split }.compactMap { metrics in
            metrics[name].map { LineChart.Point(Double(metrics.epoch), $0) }
          }
          guard points.count > 1 else { continue }
          let color = runs.count > 1 ? LineChart.palette[place % LineChart.palette.count] : nil
          series.append(
            LineChart.Series(
              name: runs.count > 1 ? "\(run.name), \(split)" : split, points: points, color: color,
              isDashed: split != "train"))
        }
      }
      guard !series.isEmpty else { return nil }
      return LineChart.Panel(
        title: name, xAxis: .init(title: "epoch"), yAxis: .init(title: "nats per example"), series: series)
    }
    guard !panels.isEmpty else { return "" }
    let svg = try LineChart(panels: panels, plotWidth: 230, plotHeight: 170).svg()
    return "<section class=\"card\"><h2>Training</h2><div class=\"wide\">\(themed(svg))</div></section>"
  }

  /// The picture in the page's own colours, light or dark.
  private static func themed(_ svg: String) -> String {
    svg.replacingOccurrences(of: "fill=\"#262626\"", with: "fill=\"currentColor\" role=\"img\"")
      .replacingOccurrences(of: "fill=\"white\"", with: "fill=\"none\"")
      .replacingOccurrences(of: "#e6e6e6", with: "#88888844").replacingOccurrences(of: "#5a5a5a", with: "#888888")
      .replacingOccurrences(of: "#3c3c3c", with: "currentColor")
  }

  // MARK: Latents

  private static func latents(_ runs: [ReportRun]) -> String {
    let cards = runs.flatMap { run -> [String] in
      guard let order = run.order else { return [] }
      let of = runs.count > 1 ? " of \(run.name)" : ""
      var cards = [
        "<section class=\"card\"><h2>\(Page.escaped("Latents\(of)"))</h2>\(bars(order))<p class=\"soft small\">"
          + (order.isRate ? "Each latent's rate, in nats per example" : "The variance of each latent's codes")
          + "</p></section>"
      ]
      if let map = run.map {
        cards.append(
          "<section class=\"card\"><h2>\(Page.escaped("Codes\(of)"))</h2>\(scatter(map))<p class=\"soft small\">"
            + "Posterior means of \(map.points.count) examples: z\(map.axes.0) across, z\(map.axes.1) up</p></section>")
      }
      return cards
    }
    return cards.isEmpty ? "" : "<div class=\"columns\">\(cards.joined())</div>"
  }

  private static func bars(_ order: LatentOrder) -> String {
    let shown = order.latents.prefix(40)
    let most = max(shown.map { order.measure[$0] }.max() ?? 0, 1e-9)
    let rows = shown.enumerated().map { place, latent in
      let (y, length) = (place * 14, max(0, order.measure[latent]) / most * 200)
      return "<text x=\"38\" y=\"\(y + 11)\" text-anchor=\"end\">z\(latent)</text>"
        + "<rect x=\"44\" y=\"\(y + 2)\" width=\"\(String(format: "%.1f", length))\" height=\"10\" fill=\"#0072b2\" rx=\"2\"/>"
        + "<text x=\"\(String(format: "%.1f", length + 50))\" y=\"\(y + 11)\">\(String(format: "%.2f", order.measure[latent]))</text>"
    }
    return "<svg viewBox=\"0 0 300 \(shown.count * 14 + 4)\" font-size=\"10\" font-family=\"sans-serif\" "
      + "fill=\"currentColor\" role=\"img\">\(rows.joined())</svg>"
  }

  private static func scatter(_ map: ReportRun.CodeMap) -> String {
    let reach = max(3, map.points.reduce(0) { max($0, abs($1.x), abs($1.y)) })
    let circles = map.points.enumerated().map { place, point in
      let label = place < map.labels.count ? map.labels[place] : 0
      let color = Self.colors[label % Self.colors.count]
      let (x, y) = (150 + point.x / reach * 145, 150 - point.y / reach * 145)
      return String(format: "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"\(color)\"/>", x, y)
    }
    let classes = Set(map.labels).sorted().prefix(20)
    let legend = classes.map { "<span style=\"color:\(Self.colors[$0 % Self.colors.count])\">●</span>&nbsp;\($0) " }
    return "<svg viewBox=\"0 0 300 300\" fill-opacity=\"0.7\" role=\"img\"><path d=\"M150 0V300M0 150H300\" "
      + "stroke=\"#88888866\"/>\(circles.joined())</svg><p class=\"small\">\(legend.joined())</p>"
  }

  private static let colors = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b48c00", "#7a7a7a", "#8d62c9", "#c03b3b", "#4f8f2f",
  ]

  // MARK: Pictures and settings

  private static func pictures(_ runs: [ReportRun]) throws -> String {
    let titles = unique(runs.flatMap { $0.pictures.map(\.title) })
    return try titles.map { title in
      let figures = try runs.flatMap { run in
        try run.pictures.filter { $0.title == title }.map { picture in
          let data = try PNG.encode(picture.image).base64EncodedString()
          let name = runs.count > 1 ? "\(run.name): " : ""
          return "<figure><img alt=\"\(Page.escaped(name + title))\" src=\"data:image/png;base64,\(data)\">"
            + "<figcaption>\(Page.escaped(name + picture.caption))</figcaption></figure>"
        }
      }
      let body = runs.count > 1 ? "<div class=\"columns\">\(figures.joined())</div>" : figures.joined()
      return "<section class=\"card\"><h2>\(title)</h2>\(body)</section>"
    }.joined(separator: "\n")
  }

  private static func settings(_ runs: [ReportRun]) -> String {
    let cards = runs.map { run in
      "<details class=\"card\"><summary>Settings\(runs.count > 1 ? " of \(Page.escaped(run.name))" : "")</summary><pre class=\"small wide\">"
        + "\(Page.escaped(String(decoding: (try? run.configuration.json()) ?? Data(), as: UTF8.self)))</pre></details>"
    }
    return cards.joined(separator: "\n")
  }
}
