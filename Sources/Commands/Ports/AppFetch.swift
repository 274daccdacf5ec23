import Model
import Staging

/// Asks apps over HTTP.
struct AppFetch: Fetching {
  /// There is no client yet in this tree: an experiment with an app is refused before anything is changed.
  func get(_ url: String, within limit: Duration) throws(FetchFault) -> FetchedAnswer {
    throw FetchFault(.other, "this poolops is built without a client for HTTP")
  }

  func value(at place: GaugePlace, in body: String) -> String? { nil }
}
