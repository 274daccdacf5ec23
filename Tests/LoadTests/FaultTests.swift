import Glibc
import Load
import Model
import Postgres
import Staging
import Statistics
import Synchronization
import TestSupport
import Testing

/// What is done to the server while a load is on it.
enum ServerFault: String, CaseIterable {
  case restart
  case immediateRestart
  case killedBackend
  case usedUpSlots
  case frozenServer
  case swallowedPackets

  /// The classes that failed requests may have; at least one must have the first.
  var classes: [ErrorClass] {
    switch self {
    case .restart, .immediateRestart, .killedBackend: [.serverGone, .connectionRefused, .acquireTimeout]
    case .usedUpSlots: [.tooManyConnections, .serverGone, .acquireTimeout]
    case .frozenServer: [.requestTimeout, .connectTimeout, .acquireTimeout, .serverGone]
    case .swallowedPackets: [.requestTimeout, .connectTimeout, .acquireTimeout]
    }
  }

  func strike(_ server: FaultyServer) throws {
    switch self {
    case .restart: try server.restart(by: SIGINT)
    case .immediateRestart: try server.restart(by: SIGQUIT)
    case .killedBackend: if let pid = try server.loadBackends().first { kill(pid, SIGKILL) }
    case .usedUpSlots: try server.closeDoors(for: 700_000)
    case .frozenServer: try server.freeze(for: 900_000)
    case .swallowedPackets:
      server.proxy.freeze()
      usleep(900_000)
      server.proxy.thaw()
    }
  }
}

/// A cluster of a test's own, behind a proxy, that may be ill-treated.
final class FaultyServer: Sendable {
  /// One for all, as each fault leaves it whole.
  static let shared = Result { try FaultyServer() }

  private let folder = TemporaryFolder()
  private let running: Mutex<RunningCluster>
  let proxy: TestProxy

  init() throws {
    let cluster = try TestCluster.start(in: folder.path, settings: ["max_connections": "30"])
    running = Mutex(cluster)
    let socket = cluster.connection["host"] ?? ""
    proxy = try TestProxy(before: "\(socket)/.s.PGSQL.\(cluster.port)")
  }

  var cluster: RunningCluster { running.withLock { $0 } }

  var connection: ConnectionInfo { cluster.connection }

  var connectionThroughProxy: ConnectionInfo {
    var info = cluster.connection
    info["host"] = "127.0.0.1"
    info["port"] = "\(proxy.port)"
    return info
  }

  func admin() throws -> Session { try Session(cluster.admin, applicationName: "poolops-test") }

  func loadBackends() throws -> [pid_t] {
    try admin().query("SELECT pid FROM pg_stat_activity WHERE application_name = 'poolops-load'").values.compactMap {
      $0[0].flatMap { pid_t($0) }
    }
  }

  /// On the same port, as a service is.
  func restart(by signal: Int32) throws {
    let data = "\(cluster.folder)/data"
    var status = stat()
    stat(data, &status)
    kill(cluster.postmasterPID, signal)
    for _ in 0..<300 {
      // It may be a child of this process, which then has to take note of its end.
      waitpid(cluster.postmasterPID, nil, WNOHANG)
      if kill(cluster.postmasterPID, 0) != 0 { break }
      usleep(10_000)
    }
    let rights = getuid() == 0 ? "setpriv --reuid=\(status.st_uid) --regid=\(status.st_gid) --clear-groups " : ""
    let log = "\(cluster.folder)/restart.log"
    // What pg_ctl restart would do: the words of the last start are in this file.
    system("cd / && eval \(rights)$(cat \(data)/postmaster.opts) >/dev/null 2>>\(log) </dev/null &")
    for _ in 0..<300 where (try? admin()) == nil { usleep(10_000) }
    let words = try admin().query("SELECT pg_read_file('postmaster.pid', 0, 100)").scalar
    let pid = try #require(words?.split(separator: "\n").first.flatMap { pid_t($0) })
    running.withLock { $0.postmasterPID = pid }
  }

  /// No new session of the load's role for a while, and none of those that it has.
  func closeDoors(for microseconds: UInt32) throws {
    let session = try admin()
    let role = connection["user"] ?? ""
    try session.execute("ALTER ROLE \(role) CONNECTION LIMIT 0")
    try session.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'poolops-load'")
    usleep(microseconds)
    try session.execute("ALTER ROLE \(role) CONNECTION LIMIT -1")
  }

  func freeze(for microseconds: UInt32) throws {
    let stopped = [cluster.postmasterPID] + (try loadBackends())
    for pid in stopped { kill(pid, SIGSTOP) }
    usleep(microseconds)
    for pid in stopped { kill(pid, SIGCONT) }
  }
}

@Suite(.serialized) struct FaultTests {
  @Test(arguments: ServerFault.allCases, [false, true])
  func `a load goes through a fault of the server, tells it by its class, and recovers`(
    fault: ServerFault, usesLibpq: Bool
  ) throws {
    let server = try FaultyServer.shared.get()
    let limits = settings {
      $0.maxSize = 6
      $0.acquireTimeout = .milliseconds(250)
      $0.connectTimeout = .milliseconds(400)
    }
    let shape = LoadShape.arrivalRate(rate: 150, spacing: .even, warmUp: .zero, duration: .seconds(3))
    let began = ContinuousClock.now
    let outcome = try run(
      ["SELECT pg_sleep(0.01)"], shape, limits,
      server: fault == .swallowedPackets ? server.connectionThroughProxy : server.connection, usesLibpq: usesLibpq,
      requestTimeout: .milliseconds(300)
    ) { generator in
      usleep(400_000)
      try fault.strike(server)
    }
    let totals = outcome.report.totals
    #expect(totals.addsUp && totals.due == 450)
    #expect((totals.failed[fault.classes[0]] ?? 0) > 0 && Set(totals.failed.keys).isSubset(of: fault.classes))
    // Nothing outlives its limit by more than the loop was late, and the run ends when it should.
    let slip = outcome.histogram(.slip).quantile(1) ?? 0
    #expect((outcome.histogram(.wait).quantile(1) ?? 0) < 300e6 + slip)
    #expect((outcome.histogram(.query).quantile(1) ?? 0) < 350e6 + slip)
    #expect(ContinuousClock.now - began < .seconds(9))
    let last = try #require(outcome.slices.last)
    #expect(last.failures == 0 && last.completed > 100)
  }
}
