import Model

/// What alerts there are, with which thresholds, and where each number is from.
package struct AlertsReport: Sendable {
  private let sources: [AlertSource]
  private let plan: AlertPlan

  package init(_ sources: [AlertSource], _ plan: AlertPlan) {
    self.sources = sources
    self.plan = plan
  }

  package func text(_ style: Style) -> String {
    sources.map { section($0, style) }.joined(separator: "\n\n") + "\n\n"
      + style.paragraph(
        "The lead is what follows from the threshold, the acquire timeout and the interval, before the first request "
          + "fails; proven is what an experiment has measured. 'poolops alerts render' writes these rules for Prometheus, "
          + "with their tests and a dashboard.") + "\n"
  }

  private func section(_ source: AlertSource, _ style: Style) -> String {
    let timing = plan.timing(of: source)
    var table = TextTable([
      .init("alert"), .init("severity"), .init("lead"), .init("proven"), .init("fires when"),
    ])
    for rule in source.rules(plan) {
      let standing = plan.standing(of: rule, timing)
      let lead = rule.lead(timing).guaranteed.map(PromQL.words) ?? (rule.kind.leads ? "none" : "-")
      table.row([
        .init(rule.kind.name), .init(rule.kind.severity), .init(lead), .init(standing.word, ink(standing)),
        .init(rule.condition),
      ])
      table.detail("threshold: \(rule.basis)")
    }
    let about = "\(source.title): \(plan.basis(of: source))."
    var parts = [style.heading(source.id), style.paragraph(about, indent: 2), table.text(style)]
    if !timing.isFineEnough, source.seesPools {
      parts.append(
        style.paragraph(
          "No lead is guaranteed: \(PromQL.duration(timing.interval)) is more than a tenth of the acquire timeout. Scrape and evaluate every "
            + "\(PromQL.duration(timing.longestInterval)) or faster.", indent: 2, hanging: 2))
    }
    parts += source.notes.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }
    return parts.joined(separator: "\n")
  }

  private func ink(_ standing: LeadStanding) -> Style.Ink {
    switch standing {
    case .none, .unproven, .measuredElsewhere: .plain
    case .proven: .good
    case .refuted: .bad
    }
  }

  package var json: JSONValue {
    .members([
      ("scrape_interval_seconds", .number(plan.interval.seconds)), ("runbook_url", JSONValue(plan.runbookLink)),
      ("sources", .array(sources.map(json))),
    ])
  }

  private func json(_ source: AlertSource) -> JSONValue {
    let timing = plan.timing(of: source)
    let timeout = plan.timeout(of: source)
    return .members([
      ("source", .string(source.id)), ("title", .string(source.title)),
      ("acquire_timeout_seconds", JSONValue(source.seesPools ? timeout.value.seconds : nil)),
      ("acquire_timeout_origin", JSONValue(source.seesPools ? timeout.origin : nil)),
      ("rules", .array(source.rules(plan).map { json($0, timing, timeout.origin) })),
      ("notes", .array(source.notes.map(JSONValue.string))),
    ])
  }

  private func json(_ rule: AlertRule, _ timing: AlertTiming, _ origin: String) -> JSONValue {
    let standing = plan.standing(of: rule, timing)
    let proof: LeadProof? =
      switch standing {
      case .proven(let proof), .refuted(let proof), .measuredElsewhere(let proof): proof
      case .none, .unproven: nil
      }
    return .members([
      ("alert", .string(rule.kind.name)), ("severity", .string(rule.kind.severity)),
      ("expression", .string(rule.expression)), ("for_seconds", .number(Double(rule.hold) / 1000)),
      ("condition", .string(rule.condition)),
      ("guaranteed_lead_seconds", JSONValue(rule.lead(timing).guaranteed.map { Double($0) / 1000 })),
      ("basis", .string(rule.basis)), ("proven", .bool(standing.isProven)),
      ("evidence", .string(rule.evidence(standing, origin))),
      ("measured_lead_seconds", JSONValue(proof?.lead.seconds)),
      ("runs", .array((proof?.runs ?? []).map { .string($0.description) })),
    ])
  }
}
