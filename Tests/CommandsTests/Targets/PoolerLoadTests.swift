import Glibc
import Model
import Postgres
import Staging
import Store
import TestSupport
import Testing

/// A PgBouncer whose pool is tuned, under the load that goes through it.
@Suite struct PoolerLoadTests {
  @Test func `the pool's figures are what its console tells under load`() throws {
    let project = TestProject()
    let server = try project.staging().admin
    let line = ["host", "port", "dbname", "user"].map { "\($0)=\(server[$0] ?? "")" }.joined(separator: " ")
    let pooler = try TestPgBouncer("pool_mode = transaction\nmax_client_conn = 100", databases: "shop = \(line)")
    let variables = ["CONSOLE": "host=\(pooler.folder) port=\(pooler.port) user=pgbouncer dbname=pgbouncer"]
    var tiny = Tiny(
      targets: "target: { pgbouncer: { console_env: CONSOLE, database: shop } }", baseline: "{ max_size: 2 }",
      change: "{ max_size: 20 }", duration: "2s", checks: "[ \"pool_utilisation <= 100%\" ]")
    tiny.work = """
      writes: true
        transactions:
          - { name: nap, sql: "SELECT pg_sleep(0.02)" }
      """
    project.add("pooled", tiny.text)
    let ending = try project.poolops(["experiment", "run", "pooled"], variables: variables)
    #expect(ending.status == Exit.inconclusive.rawValue && !ending.error.contains("tells nothing"), "\(ending)")
    let store = try project.results()
    let execution = try #require(try store.executions(of: "pooled").first)
    for (run, size) in zip(execution.runs, [2.0, 20]) {
      let recorded = try #require(try store.recordedRun(run))
      let told = recorded.blocks.flatMap(\.samples).filter { $0.second > 0 && $0.tellsOfPool }.map(\.values)
      #expect(!told.isEmpty && told.allSatisfy { $0[.poolMax] == size }, "\(run): \(told)")
      // Eight users: at two connections six of them wait.
      let (most, waiting) = (
        told.compactMap { $0[.poolInUse] }.max() ?? 0, told.compactMap { $0[.poolWaiting] }.max() ?? 0
      )
      #expect(size == 2 ? most == 2 && waiting > 0 : most > 2, "\(run): \(told)")
    }
    let shown = project.command("run show run-1").output
    #expect(shown.contains("Pool of PgBouncer") && shown.contains("PgBouncer's console told"), "\(shown)")
    #expect(shown.contains("SQL through PgBouncer"), "\(shown)")
  }
}
