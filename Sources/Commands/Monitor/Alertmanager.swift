import Model
import Monitor
import Report
import Synchronization

/// Prometheus's Alertmanager, through its API v2: all that is not calm, at each change and once a minute, and what has ended as
/// resolved.
///
/// An alert says by itself when it ends where nobody confirms it: one of a poolops that died does not stay.
final class Alertmanager: AlertDestination {
  private struct State {
    var lastSent: Timestamp?
    /// Told as resolved a few times, since only the newest message is kept.
    var resolved: [(alert: Alert, at: Timestamp)] = []
  }

  let name: String
  private let url: String
  private let state = Mutex(State())

  private static let repeating = Duration.seconds(60)
  private static let endsAfter = Duration.seconds(240)
  private static let resolvedFor = Duration.seconds(600)

  /// - Parameter base: such as `http://127.0.0.1:9093`.
  init(base: String, name: String) {
    var base = base[...]
    while base.last == "/" { base.removeLast() }
    url = base + "/api/v2/alerts"
    self.name = name
  }

  func messages(_ moment: MonitorMoment) -> [DeliveryMessage] {
    let now = moment.snapshot.at
    let resolved = state.withLock { state -> [(alert: Alert, at: Timestamp)]? in
      for change in moment.changes where change.before != .calm {
        let ended = Alert(subject: change.subject, level: change.before, since: change.beforeSince ?? change.at)
        state.resolved.append((ended, change.at))
      }
      state.resolved.removeAll { ended in
        now.duration(since: ended.at) > Self.resolvedFor
          || moment.alerts.contains { $0.subject == ended.alert.subject && $0.level == ended.alert.level }
      }
      let isDue = state.lastSent.map { now.duration(since: $0) >= Self.repeating } ?? false
      guard !moment.changes.isEmpty || isDue && !(moment.alerts.isEmpty && state.resolved.isEmpty) else { return nil }
      state.lastSent = now
      return state.resolved
    }
    guard let resolved else { return [] }
    let end = Timestamp(microseconds: now.microseconds + Self.endsAfter.nanoseconds / 1000)
    let alerts =
      moment.alerts.map { AlertmanagerJSON.value($0, until: end, moment.snapshot) }
      + resolved.map { AlertmanagerJSON.value($0.alert, until: $0.at, moment.snapshot) }
    return [DeliveryMessage(url: url, body: Array(JSONValue.array(alerts).line.utf8), isSuperseded: true)]
  }
}
