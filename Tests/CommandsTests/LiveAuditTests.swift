import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

/// `poolops audit` that asks a real server and a real PgBouncer.
@Suite struct LiveAuditTests {
  private static func url(_ info: ConnectionInfo) -> String {
    let words = ["host", "port", "user", "dbname", "password"].compactMap { word in info[word].map { "\(word)=\($0)" } }
    return words.joined(separator: " ")
  }

  @Test func `slots in use stand beside the budget, and what is not in force is told`() throws {
    let cluster = try TestCluster.running()
    let folder = TemporaryFolder()
    let bouncer = try TestPgBouncer(
      "pool_mode = transaction\ndefault_pool_size = 13\nlisten_addr =",
      databases: "app = host=\(cluster.connection["host"] ?? "") port=\(cluster.port)")
    write("max_connections = 200\n", to: folder.path + "/postgresql.conf")
    write("[databases]\napp = host=db\n[pgbouncer]\ndefault_pool_size = 40\n", to: folder.path + "/pgbouncer.ini")
    let name = "audited-\(getpid())"
    let sessions = try (0..<3).map { _ in try Session(cluster.connection, applicationName: name) }
    try sessions[0].execute("BEGIN")
    let variables = ["SERVER": Self.url(cluster.admin), "BOUNCER": Self.url(bouncer.console)]
    let words = ["audit", ".", "--server", "SERVER", "--pgbouncer", "BOUNCER", "-C", folder.path]
    let text = run(words, variables: variables)
    #expect(text.status == Exit.go.rawValue || text.status == Exit.inconclusive.rawValue, "\(text)")
    for part in [
      "max_connections is 200 here, and the server runs with 100", "In use now: ", name,
      "default_pool_size is 40 here, and PgBouncer runs with 13", "live:pg_settings",
      "97 slots (100 by live:pg_settings",
    ] {
      #expect(text.output.contains(part), "\(part): \(text)")
    }
    let json = try JSONText.parse(run(words + ["--json"], variables: variables).output)
    let groups = json["live"]?["groups"]?.array ?? []
    let group = try #require(groups.first { $0["application"]?.string == name })
    guard case .number(3)? = group["sessions"], case .number(1)? = group["idle_in_transaction"] else {
      Issue.record("\(group)")
      return
    }
    let sarif = run(words + ["--format", "sarif"], variables: variables)
    #expect(throws: Never.self) { try JSONText.parse(sarif.output) }
  }

  /// `$DATABASE_URL` often leads to a pooler in transaction mode, whose sessions are those of the app.
  @Test func `an audit through a pooler leaves no statement_timeout with the app's connections`() throws {
    let cluster = try TestCluster.running()
    let user = cluster.connection["user"] ?? ""
    let bouncer = try TestPgBouncer(
      "pool_mode = transaction",
      databases:
        "app = host=\(cluster.connection["host"] ?? "") port=\(cluster.port) dbname=\(cluster.connection["dbname"] ?? "") user=\(user) pool_size=1"
    )
    let app = bouncer.connection(user: user, database: "app")
    let ending = run(["audit", "--live"], variables: ["DATABASE_URL": Self.url(app)])
    #expect(ending.output.contains("In use now: "), "\(ending)")
    #expect(try Session(app).console("SHOW statement_timeout").scalar == "0")
  }

  private static let secret = "S3CR3T-pw"

  @Test func `a server that lets nobody in is told by its reason, with 69 and without the password`() throws {
    let cluster = try TestCluster.running()
    let admin = try TestCluster.admin()
    let role = "audit_full_\(getpid())"
    try admin.execute("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 0")
    defer { try? admin.execute("DROP ROLE \(role)") }
    let bouncer = try TestPgBouncer("")
    var full = cluster.connection
    full["user"] = role
    var nobody = bouncer.console
    nobody["user"] = "nobody"
    let user = cluster.connection["user"] ?? ""
    let database = cluster.connection["dbname"] ?? ""
    let cases: [(option: String, url: String, says: String)] = [
      ("--server", "postgresql://\(user):\(Self.secret)@127.0.0.1:\(cluster.port)/\(database)", "lets nobody in"),
      ("--server", "postgresql://u:\(Self.secret)@127.0.0.1:1/d", "cannot be reached"),
      ("--server", "postgresql://u:\(Self.secret)@127.0.0.1:\(cluster.port)/\(database)", "lets nobody in"),
      ("--server", Self.url(full), "all slots of the PostgreSQL of $URL are taken"),
      ("--pgbouncer", "host=/nowhere port=1 password=\(Self.secret)", "PgBouncer of $URL cannot be reached"),
      ("--pgbouncer", Self.url(cluster.connection), "refused a question"),
    ]
    for (option, url, says) in cases {
      let ending = run(["audit", option, "URL"], variables: ["URL": url])
      #expect(ending.status == Exit.unreachable.rawValue && ending.output.isEmpty, "\(says): \(ending)")
      #expect(ending.error.contains(says) && !ending.error.contains(Self.secret), "\(says): \(ending)")
    }
    let bad = run(["audit", "--server", "URL"], variables: ["URL": "http://u:\(Self.secret)@h"])
    #expect(bad.status == Exit.usage.rawValue && !bad.error.contains(Self.secret), "\(bad)")
  }

  @Test func `--live alone asks the server of DATABASE_URL`() throws {
    let cluster = try TestCluster.running()
    let ending = run(["audit", "--live"], variables: ["DATABASE_URL": Self.url(cluster.connection)])
    #expect(ending.output.contains("In use now: ") && ending.output.contains(" of 97 slots"), "\(ending)")
    #expect(ending.status == Exit.go.rawValue, "\(ending)")
  }
}
