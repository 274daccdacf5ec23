import Model

/// Follows a load that grows, sample by sample, until there is nothing more to learn of the alert's lead.
package struct LeadWatch: Sendable {
  package private(set) var times: LeadTimes
  private var last: WarningSample?
  private var timeoutsAtFirst: Double?
  /// Samples that tell of moments after the failure: only these have seen what the pool counted by then.
  private var after = 0

  /// A failure that no alert came before is told of as silent when so many samples later none has come.
  private static let patience = 5

  package init(_ rule: EarlyWarning.Rule) { times = LeadTimes(rule: rule) }

  /// Samples come in order of time; `failure` is the first of the load so far.
  package mutating func take(_ samples: [WarningSample], failure: FirstFailure?) {
    times.failure = times.failure ?? failure
    for sample in samples { take(sample) }
  }

  /// Whether the first request has failed, and the alert has come, or has had time enough to come late.
  package var isOver: Bool { after > 0 && last?.level == .alert || after >= Self.patience }

  package var level: WarningLevel { last?.level ?? .calm }

  private mutating func take(_ sample: WarningSample) {
    times.samples += 1
    times.age = sample.age
    if sample.level != level { times.changes.append(LevelChange(second: sample.known, level: sample.level)) }
    if let last, last.taken < times.failure?.second ?? .infinity {
      times.longestGap = max(times.longestGap ?? 0, sample.known - last.taken)
    }
    note(age: sample.oldestWait, sample.known)
    if let timeouts = sample.timeouts {
      let first = timeoutsAtFirst ?? timeouts
      timeoutsAtFirst = first
      times.timeouts = Int(max(0, timeouts - first))
    }
    last = sample
    if let failure = times.failure, sample.taken > failure.second { after += 1 }
  }

  private mutating func note(age: Double?, _ known: Double) {
    guard known <= times.failure?.second ?? .infinity, let timeout = times.rule.acquireTimeout?.seconds else { return }
    for (level, share) in [(WarningLevel.warning, times.rule.warnAt), (.alert, times.rule.alertAt)] {
      let isOld = age.map { $0 >= share * timeout } ?? false
      times.aged[level] = isOld ? times.aged[level] ?? known : nil
    }
  }
}
