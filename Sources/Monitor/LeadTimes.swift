import Model

/// One look at a pool that is driven into exhaustion, and what the rule made of it.
///
/// Moments are seconds since the measured part of the load began; negative during warm-up.
package struct WarningSample: Hashable, Sendable {
  /// The moment that it tells of.
  package var taken: Double
  /// When the level was known: later than `taken` by what asking took.
  package var known: Double
  package var level: WarningLevel
  package var age: AgeSource
  /// Of the oldest waiter, or at most; nil: not known.
  package var oldestWait: Double?
  /// Requests that the pool says got no connection in time, so far; nil: it does not say.
  package var timeouts: Double?

  package init(
    taken: Double, known: Double, level: WarningLevel, age: AgeSource, oldestWait: Double? = nil,
    timeouts: Double? = nil
  ) {
    self.oldestWait = oldestWait
    self.taken = taken
    self.known = known
    self.level = level
    self.age = age
    self.timeouts = timeouts
  }
}

/// Where the age of the oldest waiter was from.
package enum AgeSource: String, CaseIterable, Hashable, Sendable {
  case told
  /// Bounded from above by what else was told.
  case inferred
  /// Not known: the rule stood still.
  case untold

  package init(_ outlook: EarlyWarning.Outlook) {
    self = outlook.age == nil ? .untold : outlook.isAgeInferred ? .inferred : .told
  }
}

/// A moment at which the level became another.
package struct LevelChange: Hashable, Sendable {
  package var second: Double
  package var level: WarningLevel
  package init(second: Double, level: WarningLevel) {
    self.second = second
    self.level = level
  }
}

/// When the rule fired and when the first request failed, in one run that drove a pool into exhaustion.
package struct LeadTimes: Hashable, Sendable {
  package var rule: EarlyWarning.Rule
  /// In order of time; before the first one it was calm.
  package var changes: [LevelChange]
  /// nil: none failed.
  package var failure: FirstFailure?
  package var samples: Int
  /// Seconds from the moment that a sample tells of to when the next one was known, at most, until the failure; nil: fewer
  /// than two samples.
  package var longestGap: Double?
  package var age: AgeSource
  /// By how much the pool's own count of timeouts grew; nil: it does not count them.
  package var timeouts: Int?
  /// Since when the oldest waiter was old enough for a level at every look until the failure: what a rule goes by that knows
  /// nothing but its age.
  package var aged: [WarningLevel: Double]

  package init(
    rule: EarlyWarning.Rule, changes: [LevelChange] = [], failure: FirstFailure? = nil, samples: Int = 0,
    longestGap: Double? = nil, age: AgeSource = .untold, timeouts: Int? = nil,
    aged: [WarningLevel: Double] = [:]
  ) {
    self.aged = aged
    self.rule = rule
    self.changes = changes
    self.failure = failure
    self.samples = samples
    self.longestGap = longestGap
    self.age = age
    self.timeouts = timeouts
  }

  /// When it fired: the beginning of the stretch at `level` or above that the failure fell into; after a failure that nothing
  /// foretold, the next one; nil where there is neither.
  package func firing(of level: WarningLevel) -> Double? {
    guard let failure else { return stretches(of: level).last?.begin }
    let all = stretches(of: level)
    let standing = all.last { $0.begin <= failure.second && ($0.end ?? .infinity) > failure.second }
    return (standing ?? all.first { $0.begin > failure.second })?.begin
  }

  /// Seconds from the firing to the failure; below zero where the failure came first, nil where one of the two did not come.
  package func lead(of level: WarningLevel) -> Double? {
    guard let failure, let firing = firing(of: level) else { return nil }
    return failure.second - firing
  }

  /// Alerts that had ended before the failure, or before the load did.
  package var falseAlarms: Int {
    stretches(of: .alert).count { ($0.end ?? .infinity) <= (failure?.second ?? .infinity) && $0.end != nil }
  }

  private func stretches(of level: WarningLevel) -> [(begin: Double, end: Double?)] {
    var found: [(begin: Double, end: Double?)] = []
    var begin: Double?
    for change in changes {
      if change.level >= level {
        begin = begin ?? change.second
      } else if let began = begin {
        found.append((began, change.second))
        begin = nil
      }
    }
    return begin.map { found + [($0, nil)] } ?? found
  }
}
