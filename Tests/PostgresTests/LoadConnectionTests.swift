import Glibc
import Staging
import TestSupport
import Testing

@testable import Postgres

/// What came of a request.
private enum Answer: Hashable {
  case done
  case failed(LoadFault.Code)
  case lost
}

/// A connection that is driven as the loop does, but waits.
private struct Client: ~Copyable {
  var connection: LoadConnection
  var statements: LoadStatements
  private(set) var lastMessage = ""

  init(
    _ sql: [String], parameters: Int = 0, cache: Int = 100, timeout: Duration? = nil, usesLibpq: Bool,
    server: ConnectionInfo? = nil
  ) throws {
    statements = LoadStatements(sql.map { ($0, parameters) })
    let session = LoadSession(
      statementTimeout: timeout, statementCache: cache, statements: sql.count, usesLibpq: usesLibpq)
    connection = try Self.open(try server ?? TestCluster.running().connection, session)
  }

  private static func open(_ server: ConnectionInfo, _ session: LoadSession) throws -> LoadConnection {
    let attempt = LoadConnectionAttempt(server, session)
    var progress = attempt.beginning
    while true {
      switch progress {
      case .reading: wait(attempt.descriptor, POLLIN)
      case .writing: wait(attempt.descriptor, POLLOUT)
      case .failed(let fault): throw fault
      case .established:
        guard let connection = attempt.take() else { throw LoadFault(code: .gone, message: "lost at once") }
        return connection
      }
      progress = attempt.advance()
    }
  }

  private static func wait(_ descriptor: Int32, _ events: Int32) {
    var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    poll(&request, 1, 10_000)
  }

  mutating func ask(_ statement: Int) -> Answer {
    var reply = LoadConnection.Reply.again
    var outcome = LoadConnection.SendOutcome.sent
    while true {
      switch reply {
      case .again: outcome = connection.send(statement, of: statements)
      case .done: return .done
      case .failed: return .failed(takeFault().code)
      case .lost: return loss()
      case .pending: break
      }
      if case .blocked = outcome {
        Self.wait(connection.descriptor, POLLIN | POLLOUT)
        outcome = connection.flush()
      } else {
        Self.wait(connection.descriptor, POLLIN)
      }
      if case .lost = outcome { return loss() }
      reply = connection.receive()
    }
  }

  /// Receives while nothing is asked, until there is nothing or the end.
  mutating func listen() -> Answer? {
    for _ in 0..<4 {
      Self.wait(connection.descriptor, POLLIN)
      if case .lost = connection.receive() { return loss() }
    }
    return nil
  }

  private mutating func loss() -> Answer { takeFault().code == .gone ? .lost : .failed(.unknown) }

  private mutating func takeFault() -> LoadFault {
    let fault = connection.takeFault()
    lastMessage = fault.message
    return fault
  }
}

private struct Case: CustomTestStringConvertible {
  var name: String
  var sql: String
  var answer: Answer
  /// What the fault must say.
  var message = ""

  var testDescription: String { name }

  static let all = [
    Case(name: "point select", sql: "SELECT 1", answer: .done),
    Case(
      name: "statement timeout", sql: "SELECT pg_sleep(5)", answer: .failed(.canceled),
      message: "canceling statement due to statement timeout"),
    Case(
      name: "syntax error", sql: "SELEC 1", answer: .failed(.sqlState("42601")),
      message: "syntax error at or near \"SELEC\""),
    Case(name: "division by zero", sql: "SELECT 1/0", answer: .failed(.sqlState("22012")), message: "division by zero"),
    Case(
      name: "error after rows", sql: "SELECT 1 / (5000 - g) FROM generate_series(1, 5000) g",
      answer: .failed(.sqlState("22012")), message: "division by zero"),
    Case(
      name: "error of 100 kB", sql: "SELECT repeat('x', 100000)::int", answer: .failed(.sqlState("22P02")),
      message: "invalid input syntax for type integer: \"xxx"),
    Case(name: "read-only violation", sql: "CREATE TABLE t (a int)", answer: .failed(.sqlState("25006"))),
    Case(
      name: "terminated by itself", sql: "SELECT pg_terminate_backend(pg_backend_pid())", answer: .lost,
      message: "terminating connection due to administrator command"),
    Case(name: "10,000 rows", sql: "SELECT g, repeat('y', g % 50) FROM generate_series(1, 10000) g", answer: .done),
    Case(name: "row of 1 MB", sql: "SELECT repeat('x', 1048576)", answer: .done),
    Case(name: "row without columns", sql: "SELECT", answer: .done),
    Case(name: "notice", sql: "DO $$ BEGIN RAISE NOTICE 'hello'; END $$", answer: .done),
    Case(name: "notice of 100 kB", sql: "DO $$ BEGIN RAISE NOTICE '%', repeat('x', 100000); END $$", answer: .done),
    Case(name: "parameter status", sql: "SET application_name = 'poolops-other'", answer: .done),
    Case(name: "listen", sql: "LISTEN poolops", answer: .done),
    Case(name: "empty", sql: "", answer: .failed(.sqlState("42601")), message: "the statement is empty"),
    Case(name: "comment", sql: "-- nothing", answer: .failed(.sqlState("42601")), message: "the statement is empty"),
    Case(
      name: "copy", sql: "COPY (SELECT 1) TO STDOUT", answer: .lost, message: "COPY cannot be part of a load"),
  ]
}

/// A condition that fails with 22012 when it does not hold.
private func assertion(_ condition: String) -> String { "SELECT 1 / (CASE WHEN \(condition) THEN 1 ELSE 0 END)" }

/// Both paths must say the same of everything.
@Suite struct LoadConnectionTests {
  @Test(arguments: Case.all, [false, true]) fileprivate func `both paths answer alike`(example: Case, usesLibpq: Bool)
    throws
  {
    for cache in [0, 100] {
      var client = try Client(
        [example.sql, "SELECT 2"], cache: cache, timeout: .milliseconds(300), usesLibpq: usesLibpq)
      #expect(client.connection.isWire == !usesLibpq)
      let answers = [client.ask(0), example.answer == .lost ? .done : client.ask(1)]
      #expect(answers == [example.answer, .done])
      #expect(client.lastMessage.hasPrefix(example.message) || example.answer == .done)
      // Once more on the same connection: nothing of the first time may be left behind.
      if example.answer != .lost { #expect([client.ask(0), client.ask(1)] == answers) }
    }
  }

  @Test(arguments: ["it's", "", "grüße 😀 \\ \" ;--", String(repeating: "x", count: 100_000)], [false, true])
  func `texts arrive as they were set, and numbers beside them`(text: String, usesLibpq: Bool) throws {
    let quoted = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    let condition = "$1::text = '\(quoted)' AND $2::bigint = -42 AND $3::text = '0.050000000'"
    for cache in [0, 1] {
      var client = try Client([assertion(condition)], parameters: 3, cache: cache, usesLibpq: usesLibpq)
      client.statements.set(0, 1, integer: -42)
      client.statements.set(0, 2, decimal: 0.05)
      client.statements.set(0, 0, text: "something else")
      let before = client.ask(0)
      client.statements.set(0, 0, text: text)
      #expect([before, client.ask(0)] == [.failed(.sqlState("22012")), .done])
    }
  }

  @Test(arguments: [false, true]) func `a request larger than the socket's room goes out in pieces`(usesLibpq: Bool)
    throws
  {
    var client = try Client([assertion("length($1::text) = 8000000")], parameters: 1, usesLibpq: usesLibpq)
    client.statements.set(0, 0, text: String(repeating: "z", count: 8_000_000))
    #expect(client.ask(0) == .done)
  }

  @Test(arguments: [0, 1, 2, 3], [false, true])
  func `statements are prepared as far as the cache allows`(cache: Int, usesLibpq: Bool) throws {
    let sql = (0..<3).map { assertion("(SELECT count(*) FROM pg_prepared_statements) <= \(cache) AND \($0) >= 0") }
    var client = try Client(sql, cache: cache, usesLibpq: usesLibpq)
    for statement in [0, 1, 2, 0, 2, 2, 1, 0] { #expect(client.ask(statement) == .done) }
  }

  @Test(arguments: [false, true], [false, true])
  func `a connection that the server ended while it was idle is lost, whether one listens or asks`(
    usesLibpq: Bool, isAsking: Bool
  ) throws {
    var client = try Client(["SELECT 1 AS idle_\(usesLibpq)_\(isAsking)"], usesLibpq: usesLibpq)
    #expect(client.ask(0) == .done)
    let admin = try TestCluster.admin()
    let named = "FROM pg_stat_activity WHERE query LIKE '%idle_\(usesLibpq)_\(isAsking)' AND pid <> pg_backend_pid()"
    try admin.query("SELECT pg_terminate_backend(pid) \(named)")
    while try admin.query("SELECT count(*) \(named)").scalar != "0" { usleep(1000) }
    #expect((isAsking ? client.ask(0) : client.listen()) == .lost)
    if !usesLibpq { #expect(client.lastMessage == "terminating connection due to administrator command") }
  }

  @Test(arguments: [false, true]) func `a statement that runs can be cancelled, and the connection goes on`(
    usesLibpq: Bool
  ) throws {
    var client = try Client(["SELECT pg_sleep(20)", "SELECT 1"], cache: 0, usesLibpq: usesLibpq)
    let start = ContinuousClock.now
    _ = client.connection.send(0, of: client.statements)
    // A cancel that comes before the statement would be in vain.
    usleep(100_000)
    client.connection.cancel()
    var reply = LoadConnection.Reply.pending
    while case .pending = reply { reply = client.connection.receive() }
    #expect(client.connection.takeFault().code == .canceled && ContinuousClock.now - start < .seconds(5))
    #expect(client.ask(1) == .done)
  }

  @Test func `an encrypted connection is libpq's`() throws {
    let admin = try TestCluster.admin()
    // As the server's user, in its folder.
    try admin.execute(
      """
      COPY (SELECT) TO PROGRAM 'umask 077 && openssl req -new -x509 -days 1 -nodes -subj /CN=localhost \
      -out server.crt -keyout server.key 2>/dev/null'
      """)
    try admin.execute("ALTER SYSTEM SET ssl = on")
    defer {
      for sql in ["ALTER SYSTEM RESET ssl", "SELECT pg_reload_conf()"] {
        try? TestCluster.admin().execute(sql)
      }
    }
    try admin.query("SELECT pg_reload_conf()")
    while try admin.query("SHOW ssl").scalar != "on" { usleep(1000) }
    var server = try TestCluster.running().connection
    server["host"] = "127.0.0.1"
    server["password"] = "encrypted"
    try admin.execute("ALTER ROLE \(server["user"] ?? "") PASSWORD 'encrypted'")
    server["sslmode"] = "require"
    var client = try Client(
      [assertion("(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())")], usesLibpq: false, server: server)
    #expect(!client.connection.isWire && client.ask(0) == .done)
    server["sslmode"] = "disable"
    client = try Client(["SELECT 1"], usesLibpq: false, server: server)
    #expect(client.connection.isWire && client.ask(0) == .done)
  }
}
