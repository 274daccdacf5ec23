import Model

/// Turns what sources tell, each at its own pace, into what is watched as a whole.
///
/// Keeps of each pool its early warning, its last counters and its last minutes. A source that is gone takes its pools along
/// until it is back: what was seen before says nothing of now.
package struct MonitorMachine: Sendable {
  package struct Settings: Hashable, Sendable {
    /// From one sample of a source to the next.
    package var interval: Duration
    /// For pools that do not tell theirs; nil: there is none to assume, and no alert.
    package var acquireTimeout: Duration?

    package init(interval: Duration = .seconds(1), acquireTimeout: Duration? = nil) {
      self.interval = interval
      self.acquireTimeout = acquireTimeout
    }
  }

  /// How much of the past is kept.
  package static let historySeconds = 300.0
  /// A source that says neither this nor that for so long hangs where no timeout of its own helps.
  private static let patience = 5.0
  private static let mostPoints = 600

  package let settings: Settings
  private var sources: [Source]

  private struct Source: Sendable {
    var state: SourceState
    var reportedAt: Double?
    var pools: [Pool] = []
    var server: (report: ServerReport, rate: Double?, at: Double)?
    var machine: (report: MachineReport, cpu: Double?, at: Double)?

    mutating func forget() {
      pools = []
      server = nil
      machine = nil
    }
  }

  private struct Pool: Sendable {
    var report: PoolReport
    var at: Double
    var warning: EarlyWarning
    var outlook: EarlyWarning.Outlook
    var rates = PoolRates()
    var history: [PoolPoint] = []
  }

  /// - Parameter sources: in the order in which they are shown; names are unique.
  package init(_ sources: [(name: String, kind: SourceKind)], _ settings: Settings = Settings()) {
    self.settings = settings
    self.sources = sources.map {
      Source(state: SourceState(name: $0.name, kind: $0.kind, fault: Self.silent))
    }
  }

  private static let silent = "it has not told anything yet"

  /// Whether every source has told something, or why it does not.
  package var hasHeardAll: Bool { sources.allSatisfy { $0.reportedAt != nil } }

  /// Takes what a source says.
  /// - Parameters:
  ///   - now: seconds on a clock that goes forward; of one source in order of time.
  ///   - wall: the same moment as people name it.
  package mutating func take(_ said: Result<SourceReading, SourceFault>, of name: String, now: Double, wall: Timestamp)
  {
    guard let index = sources.firstIndex(where: { $0.state.name == name }) else { return }
    sources[index].reportedAt = now
    switch said {
    case .failure(let fault):
      sources[index].state.fault = fault.description
      sources[index].state.isFull = fault.isFull
      sources[index].forget()
    case .success(let reading):
      sources[index].state.fault = nil
      sources[index].state.isFull = false
      sources[index].state.lastTold = wall
      take(reading, index, now)
    }
  }

  package func snapshot(now: Double, wall: Timestamp) -> MonitorSnapshot {
    var snapshot = MonitorSnapshot(at: wall)
    for source in sources {
      if let late = lateness(source, now) {
        var state = source.state
        state.fault = "it has not answered for \(decimal(late.rounded(), places: 0)) s"
        snapshot.sources.append(state)
        continue
      }
      let name = source.state.name
      snapshot.sources.append(source.state)
      snapshot.pools += source.pools.map { state($0, name) }
      if let (report, rate, _) = source.server { snapshot.servers.append(ServerState(report, rate, name)) }
      if let (report, cpu, _) = source.machine {
        snapshot.machines.append(MachineState(source: name, cpu: cpu, memory: report.memory))
      }
    }
    return snapshot
  }

  private func lateness(_ source: Source, _ now: Double) -> Double? {
    guard let last = source.reportedAt else { return nil }
    let late = now - last
    return late > settings.interval.seconds + Self.patience ? late : nil
  }

  // MARK: - Taking

  private mutating func take(_ reading: SourceReading, _ index: Int, _ now: Double) {
    let before = sources[index]
    sources[index].pools = reading.pools.map { report in
      take(report, after: before.pools.first { $0.report.name == report.name }, now)
    }
    sources[index].server = reading.server.map { report in
      let rate = before.server.flatMap { Self.rate($0.report.transactions, report.transactions, now - $0.at) }
      return (report, rate, now)
    }
    sources[index].machine = reading.machine.map { report in
      (report, before.machine.flatMap { Self.cpu($0.report, report, now - $0.at) }, now)
    }
  }

  private func take(_ report: PoolReport, after last: Pool?, _ now: Double) -> Pool {
    let rule = rule(report.timeout)
    var warning = last?.warning ?? EarlyWarning(rule)
    // Another rule, or a clock that stood still for long: begin anew.
    if warning.rule != rule || now - (last?.at ?? now) > max(10, 10 * settings.interval.seconds) {
      warning = EarlyWarning(rule)
    }
    let outlook = warning.take(PoolObservation(at: now, gauges: report.gauges))
    var pool = Pool(report: report, at: now, warning: warning, outlook: outlook)
    if let last { pool.rates = Self.rates(last.report.gauges, report.gauges, now - last.at) }
    pool.history = (last?.history ?? []).filter { $0.at > now - Self.historySeconds }.suffix(Self.mostPoints - 1)
    pool.history.append(
      PoolPoint(
        at: now, inUse: report.gauges[.inUse], waiting: report.gauges[.waiting], rate: pool.rates.acquisitions))
    return pool
  }

  private func rule(_ told: AcquireTimeout) -> EarlyWarning.Rule {
    EarlyWarning.Rule(acquireTimeout: timeout(told), interval: settings.interval)
  }

  private func timeout(_ told: AcquireTimeout) -> Duration? {
    switch told {
    case .notTold: settings.acquireTimeout
    case .unlimited: nil
    case .after(let duration): duration
    }
  }

  private func state(_ pool: Pool, _ source: String) -> PoolState {
    PoolState(
      name: pool.report.name, source: source, gauges: pool.report.gauges, acquireTimeout: timeout(pool.report.timeout),
      outlook: pool.outlook, lead: pool.warning.rule.lead, rates: pool.rates, note: pool.report.note,
      history: pool.history)
  }

  // MARK: - Rates

  /// nil too when the counter began anew.
  private static func rate(_ before: Double?, _ after: Double?, _ seconds: Double) -> Double? {
    guard let before, let after, after >= before, seconds > 0 else { return nil }
    return (after - before) / seconds
  }

  private static func rates(_ before: PoolGauges, _ after: PoolGauges, _ seconds: Double) -> PoolRates {
    func rate(_ figure: PoolFigure) -> Double? { Self.rate(before[figure], after[figure], seconds) }
    var rates = PoolRates(acquisitions: rate(.acquisitions), timeouts: rate(.timeouts))
    if let waited = rate(.acquireSeconds), let acquired = rates.acquisitions, acquired > 0 {
      rates.meanWait = waited / acquired
    }
    return rates
  }

  private static func cpu(_ before: MachineReport, _ after: MachineReport, _ seconds: Double) -> Double? {
    let busy = after.busySeconds - before.busySeconds
    let total: Double
    if let end = after.totalSeconds, let start = before.totalSeconds {
      total = end - start
    } else {
      total = seconds * Double(after.cores)
    }
    guard busy >= 0, total > 0 else { return nil }
    return min(1, busy / total)
  }
}

extension ServerState {
  fileprivate init(_ report: ServerReport, _ rate: Double?, _ source: String) {
    self.init(
      source: source, slots: report.slots, reservedSlots: report.reservedSlots, usedSlots: report.usedSlots,
      sessions: report.sessions, hiddenSessions: report.hiddenSessions, applications: report.applications,
      transactionRate: rate, holders: report.holders)
  }
}
