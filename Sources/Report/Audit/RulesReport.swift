import Advice
import Model

/// What an audit looks for, and why.
package struct RulesReport: Sendable {
  private let rules: [AuditRule]

  package init(_ rules: [AuditRule]) { self.rules = rules }

  package func text(_ style: Style) -> String {
    let parts = rules.map { rule in
      style.paint(rule.id, .strong) + "  " + style.paint(rule.severity.rawValue, rule.severity.ink) + "\n"
        + style.paragraph(rule.title + ".", indent: 2) + "\n" + style.paragraph(rule.why, indent: 2)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// The part of docs/audit.md that describes the rules.
  package var markdown: String {
    var table = TextTable([.init("rule"), .init("severity"), .init("what should hold")])
    for rule in rules {
      table.row([.init("[`\(rule.id)`](#\(rule.id))"), .init(rule.severity.rawValue), .init(rule.title)])
    }
    let sections = rules.map {
      "### \($0.id)\n\n" + Markdown.escaped("\($0.title) (\($0.severity.rawValue)). \($0.why)")
    }
    return ([table.markdown()] + sections).joined(separator: "\n\n") + "\n"
  }

  package var json: JSONValue {
    .array(
      rules.map {
        [
          "rule": .string($0.id), "severity": .string($0.severity.rawValue), "title": .string($0.title),
          "why": .string($0.why),
        ]
      })
  }
}

extension AuditRule {
  /// How to live with a finding of it, for places where nothing else can be read.
  var help: String {
    "\(title). \(why) To accept a finding, write beside it: # poolops: ignore \(id): REASON"
  }

  var markdownHelp: String {
    Markdown.escaped("\(title). \(why)") + "\n\nTo accept a finding, write beside it: "
      + Markdown.code("# poolops: ignore \(id): REASON")
  }
}
