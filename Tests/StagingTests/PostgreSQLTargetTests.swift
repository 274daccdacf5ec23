import Glibc
import Model
import Postgres
import System
import TestSupport
import Testing

@testable import Staging

/// A cluster of its own, which the tests may restart.
@Suite(.serialized) struct PostgreSQLTargetTests {
  private static let folder = TemporaryFolder()
  private static let cluster = Result { try TestCluster.start(in: folder.path, settings: ["work_mem": "5MB"]) }

  private var running: RunningCluster { get throws { try Self.cluster.get() } }
  private func admin() throws -> Session { try Session(running.admin) }

  private func restartWords() throws -> [String] {
    // As a person would have it in a script: the server's own way, and as its own account.
    let script = Self.folder.path + "/restart.sh"
    let text = """
      #!/bin/sh
      # $1: the cluster's folder
      bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
      command="$bin/pg_ctl -D $1/data -w -t 20 -m fast -l $1/server.log restart"
      [ "$(id -u)" -eq 0 ] || exec $command
      owner=$(stat -c %u "$1/data")
      exec setpriv --reuid="$owner" --regid="$(stat -c %g "$1/data")" --clear-groups $command

      """
    try FileSystem.replace(script, with: Array(text.utf8), mode: 0o755)
    chmod(script, 0o755)
    return [script, try running.folder]
  }

  private func target(
    _ values: OwnValues, restart: Bool = false, user: String? = nil, production: ProductionList = ProductionList()
  ) throws -> PostgreSQLTarget {
    var info = try running.admin
    if let user { info["user"] = user }
    let words = info.parameters.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    let surroundings = TargetSurroundings(
      root: Self.folder.path, variables: ["ADMIN": words, "PATH": "/usr/bin:/bin"], fetch: TestFetcher(),
      production: production)
    let spec = PostgreSQLTargetSpec(
      urlVariable: "ADMIN", restart: restart ? try restartWords() : nil, timeout: .seconds(30))
    return try PostgreSQLTarget(spec, values, in: surroundings)
  }

  private static let memory = OwnValues(
    baseline: ["work_mem": "4MB", "statement_timeout": "0"],
    change: ["work_mem": "16384kB", "statement_timeout": "1min"])

  @Test func `every act, once and again, of settings that a reload puts in force`() throws {
    let target = try self.target(Self.memory)
    try target.preflight()
    let before = try target.snapshot()
    #expect(before == "")
    let planned = target.planned(.retest, over: before)
    for _ in 1...2 {
      try target.apply(.retest)
      #expect(try target.snapshot() == planned)
      #expect(try target.verify(.retest, within: .seconds(1)).differences.isEmpty)
    }
    let session = try admin()
    #expect(try session.query("SHOW work_mem").scalar == "16MB")
    let baseline = try target.verify(.baseline, within: .zero).differences
    #expect(baseline.map(\.found) == ["60000 x ms", "16384 x kB"])
    for _ in 1...2 {
      try target.revert(to: before)
      #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
    }
    #expect(try session.query("SHOW work_mem").scalar == "5MB")
  }

  @Test func `what ALTER SYSTEM had before comes back, and another's change is seen`() throws {
    let session = try admin()
    try session.execute("ALTER SYSTEM SET work_mem = '7MB'")
    _ = try session.query("SELECT pg_reload_conf()")
    let target = try self.target(Self.memory)
    let before = try target.snapshot()
    #expect(before == "work_mem=7MB")
    try target.apply(.retest)
    try session.execute("ALTER SYSTEM SET work_mem = '9MB'")
    _ = try session.query("SELECT pg_reload_conf()")
    #expect(try target.snapshot() != target.planned(.retest, over: before))
    for _ in 0..<100 where try target.verify(.retest, within: .zero).differences.isEmpty { usleep(10_000) }
    #expect(try target.verify(.retest, within: .zero).differences.map(\.found) == ["9216 x kB"])
    // Written and not loaded: the file is back, and what works is not.
    try session.execute("ALTER SYSTEM SET work_mem = '7MB'")
    try session.execute("ALTER SYSTEM RESET statement_timeout")
    #expect(try target.snapshot() == before)
    #expect(try target.confirm(before, within: .zero).differences.map(\.name) == ["statement_timeout", "work_mem"])
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
    try session.execute("ALTER SYSTEM RESET work_mem")
    _ = try session.query("SELECT pg_reload_conf()")
  }

  private static let slots = OwnValues(baseline: ["max_connections": "60"], change: ["max_connections": "70"])

  @Test func `a setting that needs a restart gets one, and is refused without`() throws {
    let refused = #expect(throws: StagingError.self) { try self.target(Self.slots).preflight() }
    #expect(refused?.code == .needsRestart && refused?.setting == "max_connections")
    let target = try self.target(Self.slots, restart: true)
    try target.preflight()
    let before = try target.snapshot()
    // As after a kill before the restart.
    try admin().execute("ALTER SYSTEM SET max_connections = 70")
    _ = try admin().query("SELECT pg_reload_conf()")
    for _ in 0..<100
    where try target.verify(.retest, within: .zero).differences.first?.found?.contains("restart") != true {
      usleep(10_000)
    }
    let waiting = try target.verify(.retest, within: .zero).differences
    #expect(waiting.first?.found?.hasSuffix("until a restart") == true)
    try target.apply(.retest)
    #expect(try target.verify(.retest, within: .zero).differences.isEmpty)
    #expect(try admin().query("SHOW max_connections").scalar == "70")
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
  }

  @Test func `a server that does not come up with the new value is put back by its file`() throws {
    let huge = OwnValues(baseline: ["shared_buffers": "32MB"], change: ["shared_buffers": "8000GB"])
    let target = try self.target(huge, restart: true)
    try target.preflight()
    let before = try target.snapshot()
    #expect(throws: StagingError.self) { try target.apply(.retest) }
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
  }

  @Test func `a server that restarts in the middle of an act is waited for`() throws {
    let target = try self.target(Self.memory)
    try target.preflight()
    let before = try target.snapshot()
    let words = try restartWords()
    let nowhere = try File("/dev/null", O_RDWR)
    let restart = try Subprocess.spawn(words, input: nowhere.descriptor, output: nowhere.descriptor)
    for _ in 0..<5 { try target.apply(.retest) }
    waitpid(restart, nil, 0)
    #expect(try target.verify(.retest, within: .seconds(5)).differences.isEmpty)
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
  }

  @Test func `a role that lacks rights is told the statements, and works with exactly those`() throws {
    let session = try admin()
    try session.execute("DROP ROLE IF EXISTS tuner; CREATE ROLE tuner LOGIN")
    let target = try self.target(Self.memory, user: "tuner")
    let error = #expect(throws: StagingError.self) { try target.preflight() }
    #expect(error?.code == .missingRight && error?.found == "tuner", "\(error as Any)")
    let statements = try #require(error?.wanted?.split(separator: ": ", maxSplits: 1).last)
    try session.execute(String(statements))
    try target.preflight()
    let before = try target.snapshot()
    try target.apply(.retest)
    #expect(try target.verify(.retest, within: .seconds(1)).differences.isEmpty)
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .seconds(1)).differences.isEmpty)
    try session.execute("DROP OWNED BY tuner; DROP ROLE tuner")
  }

  @Test(arguments: [
    (["work_mem": "banana"], StagingError.Code.inexpressible), (["wrk_mem": "4MB"], .inexpressible),
    (["server_version_num": "1"], .inexpressible), (["search_path": "a, b"], .inexpressible),
  ]) func `what cannot be set is refused before anything changes`(
    values: [String: String], code: StagingError.Code
  ) throws {
    let target = try self.target(OwnValues(baseline: values, change: values))
    #expect(#expect(throws: StagingError.self) { try target.preflight() }?.code == code)
  }

  @Test func `a setting of a role or database that would win is named`() throws {
    let session = try admin()
    try session.execute("ALTER ROLE CURRENT_USER SET work_mem = '1MB'")
    let error = #expect(throws: StagingError.self) { try self.target(Self.memory).preflight() }
    #expect(error?.code == .overridden && error?.found?.hasPrefix("ALTER ROLE") == true)
    try session.execute("ALTER ROLE CURRENT_USER RESET work_mem")
  }

  @Test func `production is known by name, address, port, database and system identifier`() throws {
    let session = try admin()
    let identifier = try ProductionGuard.identifier(session, target: "x")
    let database = try #require(session.info["dbname"])
    for list in [ProductionList(systemIdentifiers: [identifier]), ProductionList(databases: [database])] {
      let error = #expect(throws: StagingError.self) { try self.target(Self.memory, production: list).preflight() }
      #expect(error?.code == .production)
      #expect(
        #expect(throws: StagingError.self) { try StagingGuard(ProductionGuard(list)).check(session, place: "x") }?.code
          == .production)
    }
    try self.target(Self.memory, production: ProductionList(hosts: ["db.example"], systemIdentifiers: ["1"]))
      .preflight()
  }
}
