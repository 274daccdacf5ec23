import Evidence
import Model

/// What was wrong under the baseline's settings, as measured.
package enum ProblemRegion: RunbookRegion {
  package static let name = "problem"
  package static let summary =
    "the hypothesis, and what the old configuration did not keep"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let run = evidence.before.run
    let size = "A pool of \(run.wanted.maxSize) connections was measured under \(evidence.load) (\(run.id))."
    let hypothesis =
      "What was supposed before it was measured (\(evidence.execution.id)): *\(Markdown.escaped(evidence.experiment.hypothesis))*"
    return markdownBlocks([hypothesis, size, markdownList(broken(evidence) + facts(evidence))])
  }

  /// Checks with a fixed limit that the baseline does not keep.
  private static func broken(_ evidence: RunbookEvidence) -> [String] {
    let items = evidence.experiment.checks.compactMap { check -> String? in
      guard case .absolute(let limit) = check.bound, let figure = evidence.before[check.metric],
        !check.comparator.holds(figure.value, limit), let value = evidence.cited(check.metric, evidence.before)
      else { return nil }
      return "It did not keep `\(check.text)`: \(check.metric.title) \(value)."
    }
    return items.isEmpty ? ["It kept every check that has a fixed limit (\(evidence.before.run.id))."] : items
  }

  private static func facts(_ evidence: RunbookEvidence) -> [String] {
    let sentences: [(Metric, String)] = [
      (.waiting, "Requests waiting for a connection, on average"), (.poolUtilisation, "Share of the pool in use"),
      (.wait(95), "Wait for a connection, 95th percentile"),
      (.query(95), "The statement itself, once it had a connection, 95th percentile"),
      (.serverCPU, "CPU of the machine that the database server used meanwhile"),
    ]
    let checked = Set(evidence.experiment.checks.map(\.metric))
    let figures = sentences.filter { !checked.contains($0.0) || $0.0 == .serverCPU }.compactMap { metric, title in
      evidence.cited(metric, evidence.before).map { "\(title): \($0)." }
    }
    return figures + errors(evidence)
  }

  private static func errors(_ evidence: RunbookEvidence) -> [String] {
    let counts = evidence.before.failed.filter { $0.value > 0 }.map { ($0.key.word, $0.value) }
      .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
    guard !counts.isEmpty else { return ["No request failed (\(evidence.before.run.id))."] }
    let list = Phrases.list(counts.map { "\(Phrases.grouped($0.1)) `\($0.0)`" })
    return ["Failed, of \(Phrases.grouped(evidence.before.due)) requests: \(list) (\(evidence.before.run.id))."]
  }
}
