import Evidence
import Model

/// When the steps of the page were last carried out, and in which execution.
package enum LastRehearsedRegion: RunbookRegion {
  package static let name = "last-rehearsed"
  package static let summary = "when the change, the way back and the whole of it were last carried out, and where"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let execution = evidence.execution
    var table = TextTable([.init("what"), .init("last carried out"), .init("in"), .init("it said")])
    let time = execution.ended.map { Phrases.time($0.duration(since: execution.started)) }
    table.row([
      .init("all of it: measured, changed, measured again, judged"), .init((execution.ended ?? execution.started).text),
      .init("\(execution.id)"),
      .init(
        [execution.verdict?.decision.rawValue, time.map { "after \($0)" }].compactMap { $0 }.joined(separator: ", ")),
    ])
    table.row(row("the change put in force and read back", last(.verify, of: execution)))
    table.row(row("the way back, carried out and read back", evidence.rehearsal.flatMap { last(.confirm, of: $0) }))
    return markdownBlocks([table.markdown()])
  }

  private static func last(_ stage: Stage, of execution: Execution) -> (Execution, StageRecord)? {
    execution.stages.last { $0.stage == stage && $0.outcome == .passed }.map { (execution, $0) }
  }

  private static func row(_ what: String, _ found: (execution: Execution, stage: StageRecord)?) -> [TextTable.Cell] {
    guard let found else { return [.init(what), .init("never"), .init("-"), .init("-")] }
    return [
      .init(what), .init((found.stage.ended ?? found.stage.started).text), .init("\(found.execution.id)"),
      .init(found.stage.note.isEmpty ? "-" : found.stage.note),
    ]
  }
}
