internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// Serves three pages over HTTP/1.1, on a thread of libmicrohttpd. Stops with its last reference.
package final class ExporterServer: Sendable {
  /// What anybody who connects may take of this machine.
  package struct Limits: Hashable, Sendable {
    package var connections = 32
    /// A connection on which nothing moves for this long is closed.
    package var idle = Duration.seconds(20)
    /// Of a request's line and headers together.
    package var requestBytes = 16_384
    package init() {}
  }

  /// Where it listens, with the port that it got.
  package let address: ListenAddress
  private let daemon: Mutex<OpaquePointer?>

  /// - Parameters:
  ///   - token: what a scraper has to show; nil: everybody who can connect may ask.
  ///   - answer: called on the server's thread, one request at a time.
  package init(
    at address: ListenAddress, token: BearerToken? = nil, limits: Limits = Limits(),
    answer: @escaping @Sendable (ExporterPage) -> ExporterAnswer
  ) throws(ExporterFault) {
    var socket = try ListeningSocket(at: address)
    self.address = socket.address
    let desk = Desk(token: token, limits: limits, answer: answer)
    guard let daemon = Self.start(socket.descriptor, desk, limits) else {
      throw ExporterFault(code: .cannotListen, message: "the server at \(address.text) could not be started")
    }
    socket.handOver()
    self.daemon = Mutex(daemon)
    // The daemon calls it until it has stopped.
    self.desk = desk
  }

  private let desk: Desk

  deinit { stop() }

  /// Ends all connections and waits for the thread. A second call returns at once.
  package func stop() {
    let daemon = daemon.withLock { $0.take() }
    if let daemon { MHD_stop_daemon(daemon) }
  }

  private static func start(_ listener: Int32, _ desk: Desk, _ limits: Limits) -> OpaquePointer? {
    // Signals are for the threads of the program: this one would take them and do nothing.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    // Those beyond the limit are told to end, which takes a turn of the loop.
    return poolops_http_start(
      listener, answerRequest, noteConnection, Unmanaged.passUnretained(desk).toOpaque(),
      UInt32(clamping: limits.connections * 2), UInt32(clamping: limits.idle.components.seconds), limits.requestBytes)
  }
}

/// Where requests arrive.
private final class Desk: Sendable {
  let token: BearerToken?
  let answer: @Sendable (ExporterPage) -> ExporterAnswer
  let connections: Mutex<OpenConnections<UInt>>

  init(
    token: BearerToken?, limits: ExporterServer.Limits, answer: @escaping @Sendable (ExporterPage) -> ExporterAnswer
  ) {
    self.token = token
    self.answer = answer
    connections = Mutex(OpenConnections(limit: limits.connections))
  }

  func answer(_ request: Request) -> Reply {
    guard let page = ExporterPage(rawValue: request.path) else {
      let pages = ExporterPage.allCases.map(\.rawValue).joined(separator: ", ")
      return Reply(.text("There is no such page; there are \(pages).\n", status: 404))
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return Reply(.text("Only GET and HEAD are answered.\n", status: 405), header: ("Allow", "GET, HEAD"))
    }
    if request.hasBody { return Reply(.text("A request has no body here.\n", status: 413)) }
    if let token, page.needsToken, !token.isShown(by: request.authorization) {
      return Reply(
        .text("A bearer token is needed.\n", status: 401), header: ("WWW-Authenticate", "Bearer realm=\"poolops\""))
    }
    return Reply(answer(page))
  }
}

private struct Request {
  var method: String
  var path: String
  var authorization: String?
  var hasBody: Bool

  init(_ connection: OpaquePointer, method: UnsafePointer<CChar>?, path: UnsafePointer<CChar>?) {
    self.method = method.map { String(cString: $0) } ?? ""
    self.path = path.map { String(cString: $0) } ?? ""
    authorization = Self.header("Authorization", connection)
    let length = Self.header("Content-Length", connection)
    hasBody = (length != nil && length != "0") || Self.header("Transfer-Encoding", connection) != nil
  }

  private static func header(_ name: String, _ connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, MHD_ValueKind.HEADER_KIND, name).map { String(cString: $0) }
  }
}

private struct Reply {
  var answer: ExporterAnswer
  var header: (name: String, value: String)?

  init(_ answer: ExporterAnswer, header: (name: String, value: String)? = nil) {
    self.answer = answer
    self.header = header
  }

  func queue(on connection: OpaquePointer) -> MHD_Result {
    var body = answer.body
    let response = body.withUnsafeMutableBytes {
      MHD_create_response_from_buffer($0.count, $0.baseAddress, MHD_ResponseMemoryMode.RESPMEM_MUST_COPY)
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, "Content-Type", answer.contentType)
    if let header { MHD_add_response_header(response, header.name, header.value) }
    return MHD_queue_response(connection, UInt32(clamping: answer.status), response)
  }
}

/// Called once the headers are there, and again when the request is whole.
///
/// What is refused is answered at the first call, which ends the connection without reading what may follow.
private nonisolated func answerRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?, _ mark: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let mark else { return .NO }
  let desk = Unmanaged<Desk>.fromOpaque(context).takeUnretainedValue()
  let request = Request(connection, method: method, path: path)
  if mark.pointee == nil {
    desk.connections.withLock { $0.asked(UInt(bitPattern: connection)) }
    mark.pointee = context
    if !request.hasBody { return .YES }
  }
  return desk.answer(request).queue(on: connection)
}

private nonisolated func noteConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let context, let connection else { return }
  let desk = Unmanaged<Desk>.fromOpaque(context).takeUnretainedValue()
  let id = UInt(bitPattern: connection)
  guard event == .CONNECTION_NOTIFY_STARTED else { return desk.connections.withLock { $0.closed(id) } }
  let socket = poolops_http_socket(connection)
  // The loop finds it at its end, and closes it.
  if let ended = desk.connections.withLock({ $0.opened(id, socket: socket) }) { shutdown(ended, Int32(SHUT_RDWR)) }
}
