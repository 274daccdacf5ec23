import Evidence
import Model

/// All charts of one or two runs, with what has to be said beside them.
struct ChartsSection {
  let series: [RunSeries]
  let marks: [TimelineMark]
  let checks: [Condition]
  /// Which time the charts over time show.
  let clock: String

  /// Empty where nothing was measured.
  var html: [HTML] {
    let limit = LatencyLimit(checks)
    let latency = LatencyChart(series: series, limit: limit)
    let timeline = TimelineChart(series: series, marks: marks, limit: limit)
    var parts: [HTML] = []
    if let panel = latency.panel {
      parts += [.element("h2", "How long requests took"), panel.figure, soft(latency.note)]
    }
    let panels = timeline.panels
    if !panels.isEmpty {
      parts += [.element("h2", "Second by second"), soft("\(clock) \(timeline.note)"), ChartPanel.figure(panels)]
    }
    return parts + [WithinBlockChart(series: series, limit: limit).panel?.figure].compactMap { $0 }
  }

  private func soft(_ text: String) -> HTML { .element("p", ["class": "soft"], [HTML(text)]) }
}
