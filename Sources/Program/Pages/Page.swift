import Foundation
import LatentDiagnostics

/// A page of HTML that holds all that it shows: no network, no files beside it.
struct Page {
  let title: String
  /// What stands in the body.
  let body: String
  /// Style sheets beside the one that all pages share.
  var styles: [String] = []
  /// What runs when the body is there.
  var scripts: [String] = []
  /// After how many seconds a browser asks for the page again.
  var refresh: Int?
  /// What the scripts read, as JSON, under the identifier `data`.
  var data: Data?

  /// The text of the file.
  var html: String {
    let sheets = ([Resource.text(.pageStyle)] + styles).joined(separator: "\n")
    // A script ends at the first "</", also within JSON.
    let island = data.map {
      "<script type=\"application/json\" id=\"data\">"
        + String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "</", with: "<\\/") + "</script>\n"
    }
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      \(refresh.map { "<meta http-equiv=\"refresh\" content=\"\($0)\">\n" } ?? "")<title>\(Page.escaped(title))</title>
      <style>
      \(sheets)</style>
      </head>
      <body>
      \(body)
      \(island ?? "")\(scripts.map { "<script>\n\($0)</script>" }.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  /// A text as HTML shows it.
  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}

/// A file that is part of the program.
enum Resource {
  case pageStyle, explorerStyle, explorerBody, explorerScript, networkScript

  static func text(_ resource: Resource) -> String {
    let bytes =
      switch resource {
      case .pageStyle: PackageResources.page_css
      case .explorerStyle: PackageResources.explorer_css
      case .explorerBody: PackageResources.explorer_html
      case .explorerScript: PackageResources.explorer_js
      case .networkScript: PackageResources.network_js
      }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A text with words in the places that `{{name}}` marks, escaped.
  static func text(_ resource: Resource, _ words: [String: String]) -> String {
    words.reduce(text(resource)) { text, word in
      text.replacingOccurrences(of: "{{\(word.key)}}", with: Page.escaped(word.value))
    }
  }
}
