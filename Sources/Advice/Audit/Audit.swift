import Configuration

/// Looks at configurations for what will hurt.
package enum Audit {
  package static func run(files: [ConfigurationFile], options: AuditOptions = AuditOptions()) -> AuditResult {
    let landscape = Landscape(files, options)
    let findings = AuditRules.all.flatMap { $0.findings(in: landscape) }
    return AuditResult(landscape: landscape, findings: once(findings.sorted(by: isBefore)))
  }

  /// What holds for several variants of an application through the same line is one finding.
  private static func once(_ findings: [Finding]) -> [Finding] {
    var seen: Set<[String]> = []
    return findings.filter { finding in
      guard let place = finding.place else { return true }
      // Messages begin with the pool's name.
      let message = finding.message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? ""
      return seen.insert([finding.rule.id, place.description, finding.fix?.line ?? message]).inserted
    }
  }

  /// The worst first, then by place, so that the same files give the same order.
  private static func isBefore(_ left: Finding, _ right: Finding) -> Bool {
    if left.severity != right.severity { return left.severity > right.severity }
    switch (left.place, right.place) {
    case (let first?, let second?) where first != second: return first < second
    case (nil, _?): return true
    case (_?, nil): return false
    default: return (left.rule.id, left.message) < (right.rule.id, right.message)
    }
  }
}

/// What an audit found.
package struct AuditResult: Sendable {
  package var landscape: Landscape
  /// The worst first. Directives that accept a finding are not applied yet.
  package var findings: [Finding]

  package var budgets: [SlotBudget] { landscape.budgets }
}
