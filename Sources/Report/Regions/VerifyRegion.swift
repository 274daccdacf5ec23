import Evidence
import Model

/// How to see that the change is in force and does what was measured.
package enum VerifyRegion: RunbookRegion {
  package static let name = "verify"
  package static let summary =
    "how to see that the change is in force, and what was measured then"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let rules = evidence.execution.verdict?.rules ?? []
    guard !rules.isEmpty else { return .missing("\(evidence.execution.id) judged no rule") }
    let size = evidence.experiment.settings(of: .retest).maxSize
    return markdownBlocks([
      markdownStep(
        1, "The evidence is there, and this page agrees with it:",
        [
          codeBlock(
            ["poolops diff \(evidence.before.run.id) \(evidence.after.run.id)", "poolops runbook check"], "sh"),
          "The first one ends by saying, wrapped to your terminal:",
          codeBlock([DiffReport(evidence.comparison).conclusion], "text"),
        ]),
      markdownStep(
        2,
        "The pool is what it should be: under load, no instance holds more than \(size) connections "
          + "(\(evidence.after.run.id)). Ask the database, by role and client:", [codeBlock(question, "sql")]),
      markdownStep(
        3, "Under the load of the experiment, these were measured:", [expectations(evidence, rules).markdown()]),
    ])
  }

  private static let question = [
    "SELECT usename, client_addr, count(*) AS connections,",
    "       count(*) FILTER (WHERE state = 'active') AS active",
    "FROM pg_stat_activity WHERE backend_type = 'client backend'", "GROUP BY 1, 2 ORDER BY 3 DESC;",
  ]

  private static func expectations(_ evidence: RunbookEvidence, _ rules: [RuleOutcome]) -> TextTable {
    var table = TextTable([.init("check"), .init("measured after the change"), .init("result")])
    for rule in rules {
      let metric = evidence.experiment.checks.first { $0.text == rule.rule }?.metric
      let value = metric.flatMap { evidence.cited($0, evidence.after) } ?? "no data (\(evidence.after.run.id))"
      table.row([.init("`\(rule.rule)`"), .init(value), .init(Rules.word(rule.status))])
    }
    return table
  }
}
