internal import CPostgres

/// What the sessions of the load have in common. All of it travels with the start-up packet, so it costs no round trip.
package struct LoadSession: Hashable, Sendable {
  /// Tells the load's sessions from those of the probes, which are called `poolops`.
  package static let applicationName = "poolops-load"

  /// `statement_timeout`; nil leaves the server's.
  package var statementTimeout: Duration?
  package var isReadOnly: Bool
  /// Prepared statements kept per connection; 0 prepares for each query.
  package var statementCache: Int
  /// Statements that a connection will be asked to send, as in `LoadStatements.count`.
  package var statements: Int
  /// Lets libpq carry the requests also where poolops could itself.
  package var usesLibpq: Bool
  /// Columns of each statement's first row that are kept, see `LoadConnection.takeCaptured`; empty: none of any. libpq then
  /// carries the requests, since it knows the columns' names.
  package var captures: [[String]]

  package init(
    statementTimeout: Duration? = nil, isReadOnly: Bool = true, statementCache: Int = 100, statements: Int,
    usesLibpq: Bool = false, captures: [[String]] = []
  ) {
    self.captures = captures
    self.statementTimeout = statementTimeout
    self.isReadOnly = isReadOnly
    self.statementCache = statementCache
    self.statements = statements
    self.usesLibpq = usesLibpq
  }

  /// `options` of the conninfo: what the user gave, then ours.
  func options(after given: String?) -> String {
    var options = given.map { [$0] } ?? []
    if isReadOnly { options.append("-c default_transaction_read_only=on") }
    if let statementTimeout {
      let (seconds, attoseconds) = statementTimeout.components
      let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
      options.append("-c statement_timeout=\(max(milliseconds, 1))")
    }
    return options.joined(separator: " ")
  }
}

/// A connection of the load that is being opened, step by step and without blocking, except for looking up a host's name.
///
/// Unchecked, because it holds a C handle: it may move from thread to thread, but is used by one at a time. The connector
/// drives it, and lets go of it when it hands it to the loop.
package final class LoadConnectionAttempt: @unchecked Sendable {
  package enum Progress: Sendable {
    /// Call `advance` again when the descriptor is readable, or writable.
    case reading
    case writing
    /// Call `take`.
    case established
    case failed(LoadFault)
  }

  private var handle: OpaquePointer?
  private let session: LoadSession

  package init(_ server: ConnectionInfo, _ session: LoadSession) {
    self.session = session
    var parameters = server.parameters
    parameters["application_name"] = LoadSession.applicationName
    let options = session.options(after: parameters["options"])
    if !options.isEmpty { parameters["options"] = options }
    handle = withCStrings(parameters.keys.map { $0 }) { keywords in
      withCStrings(parameters.values.map { $0 }) { values in PQconnectStartParams(keywords, values, 0) }
    }
  }

  deinit { PQfinish(handle) }

  /// Changes from step to step; -1 when there is no socket.
  package var descriptor: Int32 { PQsocket(handle) }

  /// How it stands before the first `advance`.
  package var beginning: Progress { PQstatus(handle) == CONNECTION_BAD ? .failed(fault) : .writing }

  package func advance() -> Progress {
    switch PQconnectPoll(handle) {
    case PGRES_POLLING_OK: .established
    case PGRES_POLLING_READING: .reading
    case PGRES_POLLING_WRITING: .writing
    default: .failed(fault)
    }
  }

  private var fault: LoadFault {
    LoadFault(connectMessage: handle.map { String(cString: PQerrorMessage($0)) } ?? "out of memory")
  }

  /// The connection, once it is established; nil the second time.
  package func take() -> LoadConnection? {
    guard let taken = handle, PQstatus(taken) == CONNECTION_OK else { return nil }
    handle = nil
    return LoadConnection(handle: taken, session: session)
  }
}

/// Gives `body` a null-terminated array of C strings.
private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  let pointers = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: texts.count + 1)
  pointers.initialize(repeating: nil, count: texts.count + 1)
  for (index, text) in texts.enumerated() { pointers[index] = UnsafePointer(cString(text)) }
  defer {
    for index in texts.indices { pointers[index]?.deallocate() }
    pointers.deallocate()
  }
  return body(pointers)
}

/// A copy that the caller must deallocate, with `spare` bytes behind it.
func cString(_ text: String, spare: Int = 0) -> UnsafeMutablePointer<CChar> {
  let bytes = text.utf8CString
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + spare)
  for (offset, byte) in bytes.enumerated() { (copy + offset).initialize(to: byte) }
  return copy
}
