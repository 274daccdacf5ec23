internal import Synchronization

/// How libcurl speaks to the app of a load.
package struct CurlSetup: Hashable, Sendable {
  package enum Version: Hashable, Sendable {
    case http1
    /// Only over TLS; a server that does not agree to it is a fault.
    case http2
  }

  package var base: HTTPBase
  package var version: Version
  /// PEM file of the authorities to trust; nil: those of the system.
  package var caFile: String?
  package var connectTimeout: Duration
  /// Longest time from sending a request to the first byte of its answer, and to its end; nil: no limit.
  package var firstByteTimeout: Duration?
  package var requestTimeout: Duration?
  /// At most, those that are only kept included.
  package var connections: Int
  /// Requests that one connection carries at a time, at most; more than one only with HTTP/2.
  package var streams: Int

  package init(
    _ base: HTTPBase, version: Version = .http1, caFile: String? = nil, connectTimeout: Duration = .seconds(10),
    firstByteTimeout: Duration? = nil, requestTimeout: Duration? = nil, connections: Int, streams: Int = 100
  ) {
    self.base = base
    self.version = version
    self.caFile = caFile
    self.connectTimeout = connectTimeout
    self.firstByteTimeout = firstByteTimeout
    self.requestTimeout = requestTimeout
    self.connections = connections
    self.streams = streams
  }
}

/// What became of libcurl's connections since somebody last asked.
package struct CurlConnections: Hashable, Sendable {
  /// How long it took to open each, TLS included.
  package var opened: [Duration] = []
  package var closed = 0
}

/// The part of a load that libcurl carries, `https://` and HTTP/2: its multi interface on a thread of its own. The thread ends with this
/// object, and what is under way then has no outcome.
package final class CurlTransfers: Sendable {
  private let loop: CurlLoop
  private let thread: CurlThread

  package init(_ setup: CurlSetup, _ session: HTTPSession) throws(HTTPFault) {
    if setup.version == .http2, !setup.base.isSecure { throw .invalid("HTTP/2 is spoken over https:// only") }
    loop = try CurlLoop(setup, session)
    thread = try CurlThread(loop)
  }

  deinit {
    loop.stop()
    thread.join()
  }

  /// CPU time that libcurl's thread has used, nanoseconds.
  package var cpu: Int64 { thread.cpu }

  package func takeConnections() -> CurlConnections { loop.takeConnections() }

  /// Opens nothing: libcurl connects when there is something to send.
  package func slot() throws(HTTPFault) -> CurlSlot { CurlSlot(try CurlTransfer(loop), loop) }
}

/// A place for one request at a time that libcurl carries; looks like an `HTTPConnection`, though connections are libcurl's own.
///
/// Unchecked, because what it shares with libcurl's thread belongs to one of the two at a time: to that thread from `send` until
/// the descriptor is readable.
package struct CurlSlot: ~Copyable, @unchecked Sendable {
  private let transfer: CurlTransfer
  private let loop: CurlLoop
  private var fault: HTTPFault?
  package private(set) var isBusy = false

  fileprivate init(_ transfer: CurlTransfer, _ loop: CurlLoop) {
    self.transfer = transfer
    self.loop = loop
  }

  deinit { if isBusy { loop.giveUp(transfer) } }

  /// An eventfd that becomes readable when the transfer is over.
  package var descriptor: Int32 { transfer.descriptor }

  /// Whether the first byte of an answer has come since the last `send`.
  package var hasBegun: Bool { transfer.hasBegun.load(ordering: .relaxed) }

  /// Always: libcurl opens a connection where one is missing.
  package var isReusable: Bool { true }

  /// Of the last answer.
  package var status: Int { transfer.status }

  /// Values kept of the last answer, in the order of the request's captures. Only after `done`.
  package var captured: [String] { transfer.kept.values.compactMap(\.self) }

  /// When libcurl's thread took the last request up, on the monotonic clock, nanoseconds.
  package var taken: Int64 { transfer.taken }

  /// When the last request was sent, on the monotonic clock, nanoseconds: when it had a connection. nil: it never was.
  package var sent: Int64? { transfer.sent }

  /// Gives `request` to libcurl, with the values that are set in `requests`, which are those that the session came from.
  package mutating func send(_ request: Int, of requests: borrowing HTTPRequests) -> HTTPConnection.SendOutcome {
    precondition(!isBusy && request >= 0 && request < requests.count, "one request at a time, of those there are")
    do throws(HTTPFault) {
      try transfer.prepare(request, requests)
    } catch {
      fault = error
      return .lost
    }
    isBusy = true
    loop.begin(transfer)
    return .sent
  }

  /// Nothing is ever left to send.
  package mutating func flush() -> HTTPConnection.SendOutcome { .sent }

  /// What came of the transfer; call it when the descriptor is readable.
  package mutating func receive() -> HTTPConnection.Reply {
    guard isBusy, transfer.takeEnd() else { return .pending }
    isBusy = false
    if let loss = transfer.loss {
      fault = loss
      return .lost
    }
    fault = transfer.judge()
    return fault == nil ? .done : .failed
  }

  /// Why the last reply was `failed` or `lost`; forgets it.
  package mutating func takeFault() -> HTTPFault {
    defer { fault = nil }
    return fault ?? HTTPFault(code: .unknown, message: "")
  }
}
