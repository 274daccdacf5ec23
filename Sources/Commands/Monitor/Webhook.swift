import Model
import Monitor
import Report

/// A POST of a JSON object at each change of a level.
struct Webhook: AlertDestination {
  let url: String
  let name: String

  func messages(_ moment: MonitorMoment) -> [DeliveryMessage] {
    moment.changes.map { change in
      let body = MonitorJSON.change(change, moment.snapshot).line
      return DeliveryMessage(url: url, body: Array(body.utf8), isSuperseded: false)
    }
  }
}
