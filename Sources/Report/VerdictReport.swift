import Evidence
import Model
import Monitor

/// The end of `poolops experiment run`: the verdict first, what it rests on, what became of the change, what to type next.
package struct VerdictReport: Sendable {
  private let execution: Execution
  private let comparison: Comparison?
  private let expects: Decision
  private let changes: [SettingChange]
  private let lead: LeadSection?

  /// - Parameters:
  ///   - comparison: nil where an arm has no finished block.
  ///   - changes: what the experiment changes.
  ///   - expects: the verdict that its hypothesis predicts.
  ///   - lead: of a ramp into exhaustion that came to its end.
  package init(
    _ execution: Execution, comparison: Comparison?, changes: [SettingChange], expects: Decision = .go,
    lead: LeadTimes? = nil
  ) {
    self.lead = lead.flatMap { times in execution.runs.first.map { LeadSection(times: times, run: $0) } }
    self.execution = execution
    self.comparison = comparison
    self.changes = changes
    self.expects = expects
  }

  package func text(_ style: Style) -> String {
    var parts: [String] = []
    if execution.outcome == .rollbackUnverified { parts.append(alarm(style)) }
    parts.append(headline(style))
    if let verdict = execution.verdict { parts.append(Rules.text(verdict.rules, style)) }
    if let lead { parts.append(style.heading(LeadSection.heading) + "\n" + lead.text(style)) }
    if let evidence { parts.append(style.paragraph(evidence)) }
    parts.append(style.paragraph(outcome))
    parts.append(style.heading("Next") + "\n" + next.map { "  \($0)" }.joined(separator: "\n"))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func alarm(_ style: Style) -> String {
    style.paint("STAGING MAY NOT BE AS IT WAS.", .bad) + "\n"
      + style.paragraph(
        "The way back could not be verified. It is still written down in the journal. Get a person to look.")
  }

  private func headline(_ style: Style) -> String {
    guard let verdict = execution.verdict else {
      return style.paint("NOT JUDGED", .warning) + "  \(execution.id)\n" + style.paragraph(whyNotJudged)
    }
    return style.paint(verdict.decision.rawValue, Rules.ink(verdict.decision)) + "  \(execution.id)\n"
      + style.paragraph(([verdict.reason] + surprise(verdict)).joined(separator: " "))
  }

  /// What the verdict means for an experiment whose hypothesis predicts something else than GO.
  func surprise(_ verdict: Verdict) -> [String] {
    if expects == .go || verdict.decision == .inconclusive { return [] }
    return verdict.decision == expects
      ? ["That is what the hypothesis predicts: the alternative is rejected."]
      : ["The hypothesis predicts \(expects.rawValue): find out why it does not hold."]
  }

  /// The last stage that did not pass, in its own words.
  var whyNotJudged: String {
    guard let stage = execution.stages.last(where: { $0.outcome == .failed || $0.outcome == .interrupted }) else {
      return "The experiment ended before it could be judged."
    }
    let what = stage.outcome == .failed ? "failed" : "was interrupted"
    return "The stage \(stage.stage.rawValue) \(what)" + (stage.note.isEmpty ? "." : ": \(stage.note)")
  }

  var evidence: String? {
    guard let comparison else { return nil }
    let size = [comparison.before, comparison.after].map {
      "\($0.run.id) (\(Phrases.count($0.blocks, "block")), \(Phrases.grouped($0.due)) requests)"
    }
    let objections = comparison.before.objections.count + comparison.after.objections.count
    let against = objections == 0 ? "" : " \(Phrases.count(objections, "objection")): see poolops run show."
    let again = [comparison.before, comparison.after].filter { !$0.measuredAgain.isEmpty }
      .map { " \($0.run.id): \($0.againSentence)" }
    return
      "Rests on \(size[0]) against \(size[1]); \(Phrases.design(comparison.design)).\(again.joined())\(against)"
  }

  private var changed: String { Phrases.list(changes.map { "\($0.key.rawValue) \($0.afterText)" }) }
  private var original: String { Phrases.list(changes.map { "\($0.key.rawValue) \($0.beforeText)" }) }

  var outcome: String {
    switch execution.outcome {
    case .running: "The experiment has not ended."
    case .kept: "The change is kept: staging runs with \(changed), read back."
    case .rolledBack where execution.kind == .exhaustion: "Staging holds what it held before the ramp, read back."
    case .rolledBack: "The change was put back: staging holds what it held before, read back."
    case .failed: "Staging holds what it held before the experiment\(isReadBack ? ", read back" : "")."
    case .rollbackUnverified: "Staging should hold \(original), but may hold \(changed)."
    }
  }

  private var isReadBack: Bool { execution.stages.contains { $0.stage == .confirm && $0.outcome == .passed } }

  /// Commands, most useful first.
  private var next: [String] {
    let name = execution.id.experiment
    switch execution.outcome {
    case .rollbackUnverified: return ["poolops experiment recover", "poolops staging status"]
    case .running: return ["poolops experiment recover"]
    case .failed: return ["poolops experiment run \(name)"]
    case .kept, .rolledBack: return execution.kind == .exhaustion ? afterRamp(name) : diff + afterVerdict(name)
    }
  }

  private func afterRamp(_ name: String) -> [String] {
    let show = execution.runs.map { "poolops run show \($0)" }
    return execution.verdict?.decision == .go
      ? show + ["poolops runbook render"] : show + ["poolops experiment run \(name)"]
  }

  private var diff: [String] { comparison.map { ["poolops diff \($0.before.run.id) \($0.after.run.id)"] } ?? [] }

  private func afterVerdict(_ name: String) -> [String] {
    switch execution.verdict?.decision {
    case .go: ["poolops runbook render", "poolops go-no-go"]
    case .noGo: expects == .noGo ? ["poolops runbook render", "poolops go-no-go"] : ["poolops runbook render"]
    case .inconclusive, nil: ["poolops experiment run \(name)"]
    }
  }

  package var json: JSONValue {
    [
      "execution": .string("\(execution.id)"), "decision": JSONValue(execution.verdict?.decision.rawValue),
      "expected": .string(expects.rawValue),
      "reason": .string(execution.verdict?.reason ?? whyNotJudged),
      "outcome": .string(execution.outcome.rawValue), "rules": Rules.json(execution.verdict?.rules ?? []),
      "before": JSONValue((comparison?.before.run.id).map { "\($0)" }),
      "after": JSONValue((comparison?.after.run.id).map { "\($0)" }),
      "changes": .array(
        changes.map {
          ["setting": .string($0.key.rawValue), "before": .string($0.beforeText), "after": .string($0.afterText)]
        }),
      "lead": lead?.json ?? nil, "stages": .array(execution.stages.map(Self.stage)),
      "next": .array(next.map(JSONValue.string)),
    ]
  }

  private static func stage(_ record: StageRecord) -> JSONValue {
    [
      "stage": .string(record.stage.rawValue), "outcome": .string(record.outcome.rawValue),
      "started": .string(record.started.text), "ended": JSONValue(record.ended?.text), "note": .string(record.note),
    ]
  }
}
