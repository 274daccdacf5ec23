import Evidence
import Model

/// What happened, where, and how to see it again.
extension ExecutionPage {
  var eventsSection: [HTML] {
    guard !execution.stages.isEmpty else { return [] }
    var parts: [HTML] = [.element("h2", "What happened")]
    var table = HTMLTable("Events", [.init("UTC"), .init("event"), .init("note")])
    for event in events { table.row([.init(event.at, "nowrap"), .init(event.what, event.look), .init(event.note)]) }
    parts.append(table.html)
    guard execution.stages.count > events.count else { return parts }
    var stages = HTMLTable("All stages", [.init("UTC"), .init("stage"), .init("outcome"), .init("note")])
    for stage in execution.stages {
      stages.row([
        .init(Self.clock(stage.started), "nowrap"), .init(stage.stage.rawValue), .init(stage.outcome.rawValue),
        .init(stage.note),
      ])
    }
    parts.append(
      .element("details", [.element("summary", "All \(Phrases.count(execution.stages.count, "stage"))"), stages.html]))
    return parts
  }

  private struct Event {
    var at: String
    var what: String
    var note: String
    var look = ""
  }

  /// Blocks and the writing of settings between them are told together; whatever went wrong stands by itself.
  private var events: [Event] {
    var events: [Event] = []
    var isMeasured = false
    for stage in execution.stages {
      let isRoutine = [.apply, .verify, .baseline, .retest].contains(stage.stage) && stage.outcome == .passed
      if isRoutine {
        let what = execution.kind == .exhaustion ? "applied" : "measured"
        if !isMeasured { events.append(Event(at: Self.clock(stage.started), what: what, note: measured)) }
        isMeasured = true
        continue
      }
      let went = stage.outcome == .passed ? "" : " \(stage.outcome.rawValue)"
      events.append(
        Event(
          at: Self.clock(stage.started), what: stage.stage.rawValue + went, note: stage.note,
          look: stage.outcome == .failed || stage.outcome == .interrupted ? "bad" : ""))
    }
    if let ended = execution.ended {
      events.append(Event(at: Self.clock(ended), what: "ended", note: execution.outcome.rawValue.words))
    }
    return events
  }

  private var measured: String {
    let passed = execution.stages.filter { $0.outcome == .passed }
    let blocks = passed.filter { $0.stage == .baseline || $0.stage == .retest }.count
    let writes = passed.filter { $0.stage == .apply && $0.note.hasSuffix("written") }.count
    let reads = passed.filter { $0.stage == .verify }.count
    let counted = execution.kind == .exhaustion ? "" : "\(Phrases.count(blocks, "block")); "
    return "\(counted)settings written \(Phrases.count(writes, "time")), "
      + "read back and verified \(Phrases.count(reads, "time"))"
  }

  /// `18:50:00`, of the day that stands under the heading.
  private static func clock(_ moment: Timestamp) -> String { String(moment.text.dropFirst(11).dropLast()) }

  var environmentSection: [HTML] {
    EnvironmentSection(runs: runs, differences: comparison?.otherDifferences).html
  }

  var reproduceSection: [HTML] {
    let name = execution.id.experiment
    let commits = Set(runs.compactMap { $0.run.environment["git_commit"] })
    var lines: [String] = []
    if commits.count == 1, let commit = commits.first { lines.append("git checkout \(commit)") }
    lines += ["poolops experiment plan \(name)", "poolops experiment run \(name)", "poolops report \(name)"]
    return [
      .element("h2", "How to reproduce"), Self.code(lines.joined(separator: "\n")),
      .element("p", "These show what was recorded for this page:"), Self.code(records.joined(separator: "\n")),
      .element(
        "details",
        [
          .element("summary", "experiments/\(name).yaml as it was measured"), Self.code(execution.experimentText),
          .element(
            "p", ["class": "soft"],
            [
              HTML(
                "SHA-256 \(execution.experimentDigest). Order of the blocks and load follow from seed \(execution.seed)."
              )
            ]),
        ]),
    ]
  }

  private var records: [String] {
    let diff = comparison.map { ["poolops diff \($0.before.run.id) \($0.after.run.id)"] } ?? []
    return diff + execution.runs.map { "poolops run show \($0)" }
  }

  static func code(_ text: String) -> HTML {
    .element("pre", ["tabindex": "0"], [.element("code", text)])
  }
}

extension String {
  /// A stored name as words: `rolled back`.
  var words: String { String(map { $0 == "_" ? " " : $0 }) }
}
