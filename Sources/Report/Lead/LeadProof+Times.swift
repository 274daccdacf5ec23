import Model
import Monitor

extension LeadProof {
  /// What a ramp into exhaustion says of the rules on the age of the oldest waiter, which poolops's own exporter tells.
  ///
  /// The run looked at the pool itself. Prometheus looks at gauges of some age, once when it scrapes and once when it
  /// evaluates, so it may be later by as much as that takes; what is left is the lead.
  ///
  /// - Parameter interval: of scrapes and of evaluations.
  /// - Returns: none where no request failed that waiting foretells, or the pool was looked at too late to tell, or what was
  /// measured is as it should be and yet too little to promise the same of Prometheus.
  package static func all(of times: LeadTimes, run: RunID, scrapedEvery interval: Duration) -> [LeadProof] {
    guard times.isForetold, let failure = times.failure, let timeout = times.rule.acquireTimeout else { return [] }
    let source = AlertSource.poolopsExporter
    let timing = AlertTiming(acquireTimeout: timeout, interval: interval, staleness: source.staleness)
    let later = 2 * interval.seconds + Double(source.staleness) / 1000
    let rules: [(AlertRule.Kind, WarningLevel, Double, Double)] = [
      (.waitRising, .warning, times.rule.warnAt, AlertTiming.warningShare),
      (.exhaustionAhead, .alert, times.rule.alertAt, AlertTiming.alertShare),
    ]
    return rules.compactMap { kind, level, share, rendered in
      let aged = times.aged[level]
      guard share == rendered else { return nil }
      let measured = aged.map { failure.second - $0 }
      let lead = (measured ?? 0) - later
      let suffices = lead > 0 && lead * 1000 >= Double(timing.lead(at: timing.share(share)) ?? 0)
      guard suffices || times.isShort(measured, at: share) else { return nil }
      return LeadProof(
        source: source.id, rule: kind.name, runs: [run], acquireTimeout: timeout, interval: times.rule.interval,
        lead: .ofSeconds(lead), led: aged != nil)
    }
  }
}

extension LeadTimes {
  /// Whether a rule at `share` has led by less than it must, by no fault of the machine.
  fileprivate func isShort(_ measured: Double?, at share: Double) -> Bool {
    var rule = rule
    rule.alertAt = share
    guard case .seconds(let guaranteed) = rule.lead else { return false }
    let excess = max(0, (longestGap ?? .infinity) - rule.interval.seconds)
    return (measured ?? 0) + excess < guaranteed
  }
}
