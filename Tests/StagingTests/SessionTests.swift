import Glibc
import Postgres
import Staging
import TestSupport
import Testing

struct SessionTests {
  private func fault(_ body: () throws -> Void) -> PostgresError? {
    do { try body(); return nil } catch { return error as? PostgresError }
  }

  @Test func `rows come as text, null is nil, and parameters are not part of the statement`() throws {
    let session = try TestCluster.admin()
    let rows = try session.query("SELECT $1::text AS a, $2::int AS b, NULL AS c", ["x'; DROP TABLE y", "7"])
    #expect(rows == Rows(columns: ["a", "b", "c"], values: [["x'; DROP TABLE y", "7", nil]]))
    #expect(rows[0, "b"] == "7" && rows[0, "nothing"] == nil && rows[1, "a"] == nil)
    #expect(try session.query("SHOW application_name").scalar == "poolops-test")
  }

  @Test func `an error carries its parts, and the session goes on`() throws {
    let session = try TestCluster.admin()
    let error = fault {
      try session.execute("DO $$ BEGIN RAISE unique_violation USING message = 'm', detail = 'd', hint = 'h'; END $$")
    }
    #expect(error == PostgresError(code: .sql("23505"), severity: "ERROR", message: "m", detail: "d", hint: "h"))
    #expect(error?.description == "m (SQLSTATE 23505); d; h")
    #expect(try session.query("SELECT 1").scalar == "1")
  }

  @Test func `a slow statement is stopped by the server, and the session goes on`() throws {
    let session = try TestCluster.admin()
    #expect(fault { try session.query("SELECT pg_sleep(30)", within: .milliseconds(50)) }?.code == .sql("57014"))
    #expect(try session.query("SELECT 1").scalar == "1")
  }

  @Test func `a frozen backend costs a bounded wait, and closes the session`() throws {
    let session = try TestCluster.admin()
    _ = try session.query("SELECT 1", within: .milliseconds(100))
    let backend = session.serverPID
    kill(backend, SIGSTOP)
    defer { kill(backend, SIGCONT) }
    let start = ContinuousClock.now
    #expect(fault { try session.query("SELECT 1", within: .milliseconds(100)) }?.code == .timeout)
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(fault { try session.query("SELECT 1") }?.code == .serverGone)
  }

  @Test func `a terminated session says why, then that it is closed`() throws {
    let session = try TestCluster.admin()
    try TestCluster.admin().query("SELECT pg_terminate_backend($1::int)", ["\(session.serverPID)"])
    let error = fault { try session.query("SELECT pg_sleep(1)") }
    #expect(error?.code == .serverGone || error?.code == .sql("57P01"))
    #expect(error?.message.contains("terminating connection due to administrator command") == true)
    #expect(!session.isOpen)
  }

  @Test func `a failed connect says of which kind it is, and shows no password`() throws {
    let running = try TestCluster.running()
    let socket = running.admin["host"] ?? ""
    let admin = try TestCluster.admin()
    try admin.execute("CREATE ROLE full_up LOGIN CONNECTION LIMIT 0")
    let listener = try SilentListener()
    let cases: [(ConnectFailure, [String: String])] = [
      (.refused, ["host": "127.0.0.1", "port": "1"]), (.refused, ["host": "/nonexistent"]),
      (.unreachable, ["host": "no-such-host.invalid"]),
      (
        .authentication,
        ["host": "127.0.0.1", "port": "\(running.port)", "user": "poolops_app", "dbname": "poolops_staging"]
      ),
      (.authentication, ["host": socket, "port": "\(running.port)", "user": "nobody_such"]),
      (.noDatabase, ["host": socket, "port": "\(running.port)", "user": "poolops", "dbname": "nothing"]),
      (.tooManyConnections, ["host": socket, "port": "\(running.port)", "user": "full_up", "dbname": "postgres"]),
      (.timeout, ["host": "127.0.0.1", "port": "\(listener.port)"]),
    ]
    for (expected, parameters) in cases {
      var info = ConnectionInfo(["user": "poolops", "dbname": "postgres", "password": "hunter2"])
      info.parameters.merge(parameters) { $1 }
      let start = ContinuousClock.now
      let error = fault { _ = try Session(info, connectTimeout: .milliseconds(500)) }
      #expect(error?.code == .connect(expected), "\(parameters): \(error?.message ?? "connected")")
      #expect(error?.description.contains("hunter2") == false)
      if expected != .unreachable { #expect(ContinuousClock.now - start < .seconds(2)) }
    }
  }

  @Test(arguments: [
    ("FATAL:  sorry, too many clients already", ConnectFailure.tooManyConnections),
    ("FATAL:  remaining connection slots are reserved for non-replication superuser connections", .tooManyConnections),
    ("FATAL:  the database system is starting up", .notAccepting),
    ("FATAL:  the database system is shutting down", .notAccepting),
    ("FATAL:  password authentication failed for user \"x\"", .authentication), ("something new", .other),
  ]) func `the reason of a failed connect is read from the server's words`(message: String, expected: ConnectFailure) {
    #expect(ConnectFailure(message: message) == expected)
  }
}
