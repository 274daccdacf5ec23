import Model

/// A stretch of some seconds put together, for the record: of each figure what was worst in it.
package struct WatchStretch: Sendable {
  package enum Kind: String, CaseIterable, Hashable, Sendable { case pool, server, machine }

  package struct Subject: Hashable, Sendable {
    package var kind: Kind
    package var source: String
    /// Of a pool; empty for a server and a machine.
    package var name: String

    package init(kind: Kind, source: String, name: String = "") {
      self.kind = kind
      self.source = source
      self.name = name
    }
  }

  /// nil: not told.
  package struct Figures: Hashable, Sendable {
    package var level = WarningLevel.calm
    /// Most connections of a pool, slots of a server that ordinary roles may have, 1 for a machine.
    package var capacity: Double?
    /// Most in use: connections, slots, the share of all cores.
    package var used: Double?
    /// Fewest idle.
    package var idle: Double?
    /// Most that waited.
    package var waiting: Double?
    /// Seconds, the longest; as told, or at most.
    package var oldestWait: Double?
    /// A second, the mean: connections handed out, or transactions.
    package var rate: Double?
    /// Most a second that got no connection in time.
    package var timeouts: Double?

    package init() {}
  }

  private var figures: [Subject: Figures] = [:]
  private var rates: [Subject: [Double]] = [:]

  package init() {}

  package mutating func take(_ snapshot: MonitorSnapshot) {
    for pool in snapshot.pools {
      let subject = Subject(kind: .pool, source: pool.source, name: pool.name)
      var now = Figures()
      now.level = pool.outlook.level
      now.capacity = pool.gauges[.max]
      (now.used, now.idle, now.waiting) = (pool.gauges[.inUse], pool.gauges[.idle], pool.gauges[.waiting])
      now.oldestWait = pool.outlook.age
      now.timeouts = pool.rates.timeouts
      add(now, pool.rates.acquisitions, subject)
    }
    for server in snapshot.servers {
      var now = Figures()
      now.level = server.level
      now.capacity = Double(server.slots - server.reservedSlots)
      now.used = Double(server.usedSlots)
      add(now, server.transactionRate, Subject(kind: .server, source: server.source))
    }
    for machine in snapshot.machines {
      var now = Figures()
      (now.capacity, now.used) = (1, machine.cpu)
      add(now, nil, Subject(kind: .machine, source: machine.source))
    }
  }

  private mutating func add(_ now: Figures, _ rate: Double?, _ subject: Subject) {
    if let rate { rates[subject, default: []].append(rate) }
    guard var worst = figures[subject] else {
      figures[subject] = now
      return
    }
    worst.level = max(worst.level, now.level)
    worst.capacity = now.capacity ?? worst.capacity
    worst.used = Self.most(worst.used, now.used)
    worst.idle = [worst.idle, now.idle].compactMap(\.self).min()
    worst.waiting = Self.most(worst.waiting, now.waiting)
    worst.oldestWait = Self.most(worst.oldestWait, now.oldestWait)
    worst.timeouts = Self.most(worst.timeouts, now.timeouts)
    figures[subject] = worst
  }

  private static func most(_ left: Double?, _ right: Double?) -> Double? { [left, right].compactMap(\.self).max() }

  /// In a fixed order.
  package var all: [(subject: Subject, figures: Figures)] {
    let order = { (subject: Subject) in (subject.kind.rawValue, subject.source, subject.name) }
    return figures.sorted { order($0.key) < order($1.key) }.map { subject, figures in
      var figures = figures
      if let rates = rates[subject], !rates.isEmpty { figures.rate = rates.reduce(0, +) / Double(rates.count) }
      return (subject, figures)
    }
  }
}
