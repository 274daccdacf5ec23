import Model

/// `poolops go-no-go`: rules with their evidence, and one verdict.
package struct GoNoGoReport: Sendable {
  private let decision: Decision
  private let rules: [RuleOutcome]
  /// What to type to get further.
  private let next: String

  /// - Parameter next: the command that brings a person further, without the word "Next".
  package init(decision: Decision, rules: [RuleOutcome], next: String) {
    self.decision = decision
    self.rules = rules
    self.next = next
  }

  private var meaning: String {
    switch decision {
    case .go: "The evidence supports going to production."
    case .noGo: "Do not go to production with this: a rule failed."
    case .inconclusive: "There is not enough evidence to say. This is not a GO."
    }
  }

  package func text(_ style: Style) -> String {
    let head = style.paint(decision.rawValue, Rules.ink(decision)) + "  " + Rules.tally(rules)
    let parts = [
      head, Rules.text(rules, style),
      style.paragraph(meaning) + "\n" + style.paragraph("Next: \(next)", hanging: 6),
    ]
    return parts.joined(separator: "\n\n") + "\n"
  }

  package func markdown() -> String {
    "**\(decision.rawValue)**: \(Rules.tally(rules)). \(meaning)\n\n\(Rules.markdown(rules))\n"
  }

  package var json: JSONValue {
    ["decision": .string(decision.rawValue), "rules": Rules.json(rules), "next": .string(next)]
  }
}
