/// Gets pages over HTTP. What is behind it keeps to the limits, whatever the other side does.
package protocol PageSource: Sendable {
  /// - Parameters:
  ///   - timeout: for all of it: name looked up, connected, the last byte read.
  ///   - limit: of the body, bytes. A longer one is a fault.
  func page(_ url: String, headers: [(name: String, value: String)], timeout: Duration, limit: Int) throws(PageFault)
    -> Page
}

/// What came, whatever its status.
package struct Page: Sendable {
  package var status: Int
  package var body: [UInt8]
  package init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// Why nothing came, as a sentence without a full stop.
package struct PageFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}
