import Evidence
import Model

/// Latency by percentile and second by second, as SVG files beside the runbook.
package enum ChartRegion: RunbookRegion {
  package static let name = "chart"
  package static let summary =
    "latency by percentile and second by second, as `EXPERIMENT-latency.svg` and `EXPERIMENT-time.svg` beside the runbook"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let charts = charts(evidence)
    guard !charts.isEmpty else {
      return .missing("\(evidence.before.run.id) and \(evidence.after.run.id) have no seconds to draw")
    }
    let runs = "Drawn from \(evidence.before.run.id) and \(evidence.after.run.id) (\(evidence.execution.id))."
    return markdownBlocks(charts.map { "![\(alternative($0))](\($0.file.name))" } + [runs])
  }

  package static func files(_ evidence: RunbookEvidence) -> [RunbookFile] { charts(evidence).map(\.file) }

  private struct Chart {
    var file: RunbookFile
    var words: String
  }

  private static func charts(_ evidence: RunbookEvidence) -> [Chart] {
    let limit = LatencyLimit(evidence.experiment.checks)
    let latency = LatencyChart(series: evidence.series, limit: limit).panel
    let time = TimelineChart(
      series: evidence.series, marks: TimelineMark.all(of: evidence.execution), limit: limit
    ).latencyPanels
    let drawings: [(String, [ChartPanel])] = [("latency", latency.map { [$0] } ?? []), ("time", time)]
    return drawings.compactMap { kind, panels in
      guard let last = panels.last else { return nil }
      let title = "\(last.title), \(evidence.execution.id)"
      let file = RunbookFile(
        name: "\(evidence.experiment.name)-\(kind).svg", text: ChartSVG.document(panels, title: title),
        figure: ChartPanel.figure(panels, prefix: "\(evidence.experiment.name)-\(kind)-"))
      return Chart(file: file, words: "\(last.title). \(last.summary)")
    }
  }

  /// Brackets would end the text of the image.
  private static func alternative(_ chart: Chart) -> String {
    Markdown.escaped(chart.words.replacing("[", with: "(").replacing("]", with: ")"))
  }
}

/// A generated file that stands beside a runbook and belongs to one of its regions.
package struct RunbookFile: Hashable, Sendable {
  /// Without a folder.
  package var name: String
  package var text: String
  /// The same on an HTML page, where it can follow the width of the page.
  package var figure: HTML
  package init(name: String, text: String, figure: HTML) {
    self.name = name
    self.text = text
    self.figure = figure
  }
}

extension RunbookRegion {
  /// Most regions are text alone.
  package static func files(_ evidence: RunbookEvidence) -> [RunbookFile] { [] }
}

extension RunbookRegions {
  /// The files that the regions of a document refer to, each once.
  package static func files(
    of document: RunbookDocument, evidence: (String) -> RunbookEvidence?
  ) -> [(region: RunbookDocument.Region, file: RunbookFile)] {
    var found: [(region: RunbookDocument.Region, file: RunbookFile)] = []
    for region in document.regions {
      guard let kind = all.first(where: { $0.name == region.name }),
        let evidence = region.arguments["experiment"].flatMap(evidence)
      else { continue }
      for file in kind.files(evidence) where !found.contains(where: { $0.file.name == file.name }) {
        found.append((region, file))
      }
    }
    return found
  }
}
