/// What the server answers at.
package enum ExporterPage: String, CaseIterable, Hashable, Sendable {
  case metrics = "/metrics"
  /// Whether the process is alive.
  case health = "/healthz"
  /// Whether what it says of pools can be relied on.
  case readiness = "/readyz"

  /// The other two say a word and nothing else, so that orchestrators need no secret to ask.
  var needsToken: Bool { self == .metrics }
}

package struct ExporterAnswer: Hashable, Sendable {
  package var status: Int
  package var contentType: String
  package var body: [UInt8]

  package init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  package static func text(_ text: String, status: Int = 200) -> ExporterAnswer {
    ExporterAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }
}
