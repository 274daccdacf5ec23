import CPlatform
import Glibc
import Model
import Postgres
import Staging
import Store
import TestSupport
import Testing

/// Guards on a real server: what trips them, and how soon staging is back.
@Suite(.serialized) struct GuardTests {
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  /// A guard that holds from the first second on.
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var hold: Double
    var testDescription: String { text }
  }

  @Test(arguments: [
    Case(text: "error_rate > 20% for 2s", hold: 2), Case(text: "p(95) > 1ms for 3s", hold: 3),
    Case(text: "server_cpu > 0.1% for 2s", hold: 2), Case(text: "backend_memory > 100kB for 1s", hold: 1),
    Case(text: "free_slots < 40", hold: 1), Case(text: "acquire_timeouts > 1", hold: 1),
  ])
  func `from the second in which a condition holds staging is back two seconds beyond its time`(test: Case) throws {
    let project = try Self.shared.get()
    project.add(
      "guarded",
      Tiny(
        baseline: "{ max_size: 1, acquire_timeout: 5ms }", duration: "20s",
        more: "guards: [ \"\(test.text)\" ]\nrehearse: false"
      ).text)
    let ending = try project.poolops(["experiment", "run", "guarded"], within: .seconds(40))
    #expect(
      ending.status == Exit.rolledBack.rawValue && ending.error.contains("guard '\(test.text)' tripped"), "\(ending)")
    #expect(text(of: project.envFile) == TestProject.env)
    let store = try project.results()
    let execution = try #require(try store.executions(of: "guarded").first)
    let began = try #require(execution.stages.first { $0.stage == .baseline }?.started)
    let ended = try #require(execution.stages.last { $0.stage == .confirm }?.ended)
    let took = ended.duration(since: began).seconds
    #expect(took <= test.hold + 2, "\(test.text): staging was back after \(took) s")
    #expect(try store.runs().first?.status == .aborted && store.openChanges() == [])
  }

  @Test func `a pool that would take the last slots is refused before anything is changed`() throws {
    let project = try Self.shared.get()
    // 40, less 3 for the superuser, less 2 of poolops.
    project.add("greedy", Tiny(change: "{ max_size: 36 }").text)
    let ending = try project.poolops(["experiment", "run", "greedy"])
    #expect(
      ending.status == Exit.badConfiguration.rawValue && ending.error.contains("37 free connection slots"), "\(ending)")
    #expect(text(of: project.envFile) == TestProject.env)
  }

  @Test func `a guard that can see nothing is refused`() throws {
    let project = try Self.shared.get()
    project.add("blind", Tiny(more: "guards: [ \"replication_lag > 5s\" ]").text)
    let ending = try project.poolops(["experiment", "run", "blind"])
    #expect(ending.status == Exit.badConfiguration.rawValue && ending.error.contains("no standby"), "\(ending)")
  }

  @Test func `a standby that falls behind stops the load`() throws {
    let project = try Self.shared.get()
    let cluster = try project.staging()
    let standby = try Standby(of: cluster, in: project)
    defer { standby.stop() }
    project.add(
      "lagging",
      Tiny(
        baseline: "{ max_size: 4, acquire_timeout: 10s }", duration: "30s",
        more: "guards: [ \"replication_lag > 1s\" ]\nrehearse: false"
      )
      .text)
    let program = try project.start(["experiment", "run", "lagging"])
    let admin = try Session(cluster.admin)
    try admin.execute("CREATE TABLE IF NOT EXISTS written (at timestamptz)")
    var held: ContinuousClock.Instant?
    while program.isRunning {
      try admin.execute("INSERT INTO written VALUES (now())")
      let lag = try admin.query("SELECT max(extract(epoch FROM replay_lag)) FROM pg_stat_replication").scalar
      if held == nil, let lag = lag.flatMap(Double.init), lag > 1 { held = .now }
      usleep(50_000)
    }
    let ending = try program.wait()
    let took = try #require(held.map { (ContinuousClock.now - $0).seconds }, "\(ending)")
    #expect(ending.status == Exit.rolledBack.rawValue && ending.error.contains("replication_lag > 1s"), "\(ending)")
    #expect(took <= 1 + 2, "staging was back after \(took) s")
    #expect(text(of: project.envFile) == TestProject.env)
  }
}

/// A standby of an embedded cluster that applies what it gets half a minute late.
private final class Standby {
  private let folder: TemporaryFolder
  private let project: TestProject

  init(of cluster: RunningCluster, in project: TestProject) throws {
    self.project = project
    folder = TemporaryFolder()
    chmod(folder.path, 0o777)
    let admin = try Session(cluster.admin)
    let rules = try admin.query("SHOW hba_file").scalar ?? ""
    if text(of: rules)?.contains("replication") != true {
      write((text(of: rules) ?? "") + "\nlocal replication all trust\n", to: rules)
    }
    try admin.query("SELECT pg_reload_conf()")
    project.addProgram(
      "standby",
      """
      bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
      run=
      [ "$(id -u)" -ne 0 ] || run="setpriv --reuid=$(stat -c %u "$1") --regid=$(stat -c %g "$1") --clear-groups"
      if [ "$2" = stop ]; then exec $run "$bin/pg_ctl" -D "$3/data" -m immediate stop; fi
      $run "$bin/pg_basebackup" -h "$4" -p "$5" -U "$6" -D "$3/data" -R -c fast -X stream || exit 1
      $run rm -f "$3/data/postmaster.pid"
      exec $run "$bin/pg_ctl" -D "$3/data" -l "$3/log" -w -t 20 \\
        -o "-p 5499 -k $3 -c recovery_min_apply_delay=30s -c listen_addresses= -c hot_standby=on" start
      """)
    let ending = try Program(
      project.root + "/standby",
      [
        "\(cluster.folder)/data", "start", folder.path, cluster.admin["host"] ?? "", cluster.admin["port"] ?? "",
        cluster.admin["user"] ?? "",
      ]
    ).wait(within: .seconds(60))
    try #require(ending.status == 0, "\(ending)")
    owner = "\(cluster.folder)/data"
  }

  private let owner: String

  func stop() { _ = try? Program(project.root + "/standby", [owner, "stop", folder.path]).wait() }
}
