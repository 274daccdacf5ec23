/// The app that a load of HTTP requests goes to, and how.
package struct HTTPLoadSpec: Hashable, Sendable {
  package enum Version: String, CaseIterable, Hashable, Sendable {
    case http1 = "1.1"
    /// Only with `https`.
    case http2 = "2"
  }

  /// `http://host:port` or `https://host:port`, without a path and without a user or password.
  package var base: String
  /// Connections kept open at most, requests waiting for one of them; nil: `connections(for:threads:)` says.
  package var connections: Int?
  /// Requests that share a connection at a time, at most; more than one only with HTTP/2.
  package var streams: Int
  /// Of every request. A value may come from an environment variable, so that no secret stands in the file.
  package var headers: [HTTPHeader]
  package var connectTimeout: Duration
  /// Longest time from sending a request to the first byte of its answer; nil: no limit but `LoadSpec.requestTimeout`.
  package var firstByteTimeout: Duration?
  package var version: Version
  /// PEM file of the authorities to trust; nil: those of the system.
  package var caFile: String?

  package init(
    base: String, connections: Int? = nil, streams: Int = 100, headers: [HTTPHeader] = [],
    connectTimeout: Duration = .seconds(10),
    firstByteTimeout: Duration? = nil, version: Version = .http1, caFile: String? = nil
  ) {
    self.base = base
    self.connections = connections
    self.streams = streams
    self.headers = headers
    self.connectTimeout = connectTimeout
    self.firstByteTimeout = firstByteTimeout
    self.version = version
    self.caFile = caFile
  }

  package var isSecure: Bool { base.hasPrefix("https://") }

  /// Those of the file; else one for each user, 100 where requests fall due by themselves. Where requests share them, as few as can
  /// carry so many.
  package func connections(for shape: LoadShape, threads: Int) -> Int {
    let requests = shape.users ?? 100
    return connections ?? (version == .http2 ? max((requests + streams - 1) / streams, threads) : requests)
  }
}

package struct HTTPHeader: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case text(String)
    /// Read from this environment variable when the load starts; never stored, never shown.
    case environment(String)
  }
  package var name: String
  package var value: Value
  package init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

/// One HTTP request with its placeholders, and what counts as success.
package struct HTTPRequestSpec: Hashable, Sendable {
  /// `GET`, `POST` ...
  package var method: String
  /// From the first slash on, query included, with `{name}` placeholders whose values are percent-encoded.
  package var path: String
  package var headers: [HTTPHeader]
  /// With `{{name}}` placeholders, whose values go in as they are.
  package var body: String?
  /// Statuses that count as success; empty: 200 to 399.
  package var statuses: [Int]
  /// What the body must contain; nil: anything.
  package var bodyContains: String?

  package init(
    method: String = "GET", path: String, headers: [HTTPHeader] = [], body: String? = nil, statuses: [Int] = [],
    bodyContains: String? = nil
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.statuses = statuses
    self.bodyContains = bodyContains
  }
}
