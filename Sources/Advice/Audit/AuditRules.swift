import Configuration

/// One thing that an audit looks for.
package protocol AuditCheck: Sendable {
  var rule: AuditRule { get }
  func findings(in landscape: Landscape) -> [Finding]
}

/// Every rule, in the order of the documentation.
package enum AuditRules {
  package static let all: [any AuditCheck] = [
    SlotBudgetRule(), PoolerChain(), SecondPool(), NoAcquireTimeout(), TimeoutLadder(), Churn(), ConnectionLifetime(),
    PreparedStatements(), SessionState(), UnitSuspect(), UnknownSetting(), ClampedValue(), MinimumAboveMaximum(),
    Placeholder(), OracleGetMode(), TrustAll(),
  ]

  package static func named(_ id: String) -> AuditRule? { all.first { $0.rule.id == id }?.rule }
}
