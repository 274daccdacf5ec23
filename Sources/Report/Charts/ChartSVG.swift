import Model

/// Writes panels as SVG. The plot stretches with the page while its text and its strokes keep their size, so that a
/// telephone shows the same chart with the same letters.
enum ChartSVG {
  /// Units across the plot; only precision depends on it.
  private static let width = 1000.0
  /// Least distance of two labels at the right edge, in pixels.
  private static let labelGap = 13.0

  /// For a page, beside a style sheet that holds `css`.
  static func inline(_ panel: ChartPanel) -> String {
    let room = panel.labels.contains(where: \.isAtEdge) ? " labelled" : ""
    return """
      <svg class="plot\(room)" height="\(panel.height)" role="img" \
      aria-labelledby="\(panel.id)-t \(panel.id)-d">\(words(panel))\
      \(body(panel))</svg>
      """
  }

  /// A file of its own: panels below each other, 760 wide, with its style and its ground inside.
  static func document(_ panels: [ChartPanel], title: String) -> String {
    let isLabelled = panels.contains { $0.labels.contains(where: \.isAtEdge) }
    let (left, right, above, below) = (64.0, isLabelled ? 76.0 : 20.0, 30.0, 26.0)
    var y = 4.0
    var parts: [String] = []
    for panel in panels {
      let plot = 760 - left - right
      parts.append(
        "<text class=\"caption\" x=\"10\" y=\"\(number(y + 14))\">\(captionTSpans(panel))</text>\n"
          + "<svg class=\"plot\" x=\"\(number(left))\" y=\"\(number(y + above))\" width=\"\(number(plot))\" "
          + "height=\"\(panel.height)\" overflow=\"visible\">\(words(panel))\(body(panel))</svg>\n")
      y += above + Double(panel.height) + (panel.showsX ? below : 4)
    }
    let height = number(y + 6)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="760" height="\(height)" viewBox="0 0 760 \(height)" role="img">
      <title>\(HTML.escaped(title))</title>
      <style>\(css)\(panels.contains(where: \.hasSeries) ? seriesCSS : "").ground{fill:#fff}.caption{font-size:12px;fill:#1c2733}\
      @media screen and (prefers-color-scheme:dark){.ground{fill:#12171d}.caption{fill:#e4e9ee}}</style>
      <rect class="ground" width="100%" height="100%"/>
      \(parts.joined())</svg>

      """
  }

  /// Colours after Okabe and Ito, darkened or lightened until letters of them can be read on the ground.
  static let css = """
    text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;fill:#59636e}
    .plot path,.plot line{fill:none;stroke-width:1.75;stroke-linejoin:round;vector-effect:non-scaling-stroke}
    .plot .grid{stroke:#e2e6ea;stroke-width:1}
    .plot .thin{stroke-width:1}
    .plot .dashed{stroke-dasharray:6 3}
    .plot .dotted{stroke-dasharray:1.5 3}
    .plot .area{stroke:none;opacity:.22}
    .plot .span{stroke:none;opacity:.07}
    .plot .block{opacity:1;stroke-width:1}
    .plot .name{font-weight:600;paint-order:stroke;stroke:#fff!important;stroke-width:3px}
    .plot .limit,.plot .event{stroke:#59636e;stroke-width:1;stroke-dasharray:2 3}
    .plot .event{opacity:.55}
    .plot .fault{stroke:#b3261e}
    .plot text{stroke:none!important}
    .plot rect.warm-up{fill:#59636e}
    .plot .before{stroke:#0062a3}.plot .area.before,.plot .span.before,text.before,tspan.before{fill:#0062a3}
    .plot .after{stroke:#b84a00}.plot .area.after,.plot .span.after,.plot .block.after,text.after,tspan.after{fill:#b84a00}
    .plot .block.before{fill:none}
    text.fault{fill:#b3261e}
    @media screen and (prefers-color-scheme:dark){
    text{fill:#9ba7b4}.plot .grid{stroke:#2a323b}
    .plot .limit,.plot .event{stroke:#9ba7b4}.plot rect.warm-up{fill:#9ba7b4}
    .plot .span{opacity:.12}.plot .name{stroke:#12171d!important}
    .plot .fault{stroke:#ff8a80}text.fault{fill:#ff8a80}
    .plot .before{stroke:#6cb8f0}.plot .area.before,.plot .span.before,text.before,tspan.before{fill:#6cb8f0}
    .plot .after{stroke:#f2a65a}.plot .area.after,.plot .span.after,.plot .block.after,text.after,tspan.after{fill:#f2a65a}
    .plot .block.before{fill:none}
    }

    """

  /// For charts with lines of one kind; others do without it, and stay as they were.
  static let seriesCSS = """
    .plot .dash-dot{stroke-dasharray:7 3 1.5 3}.plot .long-dash{stroke-dasharray:12 4}.plot .thin{stroke-width:1}
    .plot circle,.plot .bar{stroke-dasharray:none!important}.plot .bar{stroke-width:1}
    .plot .s1{stroke:#0062a3}text.s1{fill:#0062a3}.plot .s2{stroke:#b84a00}text.s2{fill:#b84a00}
    .plot .s3{stroke:#00705a}text.s3{fill:#00705a}.plot .s4{stroke:#8a3d76}text.s4{fill:#8a3d76}
    .plot .s5{stroke:#6f6100}text.s5{fill:#6f6100}.plot .s6{stroke:#1c2733}text.s6{fill:#1c2733}
    @media screen and (prefers-color-scheme:dark){
    .plot .s1{stroke:#6cb8f0}text.s1{fill:#6cb8f0}.plot .s2{stroke:#f2a65a}text.s2{fill:#f2a65a}
    .plot .s3{stroke:#4cc9a4}text.s3{fill:#4cc9a4}.plot .s4{stroke:#d89ac4}text.s4{fill:#d89ac4}
    .plot .s5{stroke:#d9c84a}text.s5{fill:#d9c84a}.plot .s6{stroke:#e4e9ee}text.s6{fill:#e4e9ee}
    }

    """

  private static func words(_ panel: ChartPanel) -> String {
    "<title id=\"\(panel.id)-t\">\(HTML.escaped(panel.title))</title>"
      + "<desc id=\"\(panel.id)-d\">\(HTML.escaped(panel.summary))</desc>"
  }

  private static func captionTSpans(_ panel: ChartPanel) -> String {
    panel.caption.map { words in
      words.look.map { "<tspan class=\"\($0.rawValue)\" font-weight=\"600\">\(HTML.escaped(words.text))</tspan>" }
        ?? HTML.escaped(words.text)
    }.joined()
  }

  private static func body(_ panel: ChartPanel) -> String {
    var output = "\n"
    if panel.showsY { output += panel.y.ticks.map { yTick($0, panel) }.joined() }
    if panel.showsX { output += panel.x.ticks.map { xTick($0, panel) }.joined() }
    output += """
      <svg viewBox="0 0 \(number(width)) \(panel.height)" width="100%" height="\(panel.height)" \
      preserveAspectRatio="none" overflow="visible">

      """
    output += panel.layers.map { stretched($0, panel) }.joined() + "</svg>\n"
    output += panel.layers.map { fixedSize($0, panel) }.joined()
    return output + labels(panel)
  }

  private static func yTick(_ tick: ChartAxis.Tick, _ panel: ChartPanel) -> String {
    let y = number(top(tick.value, panel))
    let line = "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>"
    return line + "<text x=\"-8\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(HTML.escaped(tick.text))</text>\n"
  }

  private static func xTick(_ tick: ChartAxis.Tick, _ panel: ChartPanel) -> String {
    let x = percent(panel.x.position(tick.value))
    let minor = tick.isMinor ? " class=\"minor\"" : ""
    return "<line class=\"grid\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(panel.height)\" y2=\"\(panel.height + 4)\"/>"
      + "<text\(minor) x=\"\(x)\" y=\"\(panel.height + 17)\" text-anchor=\"middle\">\(HTML.escaped(tick.text))</text>\n"
  }

  /// What stretches with the plot.
  private static func stretched(_ layer: ChartPanel.Layer, _ panel: ChartPanel) -> String {
    switch layer {
    case .line(let points, let look):
      guard points.count > 1 else { return "" }
      return "<path class=\"\(look.rawValue)\" d=\"\(path(points, panel))\"/>\n"
    case .band(let extents, let look):
      guard extents.count > 1 else { return "" }
      let upper = extents.map { ChartPanel.Point(x: $0.x, y: $0.high) }
      let lower = extents.reversed().map { ChartPanel.Point(x: $0.x, y: $0.low) }
      return "<path class=\"area \(look.rawValue)\" d=\"\(path(upper + lower, panel))Z\"/>\n"
    case .span(let range, let look):
      let (from, to) = (panel.x.position(range.lowerBound) * width, panel.x.position(range.upperBound) * width)
      let kind = panel.showsY ? "span" : "block"
      return "<rect class=\"\(kind) \(look.rawValue)\" x=\"\(number(from))\" width=\"\(number(max(to - from, 1)))\" "
        + "y=\"0\" height=\"\(panel.height)\" vector-effect=\"non-scaling-stroke\"/>\n"
    case .level, .moment, .dot, .knot, .ring, .bar: return ""
    }
  }

  /// What keeps its shape.
  private static func fixedSize(_ layer: ChartPanel.Layer, _ panel: ChartPanel) -> String {
    switch layer {
    case .level(let value, let look):
      let y = number(top(value, panel))
      return "<line class=\"\(look.rawValue)\" x1=\"0\" x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>\n"
    case .moment(let value, let look):
      let x = percent(panel.x.position(value))
      return "<line class=\"\(look.rawValue)\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(panel.height)\"/>\n"
    case .dot(let point, let look):
      return circle(point, look, "r=\"3\" fill=\"none\" stroke-width=\"2\"", panel)
    // Its stroke fills it: colours are given to strokes.
    case .knot(let point, let look): return circle(point, look, "r=\"1.4\" fill=\"none\" stroke-width=\"2.8\"", panel)
    case .ring(let point, let look): return circle(point, look, "r=\"7\" fill=\"none\" stroke-width=\"1.5\"", panel)
    case .bar(let extent, let look):
      let x = percent(panel.x.position(extent.x))
      return "<line class=\"\(look.rawValue) bar\" x1=\"\(x)\" x2=\"\(x)\" "
        + "y1=\"\(number(top(extent.low, panel)))\" y2=\"\(number(top(extent.high, panel)))\"/>\n"
    case .line(let points, let look):
      // One second between seconds of silence.
      guard points.count == 1, let point = points.first else { return "" }
      return "<circle class=\"\(look.rawValue)\" cx=\"\(percent(panel.x.position(point.x)))\" "
        + "cy=\"\(number(top(point.y, panel)))\" r=\"1\"/>\n"
    case .band, .span: return ""
    }
  }

  private static func circle(
    _ point: ChartPanel.Point, _ look: ChartPanel.Look, _ shape: String, _ panel: ChartPanel
  ) -> String {
    "<circle class=\"\(look.rawValue)\" cx=\"\(percent(panel.x.position(point.x)))\" "
      + "cy=\"\(number(top(point.y, panel)))\" \(shape)/>\n"
  }

  private static func labels(_ panel: ChartPanel) -> String {
    let edge = panel.labels.filter(\.isAtEdge).map { ($0, top($0.at.y, panel)) }.sorted { $0.1 < $1.1 }
    var output = ""
    for (label, y) in zip(edge.map(\.0), spread(edge.map(\.1), panel)) {
      output += text(label, x: "100%", y: y, dx: 8, anchor: "start")
    }
    for label in panel.labels where !label.isAtEdge {
      let share = panel.x.position(label.at.x)
      let isRight = share > 0.55
      output += text(
        label, x: percent(share), y: top(label.at.y, panel) - 8, dx: isRight ? -4 : 4, anchor: isRight ? "end" : "start"
      )
    }
    return output
  }

  /// Labels that would lie on each other stand below each other; many of them not below the plot either.
  private static func spread(_ wanted: [Double], _ panel: ChartPanel) -> [Double] {
    var places: [Double] = []
    for place in wanted { places.append(max(place, (places.last ?? -.infinity) + labelGap)) }
    guard panel.hasSeries else { return places }
    var most = Double(panel.height)
    for index in places.indices.reversed() {
      places[index] = min(places[index], most)
      most = places[index] - labelGap
    }
    return places
  }

  private static func text(_ label: ChartPanel.Label, x: String, y: Double, dx: Int, anchor: String) -> String {
    "<text class=\"name \(label.look.rawValue)\" x=\"\(x)\" y=\"\(number(y))\" dx=\"\(dx)\" dy=\"4\" "
      + "text-anchor=\"\(anchor)\">\(HTML.escaped(label.text))</text>\n"
  }

  private static func path(_ points: [ChartPanel.Point], _ panel: ChartPanel) -> String {
    var output = ""
    for point in points {
      output += output.isEmpty ? "M" : "L"
      output += number(panel.x.position(point.x) * width) + " " + number(top(point.y, panel))
    }
    return output
  }

  /// Pixels from the top; what is beyond the axis stands at its end.
  private static func top(_ value: Double, _ panel: ChartPanel) -> Double {
    (1 - min(max(panel.y.position(value), 0), 1)) * Double(panel.height)
  }

  private static func number(_ value: Double) -> String { decimal(value, places: 1) }
  private static func percent(_ share: Double) -> String { decimal(share * 100, places: 2) + "%" }
}
