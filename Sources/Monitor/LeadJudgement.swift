import Model

/// What a run says of the alert that was armed in it.
package enum LeadFinding: Hashable, Sendable {
  /// Seconds before the first failure.
  case led(Double)
  /// Seconds after it.
  case late(Double)
  /// A request failed, and no alert came.
  case silent
  case nothingFailed
  /// The first failure is none that waiting foretells.
  case otherCause(ErrorClass)
}

/// The verdict on a ramp into exhaustion. GO: the alert came before the first failure, by at least what is guaranteed.
extension LeadTimes {
  /// Whether the first request that failed had waited for a connection as long as it may: no other failure has a lead.
  package var isForetold: Bool {
    guard let failure else { return false }
    return failure.error == .acquireTimeout || (timeouts ?? 0) > 0 && failure.error.mayHideTimeout
  }

  package var finding: LeadFinding {
    guard let failure else { return .nothingFailed }
    guard isForetold else { return .otherCause(failure.error) }
    guard let lead = lead(of: .alert) else { return .silent }
    return lead > 0 ? .led(lead) : .late(-lead)
  }

  /// Seconds; nil where the rule promises none.
  package var guaranteed: Double? { if case .seconds(let lead) = rule.lead { lead } else { nil } }

  /// Whether the alert led by what is guaranteed; nil where nothing failed that it foretells, or nothing is guaranteed.
  package var keepsGuarantee: Bool? {
    guard isForetold, let guaranteed else { return nil }
    return (lead(of: .alert) ?? -.infinity) >= guaranteed
  }

  /// Whether the pool was looked at so late that what the lead lacks may be owed to that alone.
  package var wasSampledTooLate: Bool {
    guard let guaranteed, let longestGap else { return samples < 2 }
    guard let lead = lead(of: .alert) else { return longestGap >= guaranteed + rule.interval.seconds }
    return lead + (longestGap - rule.interval.seconds) >= guaranteed
  }

  package func verdict(of run: RunID) -> Verdict {
    let rules = self.rules(of: run)
    let decision: Decision =
      rules.contains { $0.status == .failed }
      ? .noGo : rules.contains { $0.status == .undecided } ? .inconclusive : .go
    return Verdict(decision: decision, rules: rules, reason: sentence(of: run) + ".")
  }

  /// `the alert leads by 4.1 s (run-21), 2.0 s of which are guaranteed`, with a capital, without a full stop.
  package func sentence(of run: RunID) -> String {
    switch finding {
    case .led(let lead):
      return "The alert leads by \(Self.text(lead)) (\(run))\(guarantee)"
    case .late(let late):
      return "The first request failed \(Self.text(late)) before the alert came (\(run))\(lateness)"
    case .silent: return "A request failed, and no alert came (\(run))\(lateness)"
    case .nothingFailed: return "The ramp did not exhaust the pool: no request failed (\(run))"
    case .otherCause(let error):
      return "The first request failed with \(error.word), which no wait for a connection foretells (\(run))"
    }
  }

  private var guarantee: String {
    guard let guaranteed else { return ", and nothing is guaranteed" }
    if keepsGuarantee == true { return ", \(Self.text(guaranteed)) of which are guaranteed" }
    return ", less than the \(Self.text(guaranteed)) that are guaranteed\(lateness)"
  }

  private var lateness: String {
    guard wasSampledTooLate else { return "" }
    guard let longestGap else { return "; the pool told nothing of itself" }
    return "; the pool was looked at up to \(Self.text(longestGap)) apart, and not every \(rule.interval.text)"
  }

  private func rules(of run: RunID) -> [RuleOutcome] {
    guard let failure else {
      return [RuleOutcome(rule: "a request fails", status: .undecided, evidence: "none did (\(run))")]
    }
    let cause = "at \(Self.text(failure.second)), with \(failure.error.word) (\(run))"
    let fails = RuleOutcome(rule: "a request fails", status: .passed, evidence: cause)
    guard isForetold else {
      return [
        fails,
        RuleOutcome(
          rule: "it has waited for a connection too long", status: .undecided,
          evidence: "\(failure.error.word) has another cause, and no lead (\(run))"),
      ]
    }
    return [fails, leads(run), keeps(run)].compactMap { $0 }
  }

  private func leads(_ run: RunID) -> RuleOutcome {
    let name = "the alert comes before it"
    guard let lead = lead(of: .alert), let firing = firing(of: .alert) else {
      return RuleOutcome(rule: name, status: shortfall, evidence: "no alert came (\(run))\(lateness)")
    }
    let place = lead > 0 ? "before" : "after"
    let evidence = "at \(Self.text(firing)), \(Self.text(abs(lead))) \(place) it (\(run))"
    return RuleOutcome(rule: name, status: lead > 0 ? .passed : shortfall, evidence: evidence)
  }

  private func keeps(_ run: RunID) -> RuleOutcome? {
    guard let guaranteed, let keepsGuarantee, let timeout = rule.acquireTimeout else { return nil }
    let promise =
      "\(decimal(100 * (1 - rule.alertAt), places: 1)) % of acquire_timeout \(timeout.text), less a sample of \(rule.interval.text) (\(run))"
    return RuleOutcome(
      rule: "it comes at least \(Self.text(guaranteed)) before", status: keepsGuarantee ? .passed : shortfall,
      evidence: promise + (keepsGuarantee ? "" : lateness))
  }

  private var shortfall: RuleOutcome.Status { wasSampledTooLate ? .undecided : .failed }

  /// `4.1 s`: seconds to the hundredth.
  package static func text(_ seconds: Double) -> String { "\(decimal(seconds, places: 2)) s" }
}

extension ErrorClass {
  /// Whether an app may answer so where a request of its own got no connection.
  fileprivate var mayHideTimeout: Bool { if case .status(let status) = self { status >= 500 } else { false } }
}

extension EarlyWarning.Rule {
  /// The rule of an experiment; nil where it arms none, or its pool lets requests wait for ever.
  package init?(of experiment: Experiment) {
    guard let spec = experiment.earlyWarning, let timeout = experiment.settings(of: .baseline).acquireTimeout else {
      return nil
    }
    self.init(
      acquireTimeout: timeout, interval: spec.interval(of: timeout), warnAt: spec.warnAt, alertAt: spec.alertAt)
  }
}
