/// A whole page in one file: nothing is loaded, nothing runs.
struct HTMLPage {
  var title: String
  /// What stands under the heading.
  var subtitle = ""
  /// The page's first heading; nil where the body has its own.
  var heading: String?
  var body: [HTML]
  var footer: String

  /// Scripts, fonts and requests are forbidden to the page itself, so that no text could ever bring one in.
  private static let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

  var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>\(HTML.escaped(title))</title>
    <style>
    \(StyleSheet.text)</style>
    </head>
    <body>
    \(top)
    <main>
    \(body.map(\.source).joined(separator: "\n"))
    </main>
    <footer>\(HTML.escaped(footer))</footer>
    </body>
    </html>

    """
  }

  private var top: String {
    guard let heading else { return "" }
    return "<header>" + HTML.element("h1", heading).source
      + HTML.element("p", ["class": "soft"], [HTML(subtitle)]).source + "</header>"
  }
}

extension ChartPanel {
  /// With its caption above it; room for the axis below it.
  var figure: HTML { Self.figure([self]) }

  /// Panels with one axis: each has its caption, the last one the ticks.
  ///
  /// - Parameter prefix: keeps ids apart where a page has the same panel twice.
  static func figure(_ panels: [ChartPanel], prefix: String = "") -> HTML {
    let parts = panels.flatMap { panel in
      var panel = panel
      panel.id = prefix + panel.id
      return [
        HTML.element("div", ["class": "caption"], panel.caption.map(\.html)),
        HTML(markup: ChartSVG.inline(panel) + "\n"),
      ]
    }
    let axis = panels.contains(where: \.showsX) ? [HTML.element("div", ["class": "axis"], [])] : []
    return .element("figure", parts + axis)
  }
}

extension ChartPanel.Words {
  var html: HTML {
    guard let look else { return HTML(text) }
    return .element("span", ["class": look.rawValue], [HTML(text)])
  }
}
