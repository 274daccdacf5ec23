import Model

/// What an alert is about.
package enum AlertSubject: Hashable, Sendable {
  /// A pool is about to turn requests away.
  case pool(name: String, source: String)
  /// A server runs out of connection slots.
  case slots(source: String)
  /// Nothing can be seen of a source.
  case source(String)

  package var source: String {
    switch self {
    case .pool(_, let source), .slots(let source), .source(let source): source
    }
  }
}

/// One subject that is not calm.
package struct Alert: Hashable, Sendable {
  package var subject: AlertSubject
  package var level: WarningLevel
  /// When this level began.
  package var since: Timestamp

  package init(subject: AlertSubject, level: WarningLevel, since: Timestamp) {
    self.subject = subject
    self.level = level
    self.since = since
  }
}

/// A subject has another level than before.
package struct AlertChange: Hashable, Sendable {
  package var subject: AlertSubject
  package var before: WarningLevel
  package var level: WarningLevel
  package var at: Timestamp
  /// When the level before began; nil where that was calm.
  package var beforeSince: Timestamp?

  package init(
    subject: AlertSubject, before: WarningLevel, level: WarningLevel, at: Timestamp, beforeSince: Timestamp? = nil
  ) {
    self.subject = subject
    self.before = before
    self.level = level
    self.at = at
    self.beforeSince = beforeSince
  }
}

/// Which subjects are not calm, and what changed: fed snapshot by snapshot.
///
/// What cannot be seen keeps its level: an app that dies of exhaustion has not recovered.
package struct AlertBook: Hashable, Sendable {
  /// In the order in which they began.
  package private(set) var active: [Alert] = []
  private var goneSince: [String: Timestamp] = [:]

  /// So long may a source be away before that is told: a restart.
  package static let grace = Duration.seconds(5)

  package init() {}

  package var level: WarningLevel { active.map(\.level).max() ?? .calm }

  /// - Returns: what changed. Snapshots must come in order of time.
  package mutating func take(_ snapshot: MonitorSnapshot) -> [AlertChange] {
    var changes: [AlertChange] = []
    for (subject, level) in levels(snapshot) {
      if let change = settle(subject, level, snapshot.at) { changes.append(change) }
    }
    return changes
  }

  private mutating func levels(_ snapshot: MonitorSnapshot) -> [(AlertSubject, WarningLevel)] {
    var levels: [(AlertSubject, WarningLevel)] = []
    for source in snapshot.sources {
      let isGone = source.fault != nil
      goneSince[source.name] = isGone ? goneSince[source.name] ?? snapshot.at : nil
      let isLong = goneSince[source.name].map { snapshot.at.duration(since: $0) >= Self.grace } ?? false
      levels.append((.source(source.name), isLong && !source.isFull ? .warning : .calm))
      if source.isFull { levels.append((.slots(source: source.name), .alert)) }
      guard !isGone else { continue }
      let pools = snapshot.pools.filter { $0.source == source.name }
      levels += pools.map { (.pool(name: $0.name, source: source.name), $0.outlook.level) }
      levels += snapshot.servers.filter { $0.source == source.name }.map { (.slots(source: source.name), $0.level) }
      // A pool that its source does not have any more is no matter.
      for alert in active {
        guard case .pool(let name, source.name) = alert.subject, !pools.contains(where: { $0.name == name }) else {
          continue
        }
        levels.append((alert.subject, .calm))
      }
    }
    return levels
  }

  private mutating func settle(_ subject: AlertSubject, _ level: WarningLevel, _ now: Timestamp) -> AlertChange? {
    let index = active.firstIndex { $0.subject == subject }
    let before = index.map { active[$0] }
    guard before?.level ?? .calm != level else { return nil }
    if let index { active.remove(at: index) }
    if level != .calm { active.append(Alert(subject: subject, level: level, since: now)) }
    return AlertChange(
      subject: subject, before: before?.level ?? .calm, level: level, at: now, beforeSince: before?.since)
  }
}
