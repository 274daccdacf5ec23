import Model

/// How near a pool is to turning a request away.
package enum WarningLevel: Int, CaseIterable, Hashable, Sendable, Comparable {
  case calm
  /// Requests have begun to wait for long.
  case warning
  /// Unless something changes, requests will fail before they have a connection.
  case alert

  package var word: String {
    switch self {
    case .calm: "calm"
    case .warning: "warning"
    case .alert: "alert"
    }
  }
  package static func < (left: WarningLevel, right: WarningLevel) -> Bool { left.rawValue < right.rawValue }
}

/// The rule that fires before a request fails, fed sample by sample.
///
/// A request that times out has waited the whole acquire timeout T: so during its last (1 - f) T the oldest waiter is at least
/// f T old, whatever the queue's discipline. A rule on that age, looked at every D seconds, leads the failure by (1 - f) T - D.
/// Where a source does not tell the age, `WaiterAge` bounds it from above, so the lead is the same, with more alarms that nothing
/// follows. That the queue would take more than T at the rate of the last seconds often comes earlier. It promises nothing, and
/// is believed only where the oldest waiter bears it out.
package struct EarlyWarning: Hashable, Sendable {
  /// What the rule goes by.
  package struct Rule: Hashable, Sendable {
    /// Longest wait for a connection; nil: requests wait for ever, and none fails by waiting.
    package var acquireTimeout: Duration?
    /// From one sample to the next.
    package var interval: Duration
    /// Shares of the acquire timeout.
    package var warnAt: Double
    package var alertAt: Double

    /// - Parameters:
    ///   - warnAt: share of the acquire timeout, above 0.
    ///   - alertAt: share of the acquire timeout, at least `warnAt`, below 1.
    package init(acquireTimeout: Duration?, interval: Duration, warnAt: Double = 0.2, alertAt: Double = 0.5) {
      self.acquireTimeout = acquireTimeout
      self.interval = interval
      self.warnAt = warnAt
      self.alertAt = alertAt
    }

    /// By how much an alert leads the first request that times out, at least.
    package var lead: GuaranteedLead {
      guard let acquireTimeout else { return .none(.waitsForEver) }
      guard interval * 10 <= acquireTimeout else { return .none(.sampledTooSeldom) }
      return .seconds((1 - alertAt) * acquireTimeout.seconds - interval.seconds)
    }
  }

  /// What is known at the latest sample.
  package struct Outlook: Hashable, Sendable {
    package var level: WarningLevel
    /// Seconds that the oldest waiter has waited, as told or, where `isAgeInferred`, at most; nil: waiting is not told.
    package var age: Double?
    package var isAgeInferred: Bool
    /// Seconds that a request which begins to wait now would wait at the rate of the last seconds; infinite while nothing is
    /// served; nil: not known.
    package var predictedWait: Double?
    /// Seconds until the first request times out, if arrivals and service go on as they are; nil: none in sight.
    package var exhaustionETA: Double?

    package init(
      level: WarningLevel, age: Double?, isAgeInferred: Bool, predictedWait: Double?, exhaustionETA: Double?
    ) {
      self.level = level
      self.age = age
      self.isAgeInferred = isAgeInferred
      self.predictedWait = predictedWait
      self.exhaustionETA = exhaustionETA
    }
  }

  private struct Last: Hashable, Sendable {
    var at: Double
    var acquisitions: Double?
    var predictedWait: Double?
  }

  package let rule: Rule
  private var last: Last?
  private var ages = WaiterAge()
  /// Requests a second that got a connection: an average that forgets with a time constant of 5 s.
  private var smoothedRate: Double?
  private var smoothedSlope: Double?
  private var level = WarningLevel.calm
  private var calmSince: Double?

  private static let smoothing = 5.0
  /// A level is left after its cause has been away for this many samples, so that it does not flap.
  private static let calmSamples = 5.0

  package init(_ rule: Rule) { self.rule = rule }

  /// The source is gone, or begins again: what was seen of it says nothing of what comes.
  package mutating func forget() { self = EarlyWarning(rule) }

  /// - Returns: what is known now. Samples must come in order of time.
  package mutating func take(_ observation: PoolObservation) -> Outlook {
    let (now, gauges) = (observation.at, observation.gauges)
    let waiting = gauges[.waiting]
    let inferred = ages.bound(now, waiting: waiting, acquisitions: gauges[.acquisitions])
    let age = gauges[.oldestWait] ?? inferred
    let predicted = predictedWait(now, waiting: waiting, acquisitions: gauges[.acquisitions])
    let slope = slope(now, predicted)
    settle(wanted(age: age, predicted: predicted), now)
    last = Last(at: now, acquisitions: gauges[.acquisitions], predictedWait: predicted)
    return Outlook(
      level: level, age: age, isAgeInferred: gauges[.oldestWait] == nil && age != nil, predictedWait: predicted,
      exhaustionETA: eta(age: age, predicted: predicted, slope: slope, waiting: waiting))
  }

  private mutating func predictedWait(_ now: Double, waiting: Double?, acquisitions: Double?) -> Double? {
    guard let last, let before = last.acquisitions, let acquisitions, acquisitions >= before, now > last.at else {
      if acquisitions != nil { smoothedRate = nil }
      return waiting == 0 ? 0 : nil
    }
    let seconds = now - last.at
    let rate = (acquisitions - before) / seconds
    let weight = seconds / (seconds + Self.smoothing)
    let smoothed = smoothedRate.map { $0 + weight * (rate - $0) } ?? rate
    smoothedRate = smoothed
    guard let waiting else { return nil }
    return waiting == 0 ? 0 : waiting / ((rate + smoothed) / 2)
  }

  /// By how many seconds a second the wait grows.
  private mutating func slope(_ now: Double, _ predicted: Double?) -> Double? {
    guard let predicted, predicted.isFinite, let last, let before = last.predictedWait, before.isFinite, now > last.at
    else {
      smoothedSlope = nil
      return nil
    }
    let seconds = now - last.at
    let weight = seconds / (seconds + Self.smoothing)
    let slope = (predicted - before) / seconds
    smoothedSlope = smoothedSlope.map { $0 + weight * (slope - $0) } ?? slope
    return smoothedSlope
  }

  private func wanted(age: Double?, predicted: Double?) -> WarningLevel {
    guard let timeout = rule.acquireTimeout?.seconds, let age else { return .calm }
    if age >= rule.alertAt * timeout { return .alert }
    guard age >= rule.warnAt * timeout else { return .calm }
    return (predicted ?? 0) >= timeout ? .alert : .warning
  }

  /// Up at once, down one level after a while.
  private mutating func settle(_ wanted: WarningLevel, _ now: Double) {
    guard wanted < level else {
      level = wanted
      calmSince = nil
      return
    }
    let since = calmSince ?? now
    calmSince = since
    guard now - since >= Self.calmSamples * rule.interval.seconds else { return }
    level = wanted
    calmSince = nil
  }

  /// The waiters came evenly over the time that the oldest has waited, and leave in order at the rate of the last seconds: so
  /// the one at share x of the queue has waited age (1 - x) and is to wait another x times the predicted wait.
  private func eta(age: Double?, predicted: Double?, slope: Double?, waiting: Double?) -> Double? {
    guard let timeout = rule.acquireTimeout?.seconds, let age, let waiting, waiting > 0 else { return nil }
    if age >= timeout { return 0 }
    guard let predicted else { return nil }
    if predicted.isInfinite { return timeout - age }
    if predicted >= timeout { return timeout - age + age * (timeout - age) / (predicted - age) }
    guard let slope, slope > 0 else { return nil }
    return (timeout - predicted) / slope + timeout
  }
}

/// By how much an alert comes before the failure that it tells of, at least.
package enum GuaranteedLead: Hashable, Sendable {
  case seconds(Double)
  case none(Reason)

  package enum Reason: Hashable, Sendable {
    /// There is no acquire timeout: requests become slow, and do not fail.
    case waitsForEver
    /// Less than ten samples within an acquire timeout.
    case sampledTooSeldom
  }
}
