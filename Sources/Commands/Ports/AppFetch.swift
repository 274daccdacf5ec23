import HTTP
import Model
import Staging
import Telemetry

/// Asks apps over HTTP, and reads what they tell.
struct AppFetch: Fetching {
  /// What an app says of its health or its pool is short.
  private static let bodyLimit = 1 << 20

  func get(_ url: String, within limit: Duration) throws(FetchFault) -> FetchedAnswer {
    do throws(HTTPFault) {
      var client = try HTTPClient(userAgent: "poolops/\(Poolops.version)")
      let answer = try client.fetch(url, timeout: limit, bodyLimit: Self.bodyLimit)
      return FetchedAnswer(status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
    } catch {
      throw FetchFault(error)
    }
  }

  func value(at place: GaugePlace, in body: String) -> String? {
    switch place {
    case .json(let place): AnsweredValue.json(place, in: Array(body.utf8))
    case .metric(let selector): AnsweredValue.metric(selector, in: Array(body.utf8))
    }
  }
}

extension FetchFault {
  fileprivate init(_ fault: HTTPFault) {
    // Before each message stands the address, which whoever tells of the fault names too.
    let reason = fault.message.hasPrefix("http") ? fault.message.after(": ") : fault.message
    let isConnected = !["Connection timed out", "Resolving timed out"].contains { reason.hasPrefix($0) }
    switch fault.code {
    case .refused: self.init(.refused, reason)
    case .timeout: self.init(isConnected ? .hangs : .refused, reason)
    default: self.init(.other, reason)
    }
  }
}

extension String {
  fileprivate func after(_ separator: String) -> String {
    firstRange(of: separator).map { String(self[$0.upperBound...]) } ?? self
  }
}
