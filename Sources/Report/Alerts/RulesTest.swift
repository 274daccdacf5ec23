import Model

/// Unit tests of a rule file for `promtool test rules`: each rule fires in trouble, at the time that it should, and clears;
/// and none fires on an ordinary day.
struct RulesTest {
  let source: AlertSource
  let plan: AlertPlan
  /// The rule file, as it stands beside the test.
  let rulesFile: String

  private var timing: AlertTiming { plan.timing(of: source) }
  private var interval: String { PromQL.duration(timing.interval) }

  var text: String {
    let rules = source.rules(plan)
    let head = """
      # Written by \(SealedText.blank). Changes are lost when it is rendered again.
      # Run: promtool test rules. Trouble begins just after the last calm sample, which is the worst case.
      rule_files:
        - \(rulesFile)
      evaluation_interval: \(interval)
      tests:

      """
    return SealedText.seal(head + ordinary(rules) + rules.map(trial).joined())
  }

  // MARK: An ordinary day

  private static let ordinarySamples = 33

  private func ordinary(_ rules: [AlertRule]) -> String {
    let series = source.ordinary(AlertContext(source, plan))
    // A rate is one when its range has been seen.
    let start = timing.steps(timing.rateRange) + 1
    var lines = group("an ordinary day", series) {
      $0.values(calm: start, trouble: Self.ordinarySamples, after: 0, interval: timing.interval)
    }
    // On bursts, after one, and at the end.
    for sample in [4, 5, 12, 20, 28, Self.ordinarySamples - 1] {
      for rule in rules { lines += expectation(rule, at: start + sample, nil) }
    }
    return indented(lines)
  }

  // MARK: One rule

  private func trial(_ rule: AlertRule) -> String {
    let trial = rule.trial
    let afterglow = plan.keepsFiring ? timing.steps(timing.afterglow) : 0
    let end = trial.calm + trial.trouble
    let clears = end + trial.clears + afterglow
    var lines = group("\(rule.kind.name) fires, stays and clears", trial.series) {
      $0.values(
        calm: trial.calm, trouble: trial.trouble, after: trial.clears + afterglow + 2, interval: timing.interval)
    }
    lines += expectation(rule, at: trial.calm - 1, nil)
    if trial.fires > 0 { lines += expectation(rule, at: trial.calm + trial.fires - 1, nil) }
    lines += expectation(rule, at: trial.calm + trial.fires, trial.fires)
    lines += expectation(rule, at: end - 1, trial.trouble - 1)
    // Whether a range holds the sample at its very beginning differs between versions of Prometheus.
    if trial.clears == 0, afterglow > 0 { lines += expectation(rule, at: clears - 1, trial.trouble - 1) }
    lines += expectation(rule, at: clears, nil)
    return indented(lines)
  }

  private func group(
    _ name: String, _ series: [AlertTrial.Series], _ values: (AlertTrial.Course) -> String
  ) -> [String] {
    ["- name: \(YAMLText.quoted(name))", "  interval: \(interval)", "  input_series:"]
      + series.flatMap { ["    - series: '\($0.selector)'", "      values: \(YAMLText.quoted(values($0.course)))"] }
      + ["  alert_rule_test:"]
  }

  /// - Parameter sample: of the trouble, whose value the alert shows; nil: it does not fire.
  private func expectation(_ rule: AlertRule, at step: Int, _ sample: Int?) -> [String] {
    var lines = ["    - alertname: \(rule.kind.name)", "      eval_time: \(PromQL.duration(step * timing.interval))"]
    guard let sample else { return lines + ["      exp_alerts: []"] }
    lines += ["      exp_alerts:", "        - exp_labels:"]
    for label in rule.trial.labels + rule.ownLabels {
      lines.append("            \(label.name): \(YAMLText.quoted(label.example))")
    }
    lines.append("          exp_annotations:")
    for (name, text) in rule.annotations(AlertContext(source, plan)) {
      lines.append("            \(name): \(YAMLText.quoted(expanded(text, rule.trial, sample)))")
    }
    return lines
  }

  /// The text with what Prometheus puts into it.
  private func expanded(_ text: String, _ trial: AlertTrial, _ sample: Int) -> String {
    var text = text
    for label in trial.labels { text = text.replacing("{{ $labels.\(label.name) }}", with: label.example) }
    let value: Double? =
      switch trial.value {
      case .none: nil
      case .number(let number): number
      case .age(let limit, let wholeSeconds):
        AlertTrial.Course.age(sample, limit, wholeSeconds, timing.interval)
      }
    guard let value else { return text }
    for places in 0...1 {
      text = text.replacing("{{ printf \"%.\(places)f\" $value }}", with: fixed(value, places: places))
    }
    return text
  }

  private func indented(_ lines: [String]) -> String { lines.map { "  \($0)\n" }.joined() }
}
