import Model

/// A rule file for Prometheus: the alerts of one source, or of several.
struct RulesFile {
  let sources: [AlertSource]
  let plan: AlertPlan

  var text: String {
    let head = """
      # Written by \(SealedText.blank). Changes are lost when it is rendered again.
      # Check: promtool check rules. Where every number is from: poolops alerts list.
      groups:

      """
    return SealedText.seal(head + sources.map(group).joined())
  }

  private func group(_ source: AlertSource) -> String {
    let timing = plan.timing(of: source)
    let head = """
        # \(source.title) (\(source.origin)).
        # \(plan.basis(of: source).capitalised).
        - name: poolops-\(source.id)
          interval: \(PromQL.duration(timing.interval))
          rules:

      """
    return head + source.rules(plan).map { rule($0, AlertContext(source, plan)) }.joined()
  }

  private func rule(_ rule: AlertRule, _ context: AlertContext) -> String {
    var lines = ["- alert: \(rule.kind.name)", "  expr: |"]
    lines += rule.expression.split(separator: "\n").map { "    \($0)" }
    if rule.hold > 0 { lines.append("  for: \(PromQL.duration(rule.hold))") }
    if plan.keepsFiring { lines.append("  keep_firing_for: \(PromQL.duration(context.timing.afterglow))") }
    lines += ["  labels:"] + rule.ownLabels.map { "    \($0.name): \($0.example)" } + ["  annotations:"]
    lines += rule.annotations(context).map { "    \($0.name): \(YAMLText.quoted($0.text))" }
    return lines.map { "      \($0)\n" }.joined()
  }
}

extension AlertRule {
  /// What it gives to its alerts beside the labels of the series. `source` is one of poolops's own series.
  var ownLabels: [AlertSource.Label] { [.init("severity", kind.severity), .init("exporter", source)] }
}

enum YAMLText {
  /// A string that every reader of YAML reads as it is: JSON's form is one of YAML's.
  static func quoted(_ text: String) -> String { JSONValue.string(text).line }
}
