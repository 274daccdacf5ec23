import Model

/// The marks, words and colours of rules and verdicts: the same in every report. The word always stands beside the mark.
enum Rules {
  static func mark(_ status: RuleOutcome.Status, _ style: Style) -> String {
    switch status {
    case .passed: style.tick
    case .failed: style.cross
    case .undecided: "?"
    }
  }

  static func word(_ status: RuleOutcome.Status) -> String {
    switch status {
    case .passed: "PASS"
    case .failed: "FAIL"
    case .undecided: "UNDECIDED"
    }
  }

  static func ink(_ status: RuleOutcome.Status) -> Style.Ink {
    switch status {
    case .passed: .good
    case .failed: .bad
    case .undecided: .warning
    }
  }

  static func ink(_ decision: Decision) -> Style.Ink {
    switch decision {
    case .go: .good
    case .noGo: .bad
    case .inconclusive: .warning
    }
  }

  /// Failed rules first, then undecided ones: what a person has to look at stands on top.
  static func ordered(_ rules: [RuleOutcome]) -> [RuleOutcome] {
    let order: [RuleOutcome.Status] = [.failed, .undecided, .passed]
    return order.flatMap { status in rules.filter { $0.status == status } }
  }

  static func text(_ rules: [RuleOutcome], _ style: Style) -> String {
    guard !rules.isEmpty else { return "  No rule was checked." }
    var table = TextTable([.init(""), .init(""), .init("")])
    for rule in ordered(rules) {
      table.row([
        .init("\(mark(rule.status, style)) \(word(rule.status))", ink(rule.status)), .init(rule.rule),
        .init(rule.evidence),
      ])
    }
    return table.fits(style, last: leastEvidence) ? table.text(style) : stacked(rules, style)
  }

  /// In less room than this, evidence reads better under its rule than beside it.
  private static let leastEvidence = 40

  private static func stacked(_ rules: [RuleOutcome], _ style: Style) -> String {
    var table = TextTable([.init(""), .init("")])
    for rule in ordered(rules) {
      table.row([.init("\(mark(rule.status, style)) \(word(rule.status))", ink(rule.status)), .init(rule.rule)])
      table.detail(rule.evidence)
    }
    return table.text(style)
  }

  static func markdown(_ rules: [RuleOutcome]) -> String {
    guard !rules.isEmpty else { return "No rule was checked." }
    var table = TextTable([.init("result"), .init("rule"), .init("evidence")])
    for rule in ordered(rules) {
      table.row([
        .init("\(mark(rule.status, Style())) \(word(rule.status))"), .init("`\(rule.rule)`"), .init(rule.evidence),
      ])
    }
    return table.markdown()
  }

  static func json(_ rules: [RuleOutcome]) -> JSONValue {
    .array(
      rules.map {
        ["rule": .string($0.rule), "status": .string($0.status.rawValue), "evidence": .string($0.evidence)]
      })
  }

  /// `3 of 4 rules passed, 1 failed`.
  static func tally(_ rules: [RuleOutcome]) -> String {
    func count(_ status: RuleOutcome.Status) -> Int { rules.filter { $0.status == status }.count }
    var words = ["\(count(.passed)) of \(Phrases.count(rules.count, "rule")) passed"]
    if count(.failed) > 0 { words.append("\(count(.failed)) failed") }
    if count(.undecided) > 0 { words.append("\(count(.undecided)) undecided") }
    return words.joined(separator: ", ")
  }
}
