import Configuration
import Glibc
import Postgres
import Probes
import Staging
import TestSupport
import Testing

struct LiveConfigurationTests {
  private static func value(_ settings: [Written], _ name: String) -> String? {
    settings.last { $0.name == name }?.text
  }

  @Test func `a server says its slots, its version and the limits of roles and databases`() throws {
    let admin = try TestCluster.admin()
    let role = "limited_\(getpid())"
    for what in ["ROLE \(role) LOGIN CONNECTION LIMIT 7", "DATABASE \(role) CONNECTION LIMIT 9"] {
      try admin.execute("CREATE \(what)")
    }
    defer { for what in ["DATABASE", "ROLE"] { try? admin.execute("DROP \(what) \(role)") } }
    let server = try LiveConfiguration.server(admin, name: "SERVER_URL")
    #expect(Self.value(server.settings, "max_connections") == "100")
    #expect(Self.value(server.settings, "superuser_reserved_connections") == "3")
    #expect(server.version == "\(admin.serverVersion / 10_000)")
    #expect(server.limits.contains(.init(.role, role, Counted(7, at: Place("live:pg_roles", line: 0)))))
    #expect(server.limits.contains(.init(.database, role, Counted(9, at: Place("live:pg_database", line: 0)))))
    #expect("\(server.place)" == "live:pg_settings")
  }

  @Test func `sessions are counted by user, database and application, without the one that asks`() throws {
    let cluster = try TestCluster.running()
    let name = "live-\(getpid())"
    let sessions = try (0..<3).map { _ in try Session(cluster.connection, applicationName: name) }
    try sessions[0].execute("BEGIN")
    for info in [cluster.admin, cluster.connection] {
      let live = try LiveConfiguration.slots(Session(info, applicationName: name))
      let group = try #require(live.groups.first { $0.application == name })
      #expect(group.sessions == 3 && group.idleInTransaction == 1 && group.active == 0)
      #expect(group.user == cluster.connection["user"] && group.database == cluster.connection["dbname"])
      #expect(live.sessions >= 3)
    }
  }

  @Test func `PgBouncer says what it works with, which after a bad RELOAD is not what its file says`() throws {
    let cluster = try TestCluster.running()
    let host = try #require(cluster.connection["host"])
    let user = try #require(cluster.connection["user"])
    let database = try #require(cluster.connection["dbname"])
    let bouncer = try TestPgBouncer(
      "pool_mode = transaction\ndefault_pool_size = 13\nmax_client_conn = 77\n[users]\nbob = max_user_connections=4",
      databases: """
        app = host=\(host) port=\(cluster.port) dbname=\(database) user=\(user) pool_size=2
        plain = host=/nowhere
        """)
    let console = try Session(bouncer.console)
    let pooler = try LiveConfiguration.pooler(console, name: "PGBOUNCER_URL")
    #expect(pooler.software == .pgBouncer && "\(pooler.place)" == "live:SHOW CONFIG")
    #expect(Self.value(pooler.settings, "default_pool_size") == "13")
    #expect(Self.value(pooler.settings, "max_client_conn") == "77")
    #expect(pooler.databases.map(\.name) == ["app", "plain"])
    #expect(Self.value(pooler.databases[0].settings, "pool_size") == "2")
    #expect(Self.value(pooler.databases[1].settings, "pool_size") == "13", "its own default is put in")
    #expect(Self.value(pooler.databases[0].settings, "dbname") == database)

    let clients = try (0..<3).map { _ in try Session(bouncer.connection(user: user, database: "app")) }
    try clients[0].execute("BEGIN; SELECT 1")
    let pools = try LiveConfiguration.pools(console)
    let pool = try #require(pools.first { $0.database == "app" })
    #expect(pool.clientsActive + pool.clientsWaiting >= 1 && pool.servers >= 1 && pool.servers <= 2)
    #expect(!pools.contains { $0.database == "pgbouncer" })

    let text = "[databases]\n[pgbouncer]\nreserve_pool_size = banana\ndefault_pool_size = 40\n"
    try bouncer.rewrite("pgbouncer.ini", text)
    _ = try console.console("RELOAD")
    let after = try LiveConfiguration.pooler(console, name: "PGBOUNCER_URL")
    #expect(
      Self.value(after.settings, "default_pool_size") == "20", "compiled in: neither the old value nor the file's")
  }
}
