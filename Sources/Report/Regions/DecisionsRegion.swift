import Evidence
import Model

/// What was tried, what came of it and why: the rejected alternatives too.
package enum DecisionsRegion: RunbookRegion {
  package static let name = "decisions"
  package static let summary =
    "every judged experiment: what was tried, what came of it, and why alternatives were rejected"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    guard !evidence.trials.isEmpty else { return .missing("no execution is recorded") }
    var table = TextTable([
      .init("execution"), .init("tried"), .init("latency p95"), .init("error rate"), .init("verdict"), .init("then"),
    ])
    for trial in evidence.trials {
      table.row([
        .init("\(trial.execution.id), \(trial.execution.started.text)\(earlier(trial))"), .init(tried(trial)),
        .init(figures(.latency(95), trial)), .init(figures(.errorRate, trial)),
        .init(trial.execution.verdict?.decision.rawValue ?? "not judged"), .init(then(trial.execution.outcome)),
      ])
    }
    let rejected = evidence.trials.filter { $0.execution.verdict?.decision == .noGo }
    let others = evidence.trials.filter { $0.execution.verdict?.decision != .noGo }
    return markdownBlocks([
      table.markdown(), omitted(evidence),
      rejected.isEmpty ? "" : "Rejected, and why:", markdownList(rejected.map(reason)),
      others.isEmpty ? "" : rejected.isEmpty ? "Why:" : "The others:", markdownList(others.map(reason)),
    ])
  }

  private static func omitted(_ evidence: RunbookEvidence) -> String {
    guard evidence.omittedTrials > 0 else { return "" }
    return "\(Phrases.count(evidence.omittedTrials, "older decision")) \(evidence.omittedTrials == 1 ? "is" : "are") "
      + "left out here (\(evidence.execution.id)); `poolops run list` has them."
  }

  private static func earlier(_ trial: RunbookEvidence.Trial) -> String {
    trial.earlier > 0 ? ", and \(Phrases.count(trial.earlier, "time")) before with the same file and verdict" : ""
  }

  private static func tried(_ trial: RunbookEvidence.Trial) -> String {
    guard !trial.changes.isEmpty else { return "nothing changed: \(trial.title)" }
    return trial.changes.map { "`\($0.key.rawValue)` \($0.beforeText) to \($0.afterText)" }.joined(separator: ", ")
  }

  private static func figures(_ metric: Metric, _ trial: RunbookEvidence.Trial) -> String {
    guard let comparison = trial.comparison else { return "no data" }
    return [comparison.before, comparison.after].map {
      "\(Phrases.figure(metric, $0[metric])) (\($0.run.id))"
    }.joined(separator: " to ")
  }

  private static func then(_ outcome: ExecutionOutcome) -> String {
    switch outcome {
    case .running: "not ended"
    case .kept: "kept"
    case .rolledBack: "put back"
    case .failed: "put back: a stage failed"
    case .rollbackUnverified: "**rollback not verified**"
    }
  }

  private static func reason(_ trial: RunbookEvidence.Trial) -> String {
    let head = "\(trial.execution.id), *\(Markdown.escaped(trial.title))*: "
    if let verdict = trial.execution.verdict {
      let isProof = verdict.decision == .noGo && trial.expects == .noGo
      return head + Markdown.escaped(verdict.reason) + (isProof ? " The hypothesis predicted that; rejected." : "")
    }
    let stage = trial.execution.stages.last { $0.outcome == .failed || $0.outcome == .interrupted }
    guard let stage else { return head + "it was not judged." }
    let note = stage.note.isEmpty ? "" : ": \(Markdown.escaped(stage.note))"
    return head + "it was not judged; \(stage.stage.rawValue) \(stage.outcome.rawValue)\(note)."
  }
}
