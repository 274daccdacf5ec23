import Evidence
import Model

/// What to watch after the change, with thresholds that follow from what was measured.
package enum WatchRegion: RunbookRegion {
  package static let name = "watch"
  package static let summary =
    "what is normal, when to look, when to act, from the checks and the evidence"

  /// Where the checks set no limit: parts of the way from the normal value to the one before the change.
  private static let lookAt = 0.1
  private static let actAt = 0.5

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    var table = TextTable([
      .init("watch"), .init("normal (\(evidence.after.run.id))", right: true), .init("look into it", right: true),
      .init("act", right: true), .init("the thresholds come from"),
    ])
    let rows = checked(evidence) + improved(evidence)
    guard !rows.isEmpty else { return .missing("no check has a fixed limit, and no metric improved") }
    for row in rows { table.row(row) }
    return markdownBlocks([
      "Normal is what was measured under \(evidence.load) (\(evidence.after.run.id)). Take other figures for another load.",
      table.markdown(),
      "With a check: look halfway between normal and the limit, act at the limit. Without one: look at a tenth, act at "
        + "half of the way from normal to the value before the change (\(evidence.before.run.id)).",
      "To act is to find out whether the load grew, statements became slower, or connections leak; a larger pool "
        + "helps only the first, and only while the database has CPU to spare.",
    ])
  }

  /// Checks with a fixed upper limit.
  private static func checked(_ evidence: RunbookEvidence) -> [[TextTable.Cell]] {
    evidence.experiment.checks.compactMap { check in
      guard case .absolute(let limit) = check.bound, check.comparator != .greater, check.comparator != .greaterOrEqual,
        let figure = evidence.after[check.metric]
      else { return nil }
      let metric = check.metric
      let upper = figure.interval?.upperBound ?? figure.value
      let look = upper < limit ? metric.text((upper + limit) / 2) : "-"
      let isZero = limit == 0
      return [
        .init(metric.title), .init(Phrases.figure(metric, figure)), .init(isZero ? "-" : look),
        .init(isZero ? "the first one" : metric.text(limit)), .init("`\(check.text)`"),
      ]
    }
  }

  /// Metrics of waiting that have no check and that the change improved.
  private static func improved(_ evidence: RunbookEvidence) -> [[TextTable.Cell]] {
    let known = Set(evidence.experiment.checks.map(\.metric))
    return [Metric.wait(95), .waiting, .acquireTimeouts].filter { !known.contains($0) }.compactMap { metric in
      guard let row = evidence.comparison.rows.first(where: { $0.metric == metric }), row.finding == .improved,
        let before = row.before?.value, let after = row.after?.value, before > after
      else { return nil }
      let gap = before - after
      return [
        .init(metric.title), .init(Phrases.figure(metric, row.after)), .init(metric.text(after + lookAt * gap)),
        .init(metric.text(after + actAt * gap)),
        .init("\(Phrases.figure(metric, row.before)) (\(evidence.before.run.id))"),
      ]
    }
  }
}
