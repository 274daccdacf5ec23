import Model

/// `poolops go-no-go`: rules with their evidence, and one verdict.
package struct GoNoGoReport: Sendable {
  private let decision: Decision
  private let rules: [RuleOutcome]
  private let policy: String?
  /// What to type to get further.
  private let next: String

  /// - Parameters:
  ///   - policy: the file that names the rules; nil where the default is in force.
  ///   - next: the command that brings a person further, without the word "Next".
  package init(decision: Decision, rules: [RuleOutcome], policy: String? = nil, next: String) {
    self.decision = decision
    self.rules = rules
    self.policy = policy
    self.next = next
  }

  private var meaning: String {
    switch decision {
    case .go: "The evidence supports going to production."
    case .noGo: "Do not go to production with this: a rule failed."
    case .inconclusive: "Evidence is missing, so this is not a GO."
    }
  }

  package func text(_ style: Style) -> String {
    let head = style.paint(decision.rawValue, Rules.ink(decision)) + "  " + Rules.tally(rules)
    let parts = [
      head, Rules.text(rules, style),
      style.paragraph(meaning) + "\n" + style.paragraph("Rules: \(source)", hanging: 7) + "\n"
        + style.paragraph("Next: \(next)", hanging: 6),
    ]
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var source: String { policy ?? "the default, as there is no runbooks/go-no-go.yaml" }

  /// A checklist; only evidence ticks a box.
  package func markdown() -> String {
    let items = Rules.ordered(rules).map { rule in
      let box = rule.status == .passed ? "[x]" : "[ ] **\(Rules.word(rule.status))**"
      return "- \(box) \(Markdown.escaped(rule.rule)): \(Markdown.escaped(rule.evidence))"
    }
    let list = items.isEmpty ? "No rule was checked." : items.joined(separator: "\n")
    return "**\(decision.rawValue)**: \(Rules.tally(rules)). \(meaning)\n\n\(list)\n\nRules: \(source)\n"
  }

  package var json: JSONValue {
    [
      "decision": .string(decision.rawValue), "policy": JSONValue(policy), "rules": Rules.json(rules),
      "next": .string(next),
    ]
  }
}
