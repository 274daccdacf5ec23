import Configuration
import Model

/// What an audit comes to, for a person and for the calling program.
package struct AuditVerdict: Hashable, Sendable {
  /// The least severity that fails.
  package enum Threshold: String, CaseIterable, Hashable, Sendable { case critical, warning, never }

  package let threshold: Threshold
  package let counts: [Finding.Severity: Int]
  /// Why the audit could not see enough to say that nothing is wrong.
  package let gaps: [Gap]

  package struct Gap: Hashable, Sendable {
    /// A sentence without its full stop.
    package var text: String
    package var place: Place?
    /// What a person can do about it, as words after "Next:".
    package var remedy: String?
    package init(_ text: String, at place: Place? = nil, remedy: String? = nil) {
      self.text = text
      self.place = place
      self.remedy = remedy
    }
  }

  package init(_ findings: [Finding], gaps: [Gap], failOn threshold: Threshold = .critical) {
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
