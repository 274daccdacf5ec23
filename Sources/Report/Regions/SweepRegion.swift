import Evidence
import Model

/// Pool size against load, as the newest whole sweep of the experiment measured it, and the knee under each load.
package enum SweepRegion: RunbookRegion {
  package static let name = "sweep"
  package static let summary =
    "pool size against load: the table of the experiment's newest whole sweep, the knee of each load, what pairs said of it, and a chart as `EXPERIMENT-sweep.svg`"

  package static let isOptional = true

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    guard let sweep = evidence.sweep else {
      let name = evidence.experiment.name
      return .missing("no sweep of '\(name)' was measured to its end; type: poolops sweep \(name) --pool SIZES")
    }
    let chart = file(sweep, of: evidence).map { "![\(alternative($0.words))](\($0.file.name))" }
    let objections = sweep.findings.objections.map(Markdown.escaped)
    return markdownBlocks(
      [Markdown.escaped("\(sweep.id), \(sweep.execution.started.text). \(sweep.plan)") + otherFile(sweep, evidence)]
        + [sweep.table.markdown(), chart ?? "", markdownList(knees(sweep) + [confirmation(evidence, sweep)])]
        + ["What this table does not say (\(sweep.id)):", markdownList(sweep.notes.map(Markdown.escaped))]
        + (objections.isEmpty ? [] : ["Objections:", markdownList(objections)]))
  }

  package static func files(_ evidence: RunbookEvidence) -> [RunbookFile] {
    (evidence.sweep.flatMap { file($0, of: evidence) }).map { [$0.file] } ?? []
  }

  /// The sentence of each knee, with the runs that it rests on.
  private static func knees(_ sweep: SweepReport) -> [String] {
    zip(sweep.findings.knees, sweep.kneeSentences).map { knee, sentence in
      let runs = sweep.findings.cells.filter { $0.cell.level == knee.level }.compactMap(\.cell.run)
      return Markdown.escaped("\(sentence) (\(Phrases.list(runs.map { "\($0)" })))")
    }
  }

  private static func confirmation(_ evidence: RunbookEvidence, _ sweep: SweepReport) -> String {
    guard let report = evidence.confirmation, let confirmation = report.confirmation else {
      return "No pairs of blocks have confirmed a knee of \(sweep.id) yet: `poolops sweep confirm \(sweep.id)`"
    }
    let runs = Phrases.list(report.findings.cells.compactMap(\.cell.run).map { "\($0)" })
    return Markdown.escaped(
      "In pairs, at \(confirmation.level.text): \(confirmation.sentence) (\(runs), \(report.id))")
  }

  /// The page follows the newest judged execution; a sweep may be older than the file that this one was judged by.
  private static func otherFile(_ sweep: SweepReport, _ evidence: RunbookEvidence) -> String {
    sweep.execution.experimentDigest == evidence.execution.experimentDigest
      ? "" : " The experiment file was another one when \(evidence.execution.id) was judged."
  }

  private static func file(_ sweep: SweepReport, of evidence: RunbookEvidence) -> (file: RunbookFile, words: String)? {
    let panels = SweepChart(findings: sweep.findings).panels
    guard let first = panels.first else { return nil }
    let name = "\(evidence.experiment.name)-sweep"
    let file = RunbookFile(
      name: "\(name).svg", text: ChartSVG.document(panels, title: "Sweep \(sweep.id)"),
      figure: ChartPanel.figure(panels, prefix: "\(name)-"))
    return (file, "\(first.title), \(sweep.id). \(first.summary)")
  }

  /// Brackets would end the text of the image.
  private static func alternative(_ words: String) -> String {
    Markdown.escaped(words.replacing("[", with: "(").replacing("]", with: ")"))
  }
}
