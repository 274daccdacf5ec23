import Glibc
import Model
import Postgres
import Staging
import Telemetry
import TestSupport
import Testing

@testable import Probes

/// The pool of a PgBouncer, as its console shows it.
@Suite struct PgBouncerPoolTests {
  struct Shown: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var pools: [[String: String]]
    var database: [String: String] = ["name": "shop", "pool_size": "20", "reserve_pool": "0", "max_connections": "0"]
    var told: [PoolFigure: Double]
  }

  private static func pool(_ user: String, _ database: String = "shop", _ more: [String: String] = [:]) -> [String:
    String]
  {
    let own = [
      "database": database, "user": user, "cl_active": "9", "cl_waiting": "4", "sv_active": "5", "sv_idle": "2",
      "sv_used": "1", "sv_tested": "1", "sv_login": "1", "maxwait": "2", "maxwait_us": "500000",
    ]
    return own.merging(more) { $1 }
  }

  private static let usual: [PoolFigure: Double] = [.max: 20, .inUse: 5, .idle: 3, .waiting: 4, .oldestWait: 2.5]

  static let shown = [
    Shown(testDescription: "1.18", pools: [pool("app"), pool("other"), pool("app", "else")], told: usual),
    Shown(
      testDescription: "cancelling", pools: [pool("app", "shop", ["sv_active_cancel": "2", "sv_being_canceled": "1"])],
      told: usual.merging([.inUse: 8]) { $1 }),
    Shown(
      testDescription: "no microseconds, as before 1.8", pools: [pool("app").filter { $0.key != "maxwait_us" }],
      told: usual.merging([.oldestWait: 2]) { $1 }),
    Shown(
      testDescription: "a reserve", pools: [pool("app")],
      database: ["name": "shop", "pool_size": "20", "reserve_pool_size": "5", "max_connections": "0"],
      told: usual.merging([.max: 25]) { $1 }),
    Shown(
      testDescription: "a limit of the database", pools: [pool("app")],
      database: ["name": "shop", "pool_size": "20", "reserve_pool": "5", "max_connections": "22"],
      told: usual.merging([.max: 22]) { $1 }),
    Shown(
      testDescription: "connections of another user", pools: [pool("forced"), pool("pgbouncer", "pgbouncer")],
      told: usual),
    Shown(
      testDescription: "nobody has come yet", pools: [pool("app", "else")],
      told: [.max: 20, .inUse: 0, .idle: 0, .waiting: 0, .oldestWait: 0]),
    Shown(
      testDescription: "a database made on demand", pools: [pool("app")], database: ["name": "else", "pool_size": "3"],
      told: usual.filter { $0.key != .max }),
  ]

  private func rows(_ lines: [[String: String]]) -> Rows {
    let columns = Set(lines.flatMap(\.keys)).sorted()
    return Rows(columns: columns, values: lines.map { line in columns.map { line[$0] } })
  }

  @Test(arguments: shown) func `its rows are read by the names of their columns`(shown: Shown) throws {
    let reading = try PgBouncerPool.read(rows(shown.pools), rows([shown.database]), database: "shop", user: "app")
    #expect(reading.gauges == PoolGauges(shown.told))
  }

  @Test func `a console that lacks a column is told as such`() {
    let lame = rows([Self.pool("app").filter { $0.key != "sv_idle" }])
    let fault = #expect(throws: PageFault.self) {
      try PgBouncerPool.read(lame, rows([]), database: "shop", user: "app")
    }
    #expect(fault?.description == "SHOW POOLS has no column 'sv_idle'")
  }

  @Test func `a pool under load is full and waited for; a console that is gone is told, and comes back`() throws {
    let server = try TestCluster.running().admin
    let line = ["host", "port", "dbname", "user"].map { "\($0)=\(server[$0] ?? "")" }.joined(separator: " ")
    let pooler = try TestPgBouncer(
      "pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 50", databases: "shop = \(line)")
    let app = try AppPool(PgBouncerPool(console: pooler.console, database: "shop", user: "app"))
    #expect(
      wait { app.take().contains { $0.pool.gauges[.max] == 3 && $0.pool.gauges[.inUse] == 0 } && app.fault == nil })
    let load = try TestLoad(pooler.connection(user: "app", database: "shop"), clients: 20)
    #expect(
      wait {
        app.take().contains {
          let told = $0.pool.gauges
          return told[.max] == 3 && told[.inUse] == 3 && (told[.waiting] ?? 0) > 5 && (told[.oldestWait] ?? 0) > 0
        }
      }, "\(app.fault ?? "") \(app.take()) \(pooler.log.suffix(500))")
    withExtendedLifetime(load) {}
    pooler.freeze()
    #expect(
      wait { app.fault?.contains("no answer") == true || app.fault?.contains("within") == true }, "\(app.fault ?? "")")
    pooler.thaw()
    _ = app.take()
    #expect(wait { app.fault == nil && !app.take().isEmpty })
  }

  private func wait(until holds: () -> Bool) -> Bool {
    for _ in 0..<1500 {
      if holds() { return true }
      usleep(10_000)
    }
    return false
  }
}
