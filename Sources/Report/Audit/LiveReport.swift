import Configuration

/// What running servers and poolers say of this moment.
struct LiveReport {
  private let live: AuditReport.Live

  init(_ live: AuditReport.Live) { self.live = live }

  func parts(_ style: Style) -> [String] {
    var parts: [String] = []
    if let slots = live.slots { parts.append(style.heading(title(slots)) + "\n" + table(slots).text(style)) }
    if !live.pools.isEmpty { parts.append(style.heading("PgBouncer's pools now") + "\n" + pools.text(style)) }
    return parts
  }

  private func title(_ slots: LiveSlots) -> String {
    let usable = live.usable.map { " of \($0) slots" } ?? ""
    let seen = slots.seesStates ? "" : " (states not seen: the role lacks pg_monitor)"
    return "In use now: \(Phrases.count(slots.sessions, "session"))\(usable)\(seen)"
  }

  private func table(_ slots: LiveSlots) -> TextTable {
    var table = TextTable([
      .init("application"), .init("user"), .init("database"), .init("sessions", right: true),
      .init("active", right: true), .init("idle in transaction", right: true),
    ])
    for group in slots.groups {
      table.row([
        .init(group.application.isEmpty ? "(no name)" : group.application), .init(group.user), .init(group.database),
        .init("\(group.sessions)"), .init(slots.seesStates ? "\(group.active)" : "?"),
        .init(slots.seesStates ? "\(group.idleInTransaction)" : "?", group.idleInTransaction > 0 ? .warning : .plain),
      ])
    }
    return table
  }

  private var pools: TextTable {
    var table = TextTable([
      .init("database"), .init("user"), .init("clients", right: true), .init("waiting", right: true),
      .init("server connections", right: true), .init("longest wait", right: true),
    ])
    for pool in live.pools {
      table.row([
        .init(pool.database), .init(pool.user), .init("\(pool.clientsActive)"),
        .init("\(pool.clientsWaiting)", pool.clientsWaiting > 0 ? .bad : .plain), .init("\(pool.servers)"),
        .init("\(pool.longestWait) s"),
      ])
    }
    return table
  }
}
