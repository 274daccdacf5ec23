import Model
import Monitor

/// One alert as Alertmanager's API v2 takes it (`postableAlert` of its OpenAPI file).
package enum AlertmanagerJSON {
  /// - Parameter end: in the past for one that is resolved.
  package static func value(_ alert: Alert, until end: Timestamp, _ snapshot: MonitorSnapshot) -> JSONValue {
    var labels: [(String, JSONValue)] = [
      ("alertname", .string(name(alert.subject))), ("severity", .string(severity(alert.level))),
      ("source", .string(alert.subject.source)),
    ]
    if case .pool(let name, _) = alert.subject { labels.append(("pool", .string(name))) }
    let title = MonitorWords.title(alert.subject)
    return [
      "labels": .members(labels),
      "annotations": [
        "summary": .string(summary(alert.subject)),
        "description": .string("\(title): \(MonitorWords.state(alert.subject, snapshot))"),
      ],
      "startsAt": .string(alert.since.text), "endsAt": .string(end.text),
    ]
  }

  private static func name(_ subject: AlertSubject) -> String {
    switch subject {
    case .pool: "PoolNearExhaustion"
    case .slots: "PostgreSQLConnectionSlotsLow"
    case .source: "PoolopsSourceGone"
    }
  }

  private static func severity(_ level: WarningLevel) -> String {
    switch level {
    case .alert: "critical"
    case .warning, .calm: "warning"
    }
  }

  private static func summary(_ subject: AlertSubject) -> String {
    switch subject {
    case .pool(let name, _): "Requests are about to get no connection of the pool \(name)"
    case .slots(let source): "The PostgreSQL server \(source) runs out of connection slots"
    case .source(let name): "poolops sees nothing of \(name)"
    }
  }
}
