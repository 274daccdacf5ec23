import Advice
import Configuration
import Model

/// `poolops audit`: what will hurt in a configuration, and the sum of slots behind it. One extension for each format.
package struct AuditReport: Sendable {
  /// A file that was looked at.
  package struct Source: Hashable, Sendable {
    package var path: String
    /// What it was read as: a format; or why it was not read.
    package var note: String
    package init(_ path: String, _ note: String) {
      self.path = path
      self.note = note
    }
  }

  /// A value that somebody wanted to find.
  package struct Expectation: Hashable, Sendable {
    /// `DB_CONNECTION_LIMIT=50`, as given.
    package var wanted: String
    /// What was found instead; nil when it is as wanted.
    package var found: String?
    package var place: Place?
    package init(_ wanted: String, found: String?, at place: Place?) {
      self.wanted = wanted
      self.found = found
      self.place = place
    }
  }

  /// What running servers and poolers say of this moment.
  package struct Live: Hashable, Sendable {
    package var slots: LiveSlots?
    package var pools: [LivePool]
    package init(slots: LiveSlots?, pools: [LivePool]) {
      self.slots = slots
      self.pools = pools
    }
  }

  package var findings: [Finding]
  package var suppressed: [SuppressedFinding]
  package var verdict: AuditVerdict
  package var rules: [AuditRule]
  package var budgets: [SlotBudget] = []
  /// What the readers could not use.
  package var remarks: [ConfigurationFile.Remark] = []
  /// What could not be known of the whole, each a sentence.
  package var notes: [String] = []
  package var read: [Source] = []
  package var notRead: [Source] = []
  package var expectations: [Expectation] = []
  package var live: Live?

  package init(_ sorted: SortedFindings, _ verdict: AuditVerdict, rules: [AuditRule]) {
    findings = sorted.standing
    suppressed = sorted.suppressed
    self.verdict = verdict
    self.rules = rules
  }

  // MARK: - What every format says

  /// `NO-GO`, `INCONCLUSIVE`, `GO`.
  var word: String {
    switch verdict.status {
    case .noGo: "NO-GO"
    case .inconclusive: "INCONCLUSIVE"
    default: "GO"
    }
  }

  /// `2 critical findings, 3 warnings and 1 note`.
  var tally: String {
    let parts: [(Finding.Severity, String)] = [(.critical, "critical finding"), (.warning, "warning"), (.note, "note")]
    let words = parts.compactMap { severity, noun in
      verdict.count(severity) > 0 ? Phrases.count(verdict.count(severity), noun) : nil
    }
    return words.isEmpty ? "no findings" : Phrases.list(words)
  }

  /// What a person types or writes next.
  var next: String {
    if verdict.status == .inconclusive, let remedy = verdict.gaps.lazy.compactMap(\.remedy).first { return remedy }
    guard let worst = findings.first(where: { $0.severity > .note }) ?? findings.first else {
      return "nothing to mend; let CI run the same command on every change."
    }
    if let fix = worst.fixes.first { return "\(fix.order), and audit again." }
    let place = worst.place.map { " at \($0)" } ?? ""
    return "look\(place) first; poolops audit --explain \(worst.rule.id) says why it hurts."
  }

  /// The closing line without what is next.
  var conclusion: String {
    let failed = verdict.failures
    switch verdict.status {
    case .noGo: return "NO-GO: \(Phrases.count(failed, "finding")) to mend"
    case .inconclusive: return "INCONCLUSIVE: the audit could not see enough"
    default: return verdict.threshold == .never ? "GO: nothing fails by --fail-on never" : "GO"
    }
  }
}

extension String {
  /// Without spaces and tabs at both ends.
  var trimmedSpaces: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
