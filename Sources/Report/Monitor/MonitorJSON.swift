import Model
import Monitor

/// What is watched as one JSON object: what `monitor --json` prints a line of at each interval.
package enum MonitorJSON {
  package static func value(_ snapshot: MonitorSnapshot) -> JSONValue {
    [
      "at": .string(snapshot.at.text), "level": .string(snapshot.level.word),
      "sources": .array(snapshot.sources.map(source)), "pools": .array(snapshot.pools.map(pool)),
      "servers": .array(snapshot.servers.map(server)), "machines": .array(snapshot.machines.map(machine)),
    ]
  }

  private static func source(_ source: SourceState) -> JSONValue {
    [
      "name": .string(source.name), "kind": .string(source.kind.rawValue), "fault": JSONValue(source.fault),
      "full": .bool(source.isFull), "last_told": JSONValue(source.lastTold?.text),
    ]
  }

  /// Figures by the names of `PoolFigure`; one that is not told is left out.
  package static func pool(_ pool: PoolState) -> JSONValue {
    let outlook = pool.outlook
    var lead: JSONValue = .null
    if case .seconds(let seconds) = pool.lead { lead = .number(seconds) }
    let eta: JSONValue = JSONValue(outlook.exhaustionETA)
    let isEndless = outlook.predictedWait == .infinity
    return .members(
      [
        ("name", .string(pool.name)), ("source", .string(pool.source)), ("level", .string(outlook.level.word)),
        ("note", JSONValue(pool.note)),
      ] + pool.gauges.figures.map { ($0.rawValue, JSONValue(pool.gauges[$0])) } + [
        ("acquire_timeout", JSONValue(pool.acquireTimeout?.seconds)),
        ("acquisitions_per_second", JSONValue(pool.rates.acquisitions)),
        ("timeouts_per_second", JSONValue(pool.rates.timeouts)), ("mean_wait", JSONValue(pool.rates.meanWait)),
        ("oldest_wait_bound", outlook.isAgeInferred ? JSONValue(outlook.age) : .null),
        ("predicted_wait", isEndless ? "infinite" : JSONValue(outlook.predictedWait)), ("first_timeout_in", eta),
        ("guaranteed_lead", lead), ("outlook", .string(MonitorWords.outlook(pool))),
      ])
  }

  private static func server(_ server: ServerState) -> JSONValue {
    [
      "source": .string(server.source), "level": .string(server.level.word), "slots": .integer(server.slots),
      "reserved_slots": .integer(server.reservedSlots), "used_slots": .integer(server.usedSlots),
      "free_slots": .integer(server.freeSlots),
      "sessions": .members(server.sessions.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }),
      "hidden_sessions": .integer(server.hiddenSessions),
      "applications": .array(
        server.applications.map {
          [
            "name": .string($0.name), "sessions": .integer($0.sessions), "active": .integer($0.active),
            "idle_in_transaction": .integer($0.idleInTransaction),
          ]
        }),
      "transactions_per_second": JSONValue(server.transactionRate),
      "holders": .array(
        server.holders.map {
          [
            "pid": .integer($0.pid), "application": .string($0.application), "user": .string($0.user),
            "state": .string($0.state), "seconds": .number($0.seconds),
          ]
        }),
    ]
  }

  private static func machine(_ machine: MachineState) -> JSONValue {
    ["source": .string(machine.source), "cpu": JSONValue(machine.cpu), "memory": JSONValue(machine.memory)]
  }

  /// One change, as it goes to a webhook.
  package static func change(_ change: AlertChange, _ snapshot: MonitorSnapshot) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("at", .string(change.at.text)), ("level", .string(change.level.word)), ("before", .string(change.before.word)),
      ("subject", .string(MonitorWords.title(change.subject))), ("source", .string(change.subject.source)),
      ("text", .string(MonitorWords.line(change, snapshot))),
    ]
    if case .pool(let name, let source) = change.subject,
      let pool = snapshot.pools.first(where: { $0.name == name && $0.source == source })
    {
      members.append(("pool", Self.pool(pool)))
    }
    return .members(members)
  }

}
