/// One alert, ready to be written down: what it asks, what it tells a person, and samples that make it fire.
package struct AlertRule: Hashable, Sendable {
  /// What alerts there are; every source has those that its figures allow.
  package enum Kind: CaseIterable, Hashable, Sendable {
    /// Requests wait, for a fifth of the acquire timeout.
    case waitRising
    /// They wait for half of it: the one with a guarantee.
    case exhaustionAhead
    /// What waits, at the pace at which connections come back, will outwait it.
    case exhaustionPredicted
    /// Full, with a queue, for longer than a burst.
    case exhausted
    case acquireTimeouts
    case slotsFew
    case slotsGone
    case sourceDown

    package var name: String {
      switch self {
      case .waitRising: "PoolWaitRising"
      case .exhaustionAhead: "PoolExhaustionAhead"
      case .exhaustionPredicted: "PoolExhaustionPredicted"
      case .exhausted: "PoolExhausted"
      case .acquireTimeouts: "PoolAcquireTimeouts"
      case .slotsFew: "ServerSlotsFew"
      case .slotsGone: "ServerSlotsGone"
      case .sourceDown: "PoolSourceDown"
      }
    }

    package var severity: String {
      switch self {
      case .exhaustionAhead, .acquireTimeouts, .slotsGone: "critical"
      case .waitRising, .exhaustionPredicted, .exhausted, .slotsFew, .sourceDown: "warning"
      }
    }

    /// Whether it is to fire before a request fails.
    var leads: Bool { self == .waitRising || self == .exhaustionAhead || self == .exhaustionPredicted }
    /// Whether the runbook's section on what to do is about it.
    var isOfPool: Bool { self != .sourceDown }
  }

  package var kind: Kind
  /// The `id` of its source.
  package var source: String
  /// PromQL, over one or several lines.
  package var expression: String
  /// `for:`, in milliseconds; 0 is left out.
  var hold = 0
  /// What fires it, in words: `the oldest request has waited 2.5 s`.
  package var condition: String
  var summary: String
  var description: String
  /// Where its number is from.
  package var basis: String
  /// Whether that is the acquire timeout.
  var restsOnTimeout = false
  /// The wait at which it fires, in milliseconds; nil where nothing follows from it for the first failure.
  var wait: Int?
  var trial: AlertTrial

  /// The same for series of which `matching` holds, such as `unless on (job, instance) poolops_source_up`.
  func scoped(_ matching: String) -> AlertRule {
    var rule = self
    rule.expression += "\n\(matching)"
    return rule
  }

  /// The same about something else than the source's pools.
  func about(_ subject: String, in context: AlertContext) -> AlertRule {
    var rule = self
    rule.summary = rule.summary.replacing(context.source.subject, with: subject)
    return rule
  }

  /// What it promises, and why not more.
  func lead(_ timing: AlertTiming) -> (guaranteed: Int?, text: String) {
    guard kind.leads else { return (nil, "none: it tells what has happened") }
    guard let wait else { return (nil, "none is guaranteed; it usually fires before \(Kind.exhaustionAhead.name)") }
    let every = PromQL.duration(timing.interval)
    if let lead = timing.lead(at: wait) {
      return (
        lead,
        "at least \(PromQL.words(lead)) before the first request fails, with an acquire timeout of "
          + "\(PromQL.words(timing.acquireTimeout)), scraped and evaluated every \(every)"
      )
    }
    let why =
      timing.isFineEnough
      ? "a timeout of \(PromQL.words(timing.acquireTimeout)) leaves no time for it"
      : "\(every) is more than a tenth of the acquire timeout of \(PromQL.words(timing.acquireTimeout))"
    return (
      nil,
      "none is guaranteed: \(why)"
        + (timing.isFineEnough
          ? "" : "; scrape and evaluate every \(PromQL.duration(timing.longestInterval)) or faster")
    )
  }
}
