import Model

/// What a team's Prometheus scrapes and pools can be seen in: one file each, and a line in `AlertSource.all`.
package struct AlertSource: Sendable {
  package struct Label: Hashable, Sendable {
    var name: String
    /// As it stands in the rules' own tests.
    var example: String
    init(_ name: String, _ example: String) {
      self.name = name
      self.example = example
    }
  }

  /// The word for it on the command line, and in the names of its files.
  package var id: String
  package var title: String
  /// Where its names stand: version or commit.
  package var origin: String
  /// The pool whose own acquire timeout holds where nobody says another; nil where it is not known.
  var ecosystem: String?
  /// Whether it sees who waits for a connection; else no acquire timeout is its concern.
  var seesPools = true
  /// How old its gauges may be when they are scraped, in milliseconds.
  var staleness = 0
  /// What a person has to know, each a sentence.
  package var notes: [String] = []
  /// Of its series, besides those of the scrape.
  var labels: [Label]
  /// Of the scrape, as the tests have them.
  var scrape: [Label]
  /// How texts name what an alert is about.
  var subject: String
  var rules: @Sendable (AlertContext) -> [AlertRule]
  /// Series of an ordinary day, on which no rule fires.
  var ordinary: @Sendable (AlertContext) -> [AlertTrial.Series]
  var panels: [PanelQuery]

  package static let all: [AlertSource] = [
    postgresExporter, pgBouncerExporter, hikariCPMicrometer, hikariCPTracker, openTelemetry, poolopsExporter,
  ]

  package static func named(_ id: String) -> AlertSource? { all.first { $0.id == id } }

  package func rules(_ plan: AlertPlan) -> [AlertRule] { rules(AlertContext(self, plan)) }
}

/// What the rules of one source are made with.
struct AlertContext: Sendable {
  let source: AlertSource
  let plan: AlertPlan
  let timing: AlertTiming

  init(_ source: AlertSource, _ plan: AlertPlan) {
    self.source = source
    self.plan = plan
    timing = plan.timing(of: source)
  }

  func series(_ name: String, _ course: AlertTrial.Course) -> AlertTrial.Series { series(name, [], course) }

  /// A series of the tests: `name{job="orders",instance="orders-1:8080",pool="orders",more}`.
  func series(_ name: String, _ more: [AlertSource.Label], _ course: AlertTrial.Course) -> AlertTrial.Series {
    let labels = (source.scrape + source.labels + more).map { "\($0.name)=\"\($0.example)\"" }
    return AlertTrial.Series("\(name){\(labels.joined(separator: ","))}", course)
  }

  private var allLabels: [AlertSource.Label] { source.scrape + source.labels }

  private var timeoutText: String {
    "the acquire timeout of \(PromQL.words(timing.acquireTimeout))"
  }

  private func shareText(_ share: Double) -> String {
    (share == AlertTiming.alertShare ? "half of " : "a fifth of ") + timeoutText
  }

  private func kind(_ share: Double) -> AlertRule.Kind {
    share == AlertTiming.alertShare ? .exhaustionAhead : .waitRising
  }

  private func summary(_ kind: AlertRule.Kind) -> String {
    switch kind {
    case .waitRising: "\(source.subject): requests begin to wait for a connection"
    case .exhaustionAhead: "\(source.subject): requests are about to fail for want of a connection"
    case .exhaustionPredicted: "\(source.subject): the queue for a connection is longer than can be served in time"
    case .exhausted: "\(source.subject): every connection is in use, and requests wait"
    case .acquireTimeouts: "\(source.subject): requests fail for want of a connection"
    case .slotsFew: "\(source.subject): few connection slots are left"
    case .slotsGone: "\(source.subject): no connection slot is left but the reserved ones"
    case .sourceDown: "\(source.subject) cannot be seen"
    }
  }

  private static let first =
    "Find out first whether the load grew, statements became slower, or connections leak: a larger pool helps only the first."

  // MARK: The kinds of rules

  /// By the age of the oldest waiting request.
  ///
  /// - Parameters:
  ///   - wait: at which it fires, in milliseconds.
  ///   - expression: that is the age in seconds, and what it is compared with.
  func byAge(
    _ share: Double, wait: Int, _ expression: String, wholeSeconds: Bool = false, _ series: [AlertTrial.Series]
  ) -> AlertRule {
    let kind = kind(share)
    return AlertRule(
      kind: kind, source: source.id, expression: expression,
      condition: "the oldest request has waited \(PromQL.words(wait))", summary: summary(kind),
      description: """
        The oldest request has waited {{ printf "%.1f" $value }} s for a connection; after \
        \(PromQL.words(timing.acquireTimeout)) it fails. \(Self.first)
        """,
      basis: wait == timing.share(share) ? shareText(share) : shareText(share) + ", in whole seconds",
      restsOnTimeout: true, wait: wait,
      trial: AlertTrial(
        series: series, labels: allLabels, value: .age(upTo: timing.acquireTimeout, wholeSeconds: wholeSeconds),
        fires: AlertTrial.Course.sample(of: wait, timing.interval)))
  }

  /// Where no age is told: requests wait on every sample for as long. Where both shares come to the same time, one alert
  /// says it.
  ///
  /// - Parameter waiting: the name of the gauge.
  func byQueue(waiting: String) -> [AlertRule] {
    let shares = [AlertTiming.warningShare, AlertTiming.alertShare]
    let isOne = Set(shares.map(timing.hold)).count == 1
    return (isOne ? [AlertTiming.alertShare] : shares).map { byQueue($0, waiting: waiting) }
  }

  private func byQueue(_ share: Double, waiting: String) -> AlertRule {
    let kind = kind(share)
    let hold = timing.hold(share)
    return AlertRule(
      kind: kind, source: source.id,
      expression: "last_over_time(\(waiting)[\(PromQL.duration(timing.bridge))]) > 0", hold: hold,
      condition: "requests wait on every sample for \(PromQL.words(hold))", summary: summary(kind),
      description: """
        {{ printf "%.0f" $value }} requests wait for a connection, and on every sample of the last \
        \(PromQL.words(hold)) some did; after \(PromQL.words(timing.acquireTimeout)) one fails. Busy pools that serve \
        their queue in time look alike from here. \(Self.first)
        """,
      basis: shareText(share) + ", by the queue in place of the ages that are not exported", restsOnTimeout: true,
      wait: hold,
      trial: AlertTrial(
        series: [series(waiting, .gaugeMissed(calm: 0, trouble: 3))], labels: allLabels, value: .number(3),
        fires: timing.steps(hold)))
  }

  /// By how long the queue takes at the pace at which connections come back. Not sooner than at the whole acquire timeout,
  /// and not on one look: half of it raises alarms in every burst (docs/decisions/016-early-warning.md).
  ///
  /// - Parameters:
  ///   - waiting: requests that wait.
  ///   - returns: connections that come back a second.
  ///   - series: of the two, by name, and how they go on.
  func byPace(
    waiting: String, returns: String, labels: [AlertSource.Label]? = nil,
    _ series: (_ waiting: AlertTrial.Course, _ returned: AlertTrial.Course) -> [AlertTrial.Series]
  ) -> AlertRule {
    let hold = timing.hold(AlertTiming.warningShare)
    // Ten come back a second, and the queue is one of twice the acquire timeout.
    let queue = Double((2 * timing.acquireTimeout + 99) / 100)
    return AlertRule(
      kind: .exhaustionPredicted, source: source.id,
      expression: "\(waiting)\n  / \(returns)\n>= \(PromQL.seconds(timing.acquireTimeout))", hold: hold,
      condition:
        "the queue takes \(PromQL.words(timing.acquireTimeout)) at the pace of connections, for \(PromQL.words(hold))",
      summary: summary(.exhaustionPredicted),
      description: """
        At the pace at which connections come back, a request that comes now waits {{ printf "%.1f" $value }} s \
        (+Inf: none comes back); after \(PromQL.words(timing.acquireTimeout)) it fails. \(Self.first)
        """,
      basis: timeoutText + ", by a prediction that holds for a fifth of it", restsOnTimeout: true,
      trial: AlertTrial(
        series: series(.gauge(calm: 0, trouble: queue), .counter(calm: 10, trouble: 10)),
        labels: labels ?? allLabels, value: .number(queue / 10), calm: timing.steps(timing.rateRange) + 2,
        fires: timing.steps(hold)))
  }

  func exhausted(
    _ expression: String, labels: [AlertSource.Label]? = nil, value: Double, _ series: [AlertTrial.Series]
  ) -> AlertRule {
    AlertRule(
      kind: .exhausted, source: source.id, expression: expression, hold: timing.lasting,
      condition: "every connection is in use and requests wait, for \(PromQL.words(timing.lasting))",
      summary: summary(.exhausted),
      description: """
        For \(PromQL.words(timing.lasting)) every connection was in use while requests waited. It serves as much as \
        its connections can; whether requests fail depends on how long each waits. \(Self.first)
        """,
      basis: timing.lasting == timing.acquireTimeout
        ? timeoutText : "four samples, which is longer than the acquire timeout",
      restsOnTimeout: timing.lasting == timing.acquireTimeout,
      trial: AlertTrial(
        series: series, labels: labels ?? allLabels, value: .number(value), fires: timing.steps(timing.lasting)))
  }

  /// - Parameter appears: whether the counter is only there once it has counted something.
  func acquireTimeouts(_ counter: String, scope: String = "", appears: Bool = false, _ series: [AlertTrial.Series])
    -> AlertRule
  {
    let range = PromQL.duration(timing.eventRange)
    let grown = "increase(\(counter)[\(range)]) > 0"
    let expression =
      appears ? "(\(grown) or (\(counter) > 0 unless \(counter) offset \(range)))\(scope)" : grown + scope
    return AlertRule(
      kind: .acquireTimeouts, source: source.id, expression: expression,
      condition: "a request gave up waiting within \(range)", summary: summary(.acquireTimeouts),
      description: """
        Requests gave up waiting for a connection within the last \(range). Users see errors. What came before this \
        alert, and did not, is worth a look afterwards.
        """,
      basis: "the first one",
      trial: AlertTrial(
        series: series, labels: allLabels, calm: timing.steps(timing.eventRange) + 2,
        clears: timing.steps(timing.eventRange)))
  }

  /// - Parameters:
  ///   - free: PromQL of the slots that are free for the app.
  ///   - usable: and of those that it could have in all, with how the two are matched.
  func slots(
    free: String, usable: (matching: String, expression: String), labels: [AlertSource.Label],
    _ series: (_ free: Double) -> [AlertTrial.Series]
  ) -> [AlertRule] {
    let (limit, least, basis) = fewSlots(of: usable.expression)
    return [
      AlertRule(
        kind: .slotsFew, source: source.id, expression: "\(free)\n< \(usable.matching)\(limit)", hold: timing.absence,
        condition: "fewer than \(least) slots are free, for \(PromQL.words(timing.absence))",
        summary: summary(.slotsFew),
        description: """
          {{ printf "%.0f" $value }} slots are free beside the reserved ones, fewer than \(least). A deployment that \
          starts new instances before it stops old ones may be refused (53300). 'poolops audit' says who may take how many.
          """,
        basis: basis,
        trial: AlertTrial(
          series: series(2), labels: labels, value: .number(2), fires: timing.steps(timing.absence))),
      AlertRule(
        kind: .slotsGone, source: source.id, expression: "\(free)\n<= 0", condition: "no slot is free",
        summary: summary(.slotsGone),
        description: """
          New connections are refused (53300). A larger pool makes it worse. Superusers still get in through the \
          reserved slots: see who holds the others in pg_stat_activity.
          """,
        basis: "no free slot",
        trial: AlertTrial(series: series(0), labels: labels)),
    ]
  }

  /// How many free slots are few. Of a large pool on a small server a part: else the alert would never clear.
  private func fewSlots(of usable: String) -> (limit: String, least: String, basis: String) {
    guard let pool = plan.pool else {
      return (
        "0.1 * \(usable)", "a tenth of all",
        "a tenth of the slots, a default of poolops that nobody measured; --experiment takes the size of a pool"
      )
    }
    return (
      "clamp_max(0.25 * \(usable), \(pool.size))", "\(pool.size), or than a quarter of all where that is less",
      "the \(pool.size) connections of one pool (\(pool.run)), a quarter of the slots at most"
    )
  }

  /// - Parameter series: that is 0 or not there in the trouble.
  func sourceDown(_ expression: String, labels: [AlertSource.Label], value: Double, _ series: [AlertTrial.Series])
    -> AlertRule
  {
    AlertRule(
      kind: .sourceDown, source: source.id, expression: expression, hold: timing.absence,
      condition: "it tells nothing, for \(PromQL.words(timing.absence))", summary: summary(.sourceDown),
      description: """
        For \(PromQL.words(timing.absence)) nothing was seen of it, so none of these alerts can fire. Look at the \
        target in Prometheus, then at what it asks.
        """,
      basis: "an absence of four samples, and of a minute at the least",
      trial: AlertTrial(
        series: series, labels: labels, value: .number(value), fires: timing.steps(timing.absence)))
  }

  /// What was there within the last hour and is no more, by what does not change when instances come and go.
  func gone(_ series: String, by labels: [String]) -> String {
    let group = "group by (\(labels.joined(separator: ", ")))"
    return "\(group) (last_over_time(\(series)[1h]))\nunless \(group) (\(series))"
  }
}
