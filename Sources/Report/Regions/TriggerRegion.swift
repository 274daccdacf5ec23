import Evidence
import Model

/// What the trouble looked like when it was measured, and what looked as usual meanwhile.
package enum TriggerRegion: RunbookRegion {
  package static let name = "trigger"
  package static let summary =
    "when to use the page: what each signal showed under the old settings and shows under the new ones, and what is not the pool's"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let signals = rows(
      [.errorRate, .acquireTimeouts, .waiting, .wait(95), .latency(95), .poolUtilisation], evidence
    ) { before, after in before > after * 1.1 }
    guard !signals.isEmpty else {
      return .missing("under the old settings no signal was worse than under the new ones (\(evidence.execution.id))")
    }
    let others = rows([.query(95), .serverCPU], evidence) { _, _ in true }
    return markdownBlocks([
      "The trouble that this page is for looked so, under \(evidence.load) (\(evidence.before.run.id)):",
      table("signal", signals, evidence).markdown(),
      others.isEmpty
        ? ""
        : "These are not the pool's (\(evidence.before.run.id), \(evidence.after.run.id)). Where one of them is far from "
          + "what it was here, the trouble is another one, and more connections do not help:",
      others.isEmpty ? "" : table("not the pool", others, evidence).markdown(),
    ])
  }

  private static func rows(
    _ metrics: [Metric], _ evidence: RunbookEvidence, _ belongs: (_ before: Double, _ after: Double) -> Bool
  ) -> [[TextTable.Cell]] {
    metrics.compactMap { metric in
      guard let before = evidence.before[metric], let after = evidence.after[metric], before.value.isFinite,
        after.value.isFinite, belongs(before.value, after.value)
      else { return nil }
      return [
        .init(metric.title), .init(Phrases.figure(metric, before)), .init(Phrases.figure(metric, after)),
      ]
    }
  }

  private static func table(_ title: String, _ rows: [[TextTable.Cell]], _ evidence: RunbookEvidence) -> TextTable {
    var table = TextTable([
      .init(title), .init("in the trouble (\(evidence.before.run.id))", right: true),
      .init("after the change (\(evidence.after.run.id))", right: true),
    ])
    for row in rows { table.row(row) }
    return table
  }
}
