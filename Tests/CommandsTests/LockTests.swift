import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

/// Two executions that would meet: from two folders on one database, and from two databases on one target.
@Suite(.serialized) struct LockTests {
  private func project(_ database: String? = nil, _ tiny: Tiny) throws -> (project: TestProject, url: [String: String])
  {
    let project = TestProject()
    var info = try TestCluster.running().admin
    if let database { info["dbname"] = database }
    let words = info.parameters.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    var tiny = tiny
    tiny.staging = "{ url_env: STAGING_OF_LOCKS }"
    project.add("tiny", tiny.text)
    return (project, ["STAGING_OF_LOCKS": words])
  }

  @Test func `on one database the second is refused, told who is there, and let in when the first is killed`() throws {
    let (first, url) = try project(nil, Tiny(duration: "30s"))
    let (second, _) = try project(nil, Tiny(duration: "100ms"))
    let holder = try start(first, "tiny", until: "baseline:poll:1", variables: url)
    let refused = try second.poolops(["experiment", "run", "tiny"], variables: url)
    #expect(refused.status == Exit.locked.rawValue, "\(refused)")
    let year = #/since 20\d\d-\d\d-\d\dT/#
    #expect(
      refused.error.contains("poolops process \(holder.pid) on ") && refused.error.contains("server process")
        && refused.error.contains(year), "\(refused.error)")
    #expect(bytes(of: second.envFile) == nil)
    holder.signal(SIGKILL)
    try holder.wait()
    let next = try second.poolops(["experiment", "run", "tiny"], variables: url)
    #expect(next.status == Exit.inconclusive.rawValue, "\(next)")
    #expect(try first.poolops(["experiment", "recover"], variables: url).status == 0)
  }

  /// A machine of its own, as far as poolops can see: it shares the database over TCP, and neither folders nor a home.
  private struct Machine {
    let project = TestProject()
    private let home = TemporaryFolder()
    private let url: String

    init(_ url: String) {
      self.url = url
      for (name, duration) in [("long", "30s"), ("short", "100ms")] {
        project.add(name, Tiny(staging: "{ url_env: STAGING_OF_BOTH }", duration: duration).text)
      }
    }

    func begin(_ words: String...) throws -> Program {
      try project.start(
        ["experiment"] + words,
        variables: ["STAGING_OF_BOTH": url, "HOME": home.path, "TMPDIR": home.path, "XDG_RUNTIME_DIR": home.path])
    }
  }

  @Test func `of two machines on one database one is let in, and the other when the first is killed`() throws {
    let cluster = try TestCluster.running()
    let password = try #require(text(of: cluster.folder + "/../loopback-password")).filter { !$0.isNewline }
    let url = "postgresql://poolops_app:\(password)@127.0.0.1:\(cluster.port)/poolops_staging"
    let machines = [Machine(url), Machine(url)]
    // At once, so that neither of the two is the first by plan.
    let programs = try machines.map { try $0.begin("run", "long") }
    for _ in 0..<3000 where programs.allSatisfy(\.isRunning) { usleep(10_000) }
    let loser = try #require(programs.firstIndex { !$0.isRunning })
    let (refused, holder) = (try programs[loser].wait(), programs[1 - loser])
    #expect(refused.status == Exit.locked.rawValue, "\(refused)")
    let words = [
      "another poolops is working with this staging", "poolops process \(holder.pid) on ", ": long'",
      "from 127.0.0.1, since 20",
    ]
    for word in words { #expect(refused.error.contains(word), "\(refused.error)") }
    #expect(refused.error.matches(of: /another poolops/).count == 1, "it is told once: \(refused.error)")
    #expect(holder.isRunning && bytes(of: machines[loser].project.envFile) == nil)
    holder.signal(SIGKILL)
    try holder.wait()
    let next = try machines[loser].begin("run", "short").wait()
    #expect(next.status == Exit.inconclusive.rawValue, "\(next)")
    let recovered = try machines[1 - loser].begin("recover").wait()
    #expect(recovered.status == 0, "\(recovered)")
  }

  @Test func `with one target the second is refused, whatever its staging is`() throws {
    let admin = try TestCluster.admin()
    let name = "lock_\(getpid())"
    try admin.execute("CREATE DATABASE \(name)", within: .seconds(30))
    var other = try TestCluster.running().admin
    other["dbname"] = name
    let session = try Session(other)
    try session.execute(StagingMark.statement(database: name, name: "second"))
    session.close()
    let pooler = try TestPgBouncer("query_wait_timeout = 9")
    let target = """
      targets:
        - pgbouncer: { console_env: CONSOLE_OF_LOCKS }
          baseline: { query_wait_timeout: 7 }
          change: { query_wait_timeout: 5 }
        - pool: builtin
      """
    let console = [
      "CONSOLE_OF_LOCKS": "host=\(pooler.folder) port=\(pooler.port) user=pgbouncer dbname=pgbouncer"
    ]
    let (first, url) = try project(nil, Tiny(targets: target, duration: "30s"))
    let (second, another) = try project(name, Tiny(targets: target, duration: "100ms"))
    let holder = try start(first, "tiny", until: "baseline:poll:1", variables: url.merging(console) { $1 })
    let refused = try second.poolops(["experiment", "run", "tiny"], variables: another.merging(console) { $1 })
    #expect(
      refused.status == Exit.locked.rawValue && refused.error.contains("(process \(holder.pid))")
        && refused.error.contains(pooler.folder), "\(refused)")
    holder.signal(SIGKILL)
    try holder.wait()
    #expect(try first.poolops(["experiment", "recover"], variables: url.merging(console) { $1 }).status == 0)
    let next = try second.poolops(["experiment", "run", "tiny"], variables: another.merging(console) { $1 })
    #expect(next.status == Exit.inconclusive.rawValue, "\(next)")
    try admin.execute("DROP DATABASE \(name) WITH (FORCE)", within: .seconds(30))
  }
}
