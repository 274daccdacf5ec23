import Model

/// The times of alert rules that follow from an acquire timeout and from how often the pool is looked at, in milliseconds.
///
/// A request that times out has waited as long as the timeout says, so it waits for the share f of it (1 - f) T before it
/// fails. A rule that fires at the first look with a wait of f T leads by (1 - f) T, less what the looks cost: up to
/// one interval until the next sample, up to one until the next evaluation, and the age of the sample itself.
package struct AlertTiming: Hashable, Sendable {
  package let acquireTimeout: Int
  /// Of scrapes and of evaluations.
  package let interval: Int
  /// How old a gauge may be at the moment when it is scraped.
  package let staleness: Int

  /// Shares of the acquire timeout at which a wait is worth a look, and at which somebody is called.
  static let warningShare = 0.2
  static let alertShare = 0.5
  /// Seen in fewer than so many looks, a request may come and fail in between.
  static let looksPerTimeout = 10

  package init(acquireTimeout: Duration, interval: Duration, staleness: Int = 0) {
    self.acquireTimeout = max(1, Self.milliseconds(acquireTimeout))
    self.interval = max(1, Self.milliseconds(interval))
    self.staleness = staleness
  }

  static func milliseconds(_ duration: Duration) -> Int { Int((duration.seconds * 1000).rounded()) }

  /// Whether a lead can be guaranteed at all.
  package var isFineEnough: Bool { interval * Self.looksPerTimeout <= acquireTimeout }

  /// The longest interval with which one can.
  var longestInterval: Int { acquireTimeout / Self.looksPerTimeout }

  func share(_ fraction: Double) -> Int { Int((Double(acquireTimeout) * fraction).rounded()) }

  /// For how long a queue has to stand before it counts as a wait of `fraction` of the acquire timeout.
  ///
  /// A whole number of intervals: rounded down, so that the guarantee holds; where there is none, rounded up, and two
  /// looks at the least, so that no single waiting request calls somebody.
  func hold(_ fraction: Double) -> Int {
    let wanted = share(fraction)
    return max(interval, isFineEnough ? wanted / interval * interval : roundedUp(wanted))
  }

  /// How long before the first timeout a rule fires at the latest that fires at a wait of `wait`; nil: no promise.
  func lead(at wait: Int) -> Int? {
    let lead = acquireTimeout - wait - 2 * interval - staleness
    return isFineEnough && lead > 0 ? lead : nil
  }

  /// How far back a gauge is looked for, so that missed scrapes, which are likely just then, do not clear an alert.
  var bridge: Int { 3 * interval }
  /// The range of a rate: four samples, as Prometheus wants.
  var rateRange: Int { max(5000, 4 * interval) }
  /// For how long something that has happened is told.
  var eventRange: Int { roundedUp(max(60_000, 4 * interval)) }
  /// How long a pool is full before that is more than a burst.
  var lasting: Int { roundedUp(max(acquireTimeout, 4 * interval)) }
  /// How long something is gone before that is more than a restart.
  var absence: Int { roundedUp(max(60_000, 4 * interval)) }
  /// How long an alert outlives its condition, so that it does not flap.
  var afterglow: Int { roundedUp(max(30_000, 4 * interval)) }

  func roundedUp(_ time: Int) -> Int { (time + interval - 1) / interval * interval }

  func steps(_ time: Int) -> Int { (time + interval - 1) / interval }
}

/// Times as Prometheus writes and computes with them.
enum PromQL {
  /// `500ms`, `15s`, `2m`.
  static func duration(_ milliseconds: Int) -> String {
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
      if milliseconds >= size, milliseconds % size == 0 { return "\(milliseconds / size)\(unit)" }
    }
    return "\(milliseconds)ms"
  }

  /// `2.5`: seconds as a number.
  static func seconds(_ milliseconds: Int) -> String { decimal(Double(milliseconds) / 1000, places: 3) }

  /// `2.5 s`, for sentences.
  static func words(_ milliseconds: Int) -> String { seconds(milliseconds) + " s" }
}
