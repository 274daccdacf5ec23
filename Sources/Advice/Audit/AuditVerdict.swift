import Model

/// What an audit comes to, for a person and for the calling program.
package struct AuditVerdict: Hashable, Sendable {
  /// The least severity that fails.
  package enum Threshold: String, CaseIterable, Hashable, Sendable { case critical, warning, never }

  package let threshold: Threshold
  package let counts: [Finding.Severity: Int]
  /// Why the audit could not see enough to say that nothing is wrong, each as a sentence without its full stop.
  package let gaps: [String]

  package init(_ findings: [Finding], gaps: [String], failOn threshold: Threshold = .critical) {
    self.threshold = threshold
    self.gaps = gaps
    counts = findings.reduce(into: [:]) { $0[$1.severity, default: 0] += 1 }
  }

  package func count(_ severity: Finding.Severity) -> Int { counts[severity] ?? 0 }

  /// What is known to be broken stands before what could not be seen.
  package var status: ExitStatus {
    if threshold == .never { return .go }
    if failures > 0 { return .noGo }
    return gaps.isEmpty ? .go : .inconclusive
  }

  /// Findings at or above the threshold.
  package var failures: Int {
    switch threshold {
    case .never: 0
    case .critical: count(.critical)
    case .warning: count(.critical) + count(.warning)
    }
  }
}
