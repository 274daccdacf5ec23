import EventLoop
import Glibc
import Model
import Monitor
import Postgres
import Staging
import Synchronization
import System
import TestSupport
import Testing

@testable import Probes

/// The sources of the monitor over real servers: what they tell, what they cannot see, and that they are back by themselves.
@Suite struct WatchSourceTests {
  private static func told(_ reader: some SourceReader) -> Result<SourceReading, SourceFault> {
    do throws(SourceFault) { return .success(try reader.read()) } catch { return .failure(error) }
  }

  /// Asks again and again until it tells something that `holds`.
  private static func wait(
    _ reader: some SourceReader, _ seconds: Double = 30, until holds: (Result<SourceReading, SourceFault>) -> Bool
  ) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if holds(told(reader)) { return true }
      usleep(50_000)
    }
    return false
  }

  private static func isTold(_ said: Result<SourceReading, SourceFault>) -> Bool { (try? said.get()) != nil }

  private static func server(_ reader: PostgreSQLSource) throws -> ServerReport {
    try #require(try reader.read().server)
  }

  // MARK: - PostgreSQL

  @Test func `a server tells its slots, its sessions by state and application, and who holds longest`() throws {
    let cluster = try TestCluster.running()
    let name = "watched-\(getpid())"
    let sessions = try (0..<3).map { _ in try Session(cluster.connection, applicationName: name) }
    try sessions[0].execute("BEGIN; SELECT 1")
    try sessions[1].execute("SELECT 1")
    let source = PostgreSQLSource(cluster.admin)
    usleep(100_000)
    let report = try Self.server(source)
    #expect(report.slots == 100 && report.reservedSlots == 3 && report.usedSlots >= 4 && report.hiddenSessions == 0)
    #expect(report.sessions["idle in transaction"] ?? 0 >= 1 && report.sessions["idle"] ?? 0 >= 2)
    let group = try #require(report.applications.first { $0.name == name })
    #expect(group == ApplicationSessions(name: name, sessions: 3, active: 0, idleInTransaction: 1))
    #expect(!report.applications.contains { $0.name == "poolops-monitor" && $0.sessions == 0 })
    let holder = try #require(report.holders.first { $0.application == name })
    #expect(holder.pid == Int(sessions[0].serverPID) && holder.state == "idle in transaction")
    #expect(holder.seconds >= 0.1 && holder.seconds < 60 && holder.user == cluster.connection["user"])
    #expect(report.holders.map(\.seconds) == report.holders.map(\.seconds).sorted(by: >))
    let before = try #require(report.transactions)
    #expect(Self.wait(source) { (try? $0.get().server?.transactions ?? 0) ?? 0 > before })
    withExtendedLifetime(sessions) {}
  }

  @Test func `a role that may not see other roles' sessions counts them, and says that it does not see them`() throws {
    let cluster = try TestCluster.running()
    let other = try Session(cluster.admin, applicationName: "hidden-\(getpid())")
    let report = try Self.server(PostgreSQLSource(cluster.connection))
    #expect(report.hiddenSessions >= 1 && report.usedSlots > report.hiddenSessions)
    #expect(report.sessions.values.reduce(report.hiddenSessions + 1, +) == report.usedSlots)
    withExtendedLifetime(other) {}
  }

  /// `$DATABASE_URL` often leads to a pooler, whose sessions are those of the app.
  @Test func `a server that is watched through a pooler keeps no setting of the monitor`() throws {
    let (bouncer, user) = try Self.bouncer("query_wait_timeout = 20")
    let app = bouncer.connection(user: user, database: "app")
    let keeper = try Session(app)
    let before = try (0..<2).map { _ in try keeper.console("SHOW statement_timeout").scalar }
    let source = PostgreSQLSource(app)
    for _ in 0..<3 { #expect(try Self.server(source).slots == 100) }
    let after = try (0..<4).map { _ in try keeper.console("SHOW statement_timeout").scalar }
    #expect(Set(before + after) == ["0"])
  }

  /// A cluster of its own, as others have none of what is done to it.
  @Suite(.serialized) struct TroubledServerTests {
    private static let folder = TemporaryFolder()
    private static let shared = Result { () throws -> (cluster: EmbeddedCluster, running: RunningCluster) in
      let running = try TestCluster.start(in: folder.path, settings: ["max_connections": "12"])
      return (EmbeddedCluster(root: folder.path), running)
    }

    private static func takeAll(_ info: ConnectionInfo) -> [Session] {
      var sessions: [Session] = []
      while sessions.count < 100, let session = try? Session(info, applicationName: "crowd") {
        sessions.append(session)
      }
      return sessions
    }

    @Test func `a full server is seen through the session that is open, and through a reserved slot`() throws {
      let running = try Self.shared.get().running
      let open = PostgreSQLSource(running.connection)
      #expect(wait(open, until: isTold))
      let crowd = Self.takeAll(running.connection)
      let report = try server(open)
      #expect(report.usedSlots == 9 && report.slots == 12 && report.reservedSlots == 3, "\(crowd.count)")
      let reserved = try server(PostgreSQLSource(running.admin))
      #expect(reserved.usedSlots == 10 && reserved.applications.first?.name == "crowd")

      // Without a slot of its own the refusal is the finding, and it knocks seldom.
      let late = PostgreSQLSource(running.connection)
      guard case .failure(let fault) = told(late) else { Issue.record("there was a slot"); return }
      #expect(fault.isFull && fault.description.hasPrefix("no connection slot is left: "), "\(fault)")
      for _ in 0..<20 { #expect(!isTold(told(late))) }
      for session in crowd { session.close() }
      #expect(wait(late, until: isTold), "it is back by itself")
    }

    @Test func `a server that restarts is told as gone, and comes back by itself`() throws {
      let (cluster, running) = try Self.shared.get()
      let source = PostgreSQLSource(running.admin)
      #expect(wait(source, until: isTold))
      try cluster.down()
      #expect(wait(source) { !isTold($0) })
      guard case .failure(let fault) = told(source) else { Issue.record("it cannot tell"); return }
      #expect(!fault.isFull && !fault.description.isEmpty && !fault.description.hasSuffix("."), "\(fault)")
      _ = try cluster.up(scale: 1, settings: ["max_connections": "12"])
      #expect(wait(source, until: isTold))
    }

    @Test func `a server that stands still holds nobody up for long, and comes back by itself`() throws {
      let running = try Self.shared.get().running
      let socket = "\(running.connection["host"] ?? "")/.s.PGSQL.\(running.port)"
      let proxy = try TestProxy(before: socket)
      var info = running.admin
      (info["host"], info["port"], info["sslmode"]) = ("127.0.0.1", "\(proxy.port)", "disable")
      let source = PostgreSQLSource(info)
      guard wait(source, until: isTold) else { Issue.record("\(told(source))"); return }
      proxy.freeze()
      defer { proxy.thaw() }
      for _ in 0..<3 {
        let start = ContinuousClock.now
        #expect(!isTold(told(source)))
        // Its patience is 2 s for the statement, 1 s more for the answer; the rest is for a busy machine.
        #expect(ContinuousClock.now - start < .seconds(8))
      }
      proxy.thaw()
      #expect(wait(source, until: isTold))
    }
  }

  // MARK: - PgBouncer

  private static func bouncer(_ settings: String) throws -> (TestPgBouncer, user: String) {
    let cluster = try TestCluster.running()
    let (host, user) = (cluster.connection["host"] ?? "", cluster.connection["user"] ?? "")
    let line = "host=\(host) port=\(cluster.port) dbname=\(cluster.connection["dbname"] ?? "") user=\(user)"
    let databases = "app = \(line) pool_size=2\nother = \(line)"
    return (try TestPgBouncer("pool_mode = transaction\n\(settings)", databases: databases), user)
  }

  private static func pool(_ reader: PgBouncerSource, _ name: String) throws -> PoolReport? {
    try reader.read().pools.first { $0.name == name }
  }

  @Test func `a pool of a PgBouncer is told by its console: sizes, waiters and how long the oldest has waited`() throws
  {
    let (bouncer, user) = try Self.bouncer("query_wait_timeout = 20\nreserve_pool_size = 0")
    let app = bouncer.connection(user: user, database: "app")
    let clients = try (0..<2).map { _ in try Session(app) }
    let source = PgBouncerSource(bouncer.console)
    for client in clients { try client.execute("SELECT 1") }
    #expect(Self.wait(source) { (try? $0.get().pools.first?.gauges[.idle] ?? 0) ?? 0 >= 1 })
    let idle = try #require(try Self.pool(source, "app/\(user)"))
    #expect(idle.gauges[.max] == 2 && idle.gauges[.inUse] == 0 && idle.gauges[.waiting] == 0, "\(idle)")
    #expect(idle.timeout == .after(.seconds(20)) && idle.note == nil && idle.gauges[.oldestWait] == 0)
    #expect(try !source.read().pools.contains { $0.name.hasPrefix("pgbouncer/") })

    try clients[0].execute("BEGIN; SELECT 1")
    try clients[1].execute("BEGIN; SELECT 1")
    let waiter = try Waiter.start(app)
    #expect(
      Self.wait(source) { said in
        let pool = (try? said.get().pools.first { $0.name == "app/\(user)" }) ?? nil
        return pool?.gauges[.waiting] == 1 && pool?.gauges[.oldestWait] ?? 0 > 0.3
      })
    #expect(try Self.pool(source, "app/\(user)")?.gauges[.inUse] == 2)
    for client in clients { try client.execute("COMMIT") }
    waiter.join()
    #expect(
      Self.wait(source) { said in
        let gauges = ((try? said.get().pools.first { $0.name == "app/\(user)" }) ?? nil)?.gauges
        return gauges?[.waiting] == 0 && gauges?[.acquisitions] ?? 0 >= 4 && gauges?[.acquireSeconds] ?? 0 > 0.3
      }, "the counters are those of what came before")
  }

  @Test func `a paused PgBouncer is told as paused, and one that is gone comes back`() throws {
    let (bouncer, user) = try Self.bouncer("query_wait_timeout = 0")
    let app = bouncer.connection(user: user, database: "app")
    try Session(app).execute("SELECT 1")
    let source = PgBouncerSource(bouncer.console)
    #expect(try Self.pool(source, "app/\(user)")?.note == nil)
    let console = try Session(bouncer.console)
    _ = try console.console("PAUSE app")
    let waiter = try Waiter.start(app)
    #expect(
      Self.wait(source) { said in
        let pool = (try? said.get().pools.first { $0.name == "app/\(user)" }) ?? nil
        return pool?.note == "paused" && pool?.gauges[.waiting] == 1 && pool?.timeout == .unlimited
      })
    _ = try console.console("RESUME app")
    waiter.join()
    #expect(try Self.pool(source, "app/\(user)")?.note == nil)
    bouncer.freeze()
    let start = ContinuousClock.now
    #expect(!Self.isTold(Self.told(source)))
    #expect(ContinuousClock.now - start < .seconds(8))
    bouncer.thaw()
    #expect(Self.wait(source, until: Self.isTold))
  }

  /// The tables of a console as versions have them.
  struct Console: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var pools: Rows
    var stats: Rows
    var databases: Rows
    var state = false
    var expected: String
  }

  private static func rows(_ text: String) -> Rows {
    let lines = text.split(separator: "\n").map { $0.split(separator: "|", omittingEmptySubsequences: false) }
    return Rows(
      columns: lines[0].map { $0.filter { $0 != " " } },
      values: lines.dropFirst().map {
        $0.map {
          let cell = $0.filter { $0 != " " }; return cell.isEmpty ? nil : cell
        }
      })
  }

  private static let consoles = [
    Console(
      testDescription: "1.18",
      pools: rows(
        """
        database|user|cl_active|cl_waiting|cl_active_cancel_req|cl_waiting_cancel_req|sv_active|sv_active_cancel|sv_being_canceled|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode
        app|shop|5|3|0|0|4|0|0|1|2|0|1|2|500000|transaction
        pgbouncer|pgbouncer|1|0|0|0|0|0|0|0|0|0|0|0|0|statement
        """),
      stats: rows("database|total_xact_count|total_query_count|total_wait_time\napp|100|300|2500000"),
      databases: rows("name|host|pool_size|max_connections|paused|disabled\napp|h|10|0|0|0"),
      expected: "app/shop max 10 total 8 in_use 4 idle 3 waiting 3 oldest_wait 2.5 acquire_seconds 2.5 acquisitions 100"
    ),
    Console(
      testDescription: "1.24, which counts assignments; a limit of the whole database is lower than the pool's size",
      pools: rows(
        """
        database|user|cl_active|cl_waiting|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|pool_mode|load_balance_hosts
        app|shop|5|0|4|1|0|0|0|0|0|session|
        """),
      stats: rows("database|total_server_assignment_count|total_xact_count|total_wait_time\napp|7|100|0"),
      databases: rows(
        "name|pool_size|reserve_pool_size|max_connections|current_connections|paused|disabled\napp|10|0|6|5|1|0"),
      expected:
        "app/shop max 6 total 5 in_use 4 idle 1 waiting 0 oldest_wait 0 acquire_seconds 0 acquisitions 7 [paused]"),
    Console(
      testDescription: "session pooling of a version that does not count assignments, two users of one database",
      pools: rows(
        """
        database|user|cl_waiting|sv_active|sv_idle|sv_used|maxwait|pool_mode
        app|shop|0|1|1|0|0|session
        app|cron|1|2|0|0|9|session
        """),
      stats: rows("database|total_xact_count|total_query_count|total_wait_time\napp|100|300|2500000"),
      databases: rows("name|pool_size|paused|disabled\napp|10|0|1"), state: true,
      expected:
        "app/shop max 10 total 2 in_use 1 idle 1 waiting 0 oldest_wait 0 [paused]; app/cron max 10 total 2 in_use 2 idle 0 waiting 1 oldest_wait 9 [paused]"
    ),
  ]

  @Test(arguments: consoles) func `a console is read by the names of its columns`(console: Console) {
    let pools = PgBouncerSource.pools(
      pools: console.pools, stats: console.stats, databases: console.databases, timeout: .notTold,
      isPaused: console.state)
    let text = pools.map { pool in
      let figures = pool.gauges.figures.map { "\($0.rawValue) \(decimal(pool.gauges[$0] ?? -1, places: 3))" }
      return ([pool.name] + figures + (pool.note.map { ["[\($0)]"] } ?? [])).joined(separator: " ")
    }
    #expect(text.joined(separator: "; ") == console.expected)
  }

  @Test func `the longest wait is what SHOW CONFIG says`() {
    #expect(PgBouncerSource.timeout(Self.rows("key|value\nquery_wait_timeout|120")) == .after(.seconds(120)))
    #expect(PgBouncerSource.timeout(Self.rows("key|value\nquery_wait_timeout|0.0")) == .unlimited)
    #expect(PgBouncerSource.timeout(Self.rows("key|value\nother|1")) == .notTold)
  }

  // MARK: - Apps and machines

  @Test func `each pool of an app's answer is one by itself`() throws {
    let page = """
      hikaricp_connections_max{pool="orders"} 10
      hikaricp_connections_max{pool="reports"} 5
      hikaricp_connections_active{pool="orders"} 9
      hikaricp_connections_active{pool="reports"} 1
      hikaricp_connections_pending{pool="orders"} 4
      hikaricp_connections_pending{pool="reports"} 0

      """
    let stage = AppPoolTests.Stage(.page(200, page))
    let source = AppSource(PoolEndpoint(url: "http://app.test/metrics"), pages: stage, token: "hunter2")
    #expect(try source.read().pools.map(\.name) == ["orders", "reports"])
    #expect(try source.read().pools.map { $0.gauges[.waiting] } == [4, 0])
    #expect(stage.state.withLock(\.headers).contains("Authorization: Bearer hunter2"))
    for act in [AppPoolTests.Stage.Act.page(503, page), .page(200, "<html>"), .fault("connection refused")] {
      stage.become(act)
      #expect(!Self.isTold(Self.told(source)))
    }
    stage.become(.page(200, #"{"totalCount":3,"idleCount":1,"waitingCount":4,"max":5}"#))
    #expect(try source.read().pools.map(\.name) == ["pool"])
  }

  @Test func `node_exporter's CPU is busy time of all cores`() throws {
    let page = """
      node_cpu_seconds_total{cpu="0",mode="idle"} 100
      node_cpu_seconds_total{cpu="0",mode="user"} 20
      node_cpu_seconds_total{cpu="1",mode="idle"} 90
      node_cpu_seconds_total{cpu="1",mode="iowait"} 5
      node_cpu_seconds_total{cpu="1",mode="system"} 10
      node_cpu_seconds_total{cpu="1",mode="steal"} 1

      """
    #expect(
      try NodeExporterSource.machine(Array(page.utf8)) == MachineReport(busySeconds: 30, totalSeconds: 226, cores: 2))
    #expect(throws: SourceFault("the page has no metric node_cpu_seconds_total")) {
      try NodeExporterSource.machine(Array("up 1\n".utf8))
    }
  }

  @Test func `a process is told with all that it has started, by its number or its file`() throws {
    let folder = TemporaryFolder()
    let own = try #require(try ProcessSource(.pid(getpid())).read().machine)
    #expect(own.memory ?? 0 > 1e6 && own.cores >= 1)
    let file = "\(folder.path)/pid"
    let source = ProcessSource(.file(file))
    #expect(throws: SourceFault("there is no file \(file) that can be read")) { try source.read() }
    try FileSystem.replace(file, with: Array("nobody\n".utf8))
    #expect(throws: SourceFault("the first line of \(file) is no number of a process")) { try source.read() }
    let server = try TestCluster.running().postmasterPID
    try FileSystem.replace(file, with: Array("\(server)\n/data\n".utf8))
    let first = try #require(try source.read().machine)
    let session = try TestCluster.admin()
    try session.execute(
      """
      DO $$ DECLARE n bigint; stop timestamptz := clock_timestamp() + interval '400 ms';
      BEGIN WHILE clock_timestamp() < stop LOOP SELECT count(*) INTO n FROM pgbench_tellers; END LOOP; END $$
      """)
    let second = try #require(try source.read().machine)
    #expect(second.busySeconds - first.busySeconds >= 0.02 && second.memory ?? 0 > 1e6, "its backend counts")
    #expect(throws: SourceFault("there is no process \(Int32.max)")) { try ProcessSource(.pid(.max)).read() }
  }
}

/// Runs a statement that has to wait, on a thread and in a session of its own.
private final class Waiter: ThreadBody {
  let threadName = "waiter"
  private let info: ConnectionInfo
  private init(_ info: ConnectionInfo) { self.info = info }

  static func start(_ info: ConnectionInfo) throws -> WorkerThread { try WorkerThread(Waiter(info)) }

  func run() { _ = try? Session(info).console("SELECT 1", within: .seconds(30)) }
}
