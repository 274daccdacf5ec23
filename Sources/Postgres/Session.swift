internal import CPlatform
internal import CPostgres
internal import Glibc

/// One blocking session for control work: staging, guards, probes, locks. The load has connections of its own.
///
/// Every wait has an end, also on a frozen server: connecting, and each statement. Not for use by two threads at once.
/// Closed by `deinit`.
package final class Session {
  package let info: ConnectionInfo
  private var handle: OpaquePointer?
  private let standardTimeout: Duration
  private let limitsOnServer: Bool
  private var serverTimeout: Duration?

  /// Connects.
  /// - Parameters:
  ///   - connectTimeout: longest time for the whole of connecting, over all hosts; a name server may add its own.
  ///   - statementTimeout: longest time for a statement that names none.
  ///   - limitsOnServer: whether the server is told of it too. Not where a pooler may be between: a connection that is the
  ///     app's next would keep it. Then a statement that takes too long loses the session.
  package init(
    _ info: ConnectionInfo, applicationName: String = "poolops", connectTimeout: Duration = .seconds(5),
    statementTimeout: Duration = .seconds(10), limitsOnServer: Bool = true
  ) throws(PostgresError) {
    self.info = info
    self.limitsOnServer = limitsOnServer
    standardTimeout = statementTimeout
    var parameters = info.parameters
    parameters["application_name"] = applicationName
    parameters["client_encoding"] = "UTF8"
    parameters["tcp_user_timeout"] = "\(max(1, connectTimeout.milliseconds))"
    handle = Self.start(parameters)
    do {
      try finishConnecting(by: Deadline(after: connectTimeout))
    } catch {
      close()
      throw error
    }
  }

  deinit { if let handle { PQfinish(handle) } }

  /// The server process that serves this session; 0 when closed.
  package var serverPID: Int32 { handle.map { PQbackendPID($0) } ?? 0 }
  /// As the server tells it: 150018.
  package var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }
  package var isOpen: Bool { handle != nil }
  /// libpq's own version: 150018.
  package static var libraryVersion: Int { Int(PQlibVersion()) }

  package func close() {
    if let handle { PQfinish(handle) }
    handle = nil
  }

  /// Runs one statement with `$1 ...` parameters and returns its rows as text.
  @discardableResult
  package func query(
    _ sql: String, _ parameters: [String?] = [], within timeout: Duration? = nil
  ) throws(PostgresError) -> Rows {
    let limit = timeout ?? standardTimeout
    try limitOnServer(limit)
    // The server stops the statement first, which keeps the session; this side's clock is for a server that does not answer.
    return try exchange(sql, parameters, by: Deadline(after: limit + .seconds(1)))
  }

  /// Runs one or several statements without parameters, in one transaction unless they say otherwise.
  package func execute(_ sql: String, within timeout: Duration? = nil) throws(PostgresError) {
    let limit = timeout ?? standardTimeout
    try limitOnServer(limit)
    try exchange(sql, nil, by: Deadline(after: limit + .seconds(1)))
  }

  /// Sends one command as it is and returns its rows: no parameters and no limit on the server, as the consoles of
  /// poolers ask, which know neither. A console that does not answer in time loses the session.
  package func console(_ command: String, within timeout: Duration? = nil) throws(PostgresError) -> Rows {
    try exchange(command, nil, by: Deadline(after: timeout ?? standardTimeout))
  }

  /// What the server stores for a password: the secret itself never travels, and no log can hold it.
  package func passwordVerifier(_ password: String, for role: String) throws(PostgresError) -> String {
    guard let handle, let text = PQencryptPasswordConn(handle, password, role, "scram-sha-256") else {
      throw failure(.serverGone, "no verifier for the password of \(role)")
    }
    defer { PQfreemem(text) }
    return String(cString: text)
  }

  /// `text` as a literal of SQL, quotes included.
  package func literal(_ text: String) throws(PostgresError) -> String {
    guard let handle, let quoted = PQescapeLiteral(handle, text, text.utf8.count) else {
      throw failure(.serverGone, "the text cannot be quoted")
    }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}

extension Session {
  private static func start(_ parameters: [String: String]) -> OpaquePointer? {
    let pairs = parameters.sorted { $0.key < $1.key }
    var keywords: [UnsafePointer<CChar>?] = pairs.map { UnsafePointer(strdup($0.key)) }
    var values: [UnsafePointer<CChar>?] = pairs.map { UnsafePointer(strdup($0.value)) }
    keywords.append(nil)
    values.append(nil)
    defer { for text in keywords + values { free(UnsafeMutableRawPointer(mutating: text)) } }
    return PQconnectStartParams(keywords, values, 0)
  }

  private func finishConnecting(by deadline: Deadline) throws(PostgresError) {
    guard let handle else { throw PostgresError(code: .connect(.other), message: "out of memory") }
    var step = PGRES_POLLING_WRITING
    while PQstatus(handle) != CONNECTION_BAD {
      let events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT
      guard wait(for: Int16(events), by: deadline) else {
        throw PostgresError(code: .connect(.timeout), message: "no connection within \(deadline.limit.readable)")
      }
      step = PQconnectPoll(handle)
      if step == PGRES_POLLING_OK { break }
      if step == PGRES_POLLING_FAILED { break }
    }
    guard step == PGRES_POLLING_OK, PQstatus(handle) == CONNECTION_OK else { throw connectFailure(handle) }
    PQsetnonblocking(handle, 1)
    // Notices would go to standard error, between the lines that poolops itself writes there.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
  }

  private func connectFailure(_ handle: OpaquePointer) -> PostgresError {
    let text = String(cString: PQerrorMessage(handle))
    return PostgresError(code: .connect(ConnectFailure(message: text)), message: info.redacted(text))
  }

  private func limitOnServer(_ limit: Duration) throws(PostgresError) {
    guard limitsOnServer, serverTimeout != limit else { return }
    try exchange(
      "SET statement_timeout = \(max(1, limit.milliseconds))", nil, by: Deadline(after: .seconds(5)))
    serverTimeout = limit
  }

  /// Sends, waits, and collects the last result; a first error wins.
  @discardableResult
  private func exchange(
    _ sql: String, _ parameters: [String?]?, by deadline: Deadline
  ) throws(PostgresError) -> Rows {
    guard let handle else { throw PostgresError(code: .serverGone, message: "the session is closed") }
    guard send(sql, parameters, on: handle) == 1 else { throw lost(handle) }
    try flush(handle, by: deadline)
    var rows = Rows(columns: [], values: [])
    var fault: PostgresError?
    while let result = try nextResult(handle, by: deadline) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: rows = Rows(result)
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      default: fault = fault ?? serverError(result, handle)
      }
    }
    if PQstatus(handle) == CONNECTION_BAD { close() }
    if let fault { throw fault }
    return rows
  }

  private func send(_ sql: String, _ parameters: [String?]?, on handle: OpaquePointer) -> Int32 {
    guard let parameters else { return PQsendQuery(handle, sql) }
    let values: [UnsafePointer<CChar>?] = parameters.map { $0.flatMap { UnsafePointer(strdup($0)) } }
    defer { for text in values { free(UnsafeMutableRawPointer(mutating: text)) } }
    return PQsendQueryParams(handle, sql, Int32(values.count), nil, values, nil, nil, 0)
  }

  private func flush(_ handle: OpaquePointer, by deadline: Deadline) throws(PostgresError) {
    while true {
      switch PQflush(handle) {
      case 0: return
      case 1:
        guard wait(for: Int16(POLLOUT | POLLIN), by: deadline) else { throw timedOut(deadline) }
        guard PQconsumeInput(handle) == 1 else { throw lost(handle) }
      default: throw lost(handle)
      }
    }
  }

  private func nextResult(_ handle: OpaquePointer, by deadline: Deadline) throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 {
      guard wait(for: Int16(POLLIN), by: deadline) else { throw timedOut(deadline) }
      guard PQconsumeInput(handle) == 1 else { throw lost(handle) }
    }
    return PQgetResult(handle)
  }

  /// False when the deadline passed first.
  private func wait(for events: Int16, by deadline: Deadline) -> Bool {
    guard let handle else { return false }
    while true {
      let left = deadline.millisecondsLeft
      if left <= 0 { return false }
      var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
      let ready = poll(&descriptor, 1, left)
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return true }  // libpq finds out what is wrong with the socket
    }
  }

  private func timedOut(_ deadline: Deadline) -> PostgresError {
    close()
    return PostgresError(code: .timeout, message: "the server did not answer within \(deadline.limit.readable)")
  }

  private func lost(_ handle: OpaquePointer) -> PostgresError {
    let text = info.redacted(String(cString: PQerrorMessage(handle)))
    close()
    return PostgresError(code: .serverGone, message: text.isEmpty ? "the connection broke" : text)
  }

  private func failure(_ code: PostgresError.Code, _ message: String) -> PostgresError {
    PostgresError(code: code, message: message)
  }

  private func serverError(_ result: OpaquePointer, _ handle: OpaquePointer) -> PostgresError {
    func field(_ letter: Character) -> String? {
      let code = Int32(letter.asciiValue ?? 0)
      return PQresultErrorField(result, code).map { info.redacted(String(cString: $0)) }
    }
    guard let state = field("C") else {
      return PostgresError(code: .serverGone, message: info.redacted(String(cString: PQresultErrorMessage(result))))
    }
    return PostgresError(
      code: .sql(state), severity: field("V") ?? field("S"), message: field("M") ?? "", detail: field("D"),
      hint: field("H"))
  }
}

/// A moment on the monotonic clock by which something must have happened.
private struct Deadline {
  let limit: Duration
  private let end: ContinuousClock.Instant

  init(after limit: Duration) {
    self.limit = limit
    end = .now + limit
  }

  var millisecondsLeft: Int32 {
    let left = end - .now
    return left <= .zero ? 0 : Int32(clamping: left.milliseconds + 1)
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  fileprivate var readable: String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
  }
}
