import Model

extension Metric {
  /// What it is the drift of.
  var drifting: Drift.Quantity? {
    switch self {
    case .latencyDrift: .latency
    case .memoryDrift: .backendMemory
    default: nil
    }
  }
}

extension CheckJudge {
  /// Each block has a drift of its own, with its own interval: all must hold, and one that surely does not is enough to fail.
  func drift(_ check: Condition) -> RuleOutcome {
    guard case .absolute(let limit) = check.bound else {
      return RuleOutcome(check, .undecided, "a drift is judged against a fixed share of the level")
    }
    guard let longest = after.blocks.map(\.seconds).max(), longest >= DriftSeries.leastSeconds else {
      let stretch = after.blocks.map(\.seconds).max().map { "\($0) s" } ?? "nothing"
      return RuleOutcome(
        check, .undecided, "\(after.run.id) measured \(stretch) at a stretch; a drift is told from half an hour on")
    }
    let outcomes = after.blocks.map { outcome(check, $0.drifts[check.metric], limit) }
    return outcomes.first { $0.status == .failed } ?? outcomes.first { $0.status == .undecided } ?? outcomes[0]
  }

  private func outcome(_ check: Condition, _ drift: Drift?, _ limit: Double) -> RuleOutcome {
    guard let drift else {
      return RuleOutcome(check, .undecided, "a block of \(after.run.id) has no data on \(check.metric.title)")
    }
    let shown = "\(drift.sentence) (\(after.run.id))"
    guard let interval = drift.interval else { return RuleOutcome(check, .undecided, shown) }
    let status = check.comparator.status(of: interval, limit: limit)
    // What may have happened at one moment is no drift, and does not fail as one.
    return RuleOutcome(check, status == .failed && drift.verdict == .changed ? .undecided : status, shown)
  }
}

extension Drift {
  /// `rises by 3.1 % an hour (1.2 to 5.0)`, `jumped by +21.0 % after 18 min`.
  package var sentence: String {
    let what = quantity == .latency ? "p95" : quantity.title
    if let jump { return "\(what) jumped by \(share(jump.change)) after \(jump.second / 60) min: no drift is told" }
    guard let perHour, verdict != .cannotTell || interval != nil else { return "\(what): \(verdict.rawValue), \(note)" }
    let verb = perHour < 0 ? "falls" : "rises"
    let span = interval.map { " (\(share($0.lowerBound)) to \(share($0.upperBound)))" } ?? ""
    let doubt = verdict == .changed ? ", gradually or at one moment" : note.isEmpty ? "" : ", " + note
    return "\(what) \(verb) by \(share(perHour.magnitude, signed: false)) an hour\(span)\(doubt)"
  }

  private func share(_ change: Double, signed: Bool = true) -> String {
    guard isRelative else { return quantity.metric.text(change) }
    return signed ? signedPercent(change) : decimal(change * 100, places: 1) + " %"
  }
}

extension Drift.Quantity {
  /// Of a table.
  package var title: String {
    switch self {
    case .latency: "latency p95"
    case .backendMemory: "memory per backend"
    case .connections: "connections open"
    case .sessions: "sessions on the server"
    case .errors: "error rate"
    case .generatorMemory: "memory of poolops"
    }
  }
}
