import Glibc
import Model
import Postgres
import System
import TestSupport
import Testing

@testable import Staging

/// A real PgBouncer before the test cluster.
@Suite(.serialized) struct PgBouncerTargetTests {
  static let settings = """
    pool_mode = transaction
    query_wait_timeout = 9

    default_pool_size = 20
    ; what follows is at the mercy of every line above
    reserve_pool_size = 0
    max_client_conn = 300
    """

  static func bouncer(_ settings: String = settings, own: String = "") throws -> TestPgBouncer {
    let server = try TestCluster.running().admin
    let line =
      "shop = host=\(server["host"] ?? "") port=\(server["port"] ?? "") dbname=\(server["dbname"] ?? "") "
      + "user=\(server["user"] ?? "") \(own)"
    let bouncer = try TestPgBouncer(settings, databases: line)
    // Of the account that runs it, which replaces it by the same.
    return bouncer
  }

  static func pool(_ before: Int, _ after: Int) -> TargetValues {
    var (baseline, change) = (PoolSettings(), PoolSettings())
    (baseline.maxSize, change.maxSize) = (before, after)
    (baseline.acquireTimeout, change.acquireTimeout) = (.seconds(9), .milliseconds(2500))
    return .pool(PoolValues(keys: [.maxSize, .acquireTimeout], baseline: baseline, change: change))
  }

  static func target(
    _ bouncer: TestPgBouncer, _ method: PgBouncerTargetSpec.Method, _ values: TargetValues = pool(20, 4),
    user: String = "pgbouncer"
  ) throws -> PgBouncerTarget {
    let url = "host=\(bouncer.folder) port=\(bouncer.port) user=\(user) dbname=pgbouncer options='-c a=b'"
    let surroundings = TargetSurroundings(root: bouncer.folder, variables: ["CONSOLE": url], fetch: TestFetcher())
    let spec = PgBouncerTargetSpec(
      consoleVariable: "CONSOLE", database: "shop", method: method, ini: method == .file ? "pgbouncer.ini" : nil)
    return try PgBouncerTarget(spec, values, in: surroundings)
  }

  static func ini(_ bouncer: TestPgBouncer) -> String { FileSystem.text(of: bouncer.folder + "/pgbouncer.ini") ?? "" }

  @Test(arguments: PgBouncerTargetSpec.Method.allCases) func `every act, once and again`(
    method: PgBouncerTargetSpec.Method
  ) throws {
    let bouncer = try Self.bouncer()
    let target = try Self.target(bouncer, method)
    let text = Self.ini(bouncer)
    try target.preflight()
    let before = try target.snapshot()
    #expect(before == "default_pool_size=20\nquery_wait_timeout=9")
    let planned = try target.planned(.retest, over: before)
    for _ in 1...2 {
      try target.apply(.retest)
      #expect(try target.snapshot() == planned)
      let read = try target.verify(.retest, within: .seconds(1))
      #expect(read.differences.isEmpty && read.settings?.maxSize == 4)
      #expect(read.settings?.acquireTimeout == .milliseconds(2500))
    }
    #expect((Self.ini(bouncer) == text) == (method == .set))
    #expect(try !target.confirm(before, within: .zero).differences.isEmpty)
    for _ in 1...2 {
      try target.revert(to: before)
      #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
      #expect(Self.ini(bouncer) == text)
    }
  }

  @Test func `a key that the file lacked is taken out of it again`() throws {
    let bouncer = try Self.bouncer("pool_mode = transaction\n[users]\nx = pool_mode=session")
    let text = Self.ini(bouncer)
    let values = TargetValues.own(
      OwnValues(baseline: ["server_idle_timeout": "600"], change: ["server_idle_timeout": "30"]))
    let target = try Self.target(bouncer, .file, values)
    try target.preflight()
    let before = try target.snapshot()
    #expect(before == "")
    try target.apply(.retest)
    #expect(try target.verify(.retest, within: .zero).differences.isEmpty)
    #expect(Self.ini(bouncer) == text.replacing("= transaction\n", with: "= transaction\nserver_idle_timeout = 30\n"))
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .zero).differences.isEmpty && Self.ini(bouncer) == text)
  }

  /// PgBouncer answers RELOAD to each of these.
  @Test(arguments: ["max_db_connections = banana", "max_prepared_statements = 100", "reserve_pool_timeout 4"])
  func `a file with a bad line is refused before it is reloaded`(line: String) throws {
    let bouncer = try Self.bouncer()
    let target = try Self.target(bouncer, .file)
    let text = Self.ini(bouncer).replacing("default_pool_size", with: line + "\ndefault_pool_size")
    try bouncer.rewrite("pgbouncer.ini", text)
    let number = text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex(of: line[...])
    let error = #expect(throws: StagingError.self) { try target.preflight() }
    #expect(error?.code == .badFile && error?.line == number.map { $0 + 1 }, "\(error as Any)")
    #expect(
      try Self.target(bouncer, .set).confirm("default_pool_size=20\nquery_wait_timeout=9", within: .zero).differences
        .isEmpty)
  }

  @Test func `a bad line that comes in the way of a reload is noticed by what else changed, and the file goes back`()
    throws
  {
    let bouncer = try Self.bouncer()
    let target = try Self.target(bouncer, .file)
    try target.preflight()
    // Between the check and the act, by somebody else.
    let text = Self.ini(bouncer).replacing("; what follows", with: "min_pool_size = banana\n; what follows")
    try bouncer.rewrite("pgbouncer.ini", text)
    let error = #expect(throws: StagingError.self) { try target.apply(.retest) }
    #expect(error?.code == .reloadChangedMore && error?.setting == "max_client_conn", "\(error as Any)")
    #expect(error?.wanted == "300" && error?.found == "100")
    #expect(Self.ini(bouncer) == text, "it holds what it held before the act, the other's line too")
  }

  @Test func `a setting that somebody has changed in memory alone is named, since a reload would undo it`() throws {
    let bouncer = try Self.bouncer()
    _ = try Session(bouncer.console).console("SET server_lifetime = '77'")
    let error = #expect(throws: StagingError.self) { try Self.target(bouncer, .file).preflight() }
    #expect(error?.code == .badFile && error?.reason?.contains("server_lifetime from 77") == true, "\(error as Any)")
    try Self.target(bouncer, .set).preflight()
  }

  @Test func `a smaller pool is in force within a second, under load`() throws {
    let bouncer = try Self.bouncer()
    let target = try Self.target(bouncer, .set)
    let load = try TestLoad(bouncer.connection(user: "app", database: "shop"), clients: 30)
    let console = PgBouncerConsole(bouncer.console)
    func servers() throws -> Int { try console.servers(of: "shop").map(\.servers).max() ?? 0 }
    for _ in 0..<500 where try servers() < 20 { usleep(20_000) }
    #expect(try servers() == 20)
    try target.apply(.retest)
    let read = try target.verify(.retest, within: .seconds(1))
    #expect(read.differences.isEmpty, "\(read.differences)")
    #expect(try servers() <= 4)
    try target.revert(to: "default_pool_size=20\nquery_wait_timeout=9")
    for _ in 0..<250 where try servers() < 20 { usleep(20_000) }
    #expect(try servers() == 20, "more are opened without a RECONNECT")
    withExtendedLifetime(load) {}
  }

  @Test func `a file that was written or put back without its reload is found out, and finished by another process`()
    throws
  {
    let bouncer = try Self.bouncer()
    let (text, before) = (Self.ini(bouncer), try Self.target(bouncer, .file).snapshot())
    let target = try Self.target(bouncer, .file)
    // As after a kill between the file and its RELOAD.
    try bouncer.rewrite("pgbouncer.ini", text.replacing("default_pool_size = 20", with: "default_pool_size = 4"))
    #expect(try !target.verify(.retest, within: .zero).differences.isEmpty)
    try target.apply(.retest)
    #expect(try target.verify(.retest, within: .zero).differences.isEmpty)
    try bouncer.rewrite("pgbouncer.ini", text)
    let later = try Self.target(bouncer, .file)
    #expect(try later.snapshot() == before)
    #expect(try later.confirm(before, within: .zero).differences.map(\.name).first == "default_pool_size")
    try later.revert(to: before)
    #expect(try later.confirm(before, within: .zero).differences.isEmpty && Self.ini(bouncer) == text)
  }

  @Test func `a database whose line has a size of its own is found out`() throws {
    let bouncer = try Self.bouncer(own: "pool_size=7")
    let target = try Self.target(bouncer, .set)
    try target.apply(.retest)
    let found = try target.verify(.retest, within: .zero).differences
    #expect(found.map(\.name) == ["pool_size of shop"] && found.first?.found == "7")
  }

  @Test func `a restart of PgBouncer in between takes what was set in memory with it, and shows`() throws {
    let bouncer = try Self.bouncer()
    let target = try Self.target(bouncer, .set)
    let before = try target.snapshot()
    try target.apply(.retest)
    _ = try Session(bouncer.console).console("RELOAD")
    #expect(try target.verify(.retest, within: .zero).differences.map(\.found) == ["20", "9", "20"])
    #expect(try target.snapshot() == before)
  }

  @Test func `who may only look is told what to write, and unknown names are refused`() throws {
    let bouncer = try Self.bouncer(Self.settings + "\nstats_users = watcher")
    let error = #expect(throws: StagingError.self) {
      try Self.target(bouncer, .set, user: "watcher").preflight()
    }
    #expect(error?.code == .missingRight && error?.hint?.contains("admin_users = watcher") == true, "\(error as Any)")
    let wrong = TargetValues.own(OwnValues(baseline: ["default_pol_size": "1"], change: ["default_pol_size": "2"]))
    let unknown = #expect(throws: StagingError.self) { try Self.target(bouncer, .set, wrong).preflight() }
    #expect(unknown?.description.contains("did you mean 'default_pool_size'?") == true)
    let fixed = TargetValues.own(OwnValues(baseline: ["listen_port": "1"], change: ["listen_port": "2"]))
    #expect(throws: StagingError.self) { try Self.target(bouncer, .set, fixed).preflight() }
  }

  @Test func `production behind a PgBouncer is refused`() throws {
    let bouncer = try TestPgBouncer(Self.settings, databases: "shop = host=127.0.0.9 port=5433 dbname=shop")
    var surroundings = TargetSurroundings(
      root: bouncer.folder,
      variables: ["CONSOLE": "host=\(bouncer.folder) port=\(bouncer.port) user=pgbouncer dbname=pgbouncer"],
      fetch: TestFetcher())
    for (list, isRefused) in [
      (ProductionList(hosts: ["127.0.0.9:5433"]), true), (ProductionList(hosts: ["127.0.0.9"]), true),
      (ProductionList(databases: ["shop"]), true), (ProductionList(hosts: ["127.0.0.9:5432"]), false),
    ] {
      surroundings.production = list
      let target = try PgBouncerTarget(
        PgBouncerTargetSpec(consoleVariable: "CONSOLE"), Self.pool(20, 4), in: surroundings)
      if isRefused {
        #expect(#expect(throws: StagingError.self) { try target.preflight() }?.code == .production)
      } else {
        try target.preflight()
      }
    }
  }

  @Test(arguments: [
    ("[pgbouncer]\na = 1\n", "[pgbouncer]\na = 1\nb = 2\n"), ("[pgbouncer]\na = 1", "[pgbouncer]\na = 1\nb = 2"),
    ("[pgbouncer]", "[pgbouncer]\nb = 2"),
    ("[databases]\nb = host=x\n[pgbouncer]\n\n[users]\n", "[databases]\nb = host=x\n[pgbouncer]\nb = 2\n\n[users]\n"),
    ("[pgbouncer]\r\nb=1\r\n", "[pgbouncer]\r\nb=2\r\n"),
    ("[pgbouncer]\n;b = 1\n b  =  1  \n", "[pgbouncer]\n;b = 1\n b  =  2  \n"),
    ("[pgbouncer]\nb = 1\nb = 9\n", "[pgbouncer]\nb = 1\nb = 2\n"),
  ]) func `a key of the file is set where it counts`(text: String, edited: String) {
    var file = IniText(text)
    let before = file.value(of: "b")?.value
    #expect(file.set("b", to: "2") && file.text == edited && file.value(of: "b")?.value == "2")
    if let before { _ = file.set("b", to: before) } else { file.remove("b") }
    #expect(file.text == text)
  }
}
