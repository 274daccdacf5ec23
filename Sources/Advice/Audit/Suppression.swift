import Configuration
import Model

/// Somebody accepts the findings of a rule, and says why.
package struct Suppression: Hashable, Sendable {
  package enum Reach: Hashable, Sendable {
    /// Given with the command, for all that is read.
    case everything
    case file
    /// The one line that the comment speaks of.
    case line(Int)
  }

  package var rule: String
  package var reason: String
  package var reach: Reach
  /// Where the comment stands; nil for the command's own.
  package var place: Place?

  package init(rule: String, reason: String, reach: Reach = .everything, at place: Place? = nil) {
    self.rule = rule
    self.reason = reason
    self.reach = reach
    self.place = place
  }

  /// A comment speaks of findings that are reported where it speaks: a budget that breaks in another file is not
  /// silenced for everybody by one of those who add to it.
  package func covers(_ finding: Finding) -> Bool {
    guard finding.rule.id == rule else { return false }
    switch reach {
    case .everything: return true
    case .file: return finding.place?.file == place?.file
    case .line(let line): return finding.place?.file == place?.file && finding.place?.line == line
    }
  }
}

package struct SuppressedFinding: Hashable, Sendable {
  package var finding: Finding
  package var suppression: Suppression
  package init(_ finding: Finding, by suppression: Suppression) {
    self.finding = finding
    self.suppression = suppression
  }
}

/// The findings that stand, and those that somebody accepts.
package struct SortedFindings: Hashable, Sendable {
  /// The worst first, then by rule and place.
  package var standing: [Finding]
  package var suppressed: [SuppressedFinding]

  /// - Parameters:
  ///   - rules: all that an audit looks for: a comment may name no other.
  ///   - everywhere: suppressions that were given with the command.
  /// Comments that cannot be followed, and suppressions that nothing needed, become findings of their own.
  package init(
    _ findings: [Finding], directives: [Directive], everywhere: [Suppression] = [], rules: [AuditRule]
  ) {
    var suppressions = everywhere
    var faults: [Finding] = []
    for directive in Set(directives).sorted(by: { $0.place < $1.place }) {
      switch Self.read(directive, rules.map(\.id)) {
      case .success(let suppression?): suppressions.append(suppression)
      case .success(nil): break
      case .failure(let fault): faults.append(fault.finding)
      }
    }
    suppressed = []
    standing = faults
    var used: Set<Suppression> = []
    for finding in findings {
      guard let match = suppressions.first(where: { $0.covers(finding) }) else { standing.append(finding); continue }
      suppressed.append(SuppressedFinding(finding, by: match))
      used.insert(match)
    }
    standing += suppressions.filter { !used.contains($0) }.map(Self.unused)
    let order = Dictionary(rules.enumerated().map { ($1.id, $0) }, uniquingKeysWith: min)
    standing.sort { Self.comesBefore($0, $1, order) }
    suppressed.sort { Self.comesBefore($0.finding, $1.finding, order) }
  }

  private static func comesBefore(_ left: Finding, _ right: Finding, _ order: [String: Int]) -> Bool {
    if left.severity != right.severity { return left.severity > right.severity }
    let orders = (order[left.rule.id] ?? .max, order[right.rule.id] ?? .max)
    if orders.0 != orders.1 { return orders.0 < orders.1 }
    guard let place = left.place, let other = right.place else { return left.place != nil && right.place == nil }
    return place == other ? left.message < right.message : place < other
  }

  private struct Fault: Error { var finding: Finding }

  private static func read(_ directive: Directive, _ rules: [String]) -> Result<Suppression?, Fault> {
    func fault(_ text: String) -> Result<Suppression?, Fault> {
      .failure(Fault(finding: Finding(.faultyDirective, at: directive.place, text)))
    }
    switch directive.content {
    case .facts: return .success(nil)
    case .unreadable(let text): return fault(text)
    case .ignore(let rule, let reason):
      guard rules.contains(rule) else {
        let hint = nearest(to: rule, in: rules).map { ": did you mean '\($0)'?" } ?? " of an audit"
        return fault("'\(rule)' is no rule\(hint)")
      }
      guard reason.contains(where: \.isLetter) else {
        return fault("It ignores \(rule) and does not say why, so nothing is ignored; write 'ignore \(rule): REASON'")
      }
      let reach: Suppression.Reach = directive.line.map { .line($0) } ?? .file
      return .success(Suppression(rule: rule, reason: reason, reach: reach, at: directive.place))
    }
  }

  private static func unused(_ suppression: Suppression) -> Finding {
    let text =
      switch suppression.reach {
      case .everything: "--ignore \(suppression.rule) ignores nothing: no finding of that rule"
      case .file: "It ignores nothing: no finding of \(suppression.rule) stands in this file"
      case .line(let line): "It ignores nothing: no finding of \(suppression.rule) stands on line \(line)"
      }
    return Finding(.unusedSuppression, at: suppression.place, text)
  }
}

extension AuditRule {
  package static let faultyDirective = AuditRule(
    "faulty-directive", "Comments for poolops can be followed", .warning,
    why: """
      What it was meant to say is not known to the audit: a finding stays that was to be ignored, or a figure is missing \
      that was to be given. A suppression needs the rule and a reason, so that the next reader knows whether it still \
      holds.
      """)

  package static let unusedSuppression = AuditRule(
    "unused-suppression", "Every suppression is needed", .note,
    why: """
      The finding that it accepted is gone, or stands elsewhere. Left in place it would hide the next finding of its \
      rule, which nobody has looked at.
      """)
}

extension AuditRules {
  /// All that a finding can be of: the checks, and what comes from running servers, options and suppressions.
  package static var documented: [AuditRule] {
    all.map(\.rule) + [.notInForce, .expectedValue, .faultyDirective, .unusedSuppression]
  }
}
