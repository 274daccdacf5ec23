import Advice
import Configuration
import Ecosystems
import Model
import Testing

@Suite struct LandscapeTests {
  private func pool(_ files: [ConfigurationFile], _ options: AuditOptions = .init()) throws -> PoolUse {
    try #require(Audit.run(files: files, options: options).landscape.pools.first)
  }

  @Test(arguments: [
    ("# poolops: pool=psycopg2\nDB_POOL_MAX=9", "psycopg2"), ("HIKARI_MAXIMUM_POOL_SIZE=9", "hikaricp"),
    ("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE=9", "spring-hikaricp"),
    ("spring.datasource.hikari.maximum-pool-size=9", "spring-hikaricp"), ("SQLALCHEMY_POOL_SIZE=9", "sqlalchemy"),
    ("DB_POOL_SIZE=9\nDB_MAX_OVERFLOW=1", "sqlalchemy"), ("DB_MAX_OPEN_CONNS=9", "database-sql"),
    ("U=postgresql://a@h/d?connection_limit=9", "prisma"), ("U=postgres://a@h/d?pool_max_conns=9", "pgxpool"),
    ("U=postgresql+asyncpg://a@h/d\nDB_POOL_SIZE=9", "sqlalchemy"),
    ("DB_MAX_INACTIVE_CONNECTION_LIFETIME=300", "asyncpg"), ("DB_POOL_MAX=9\nDB_POOL_RECYCLE=9", ""),
    ("DATABASE_URL=postgresql://a@h/d", ""), ("DB_MAX_CONN=9\nDB_MIN_CONN=2", ""), ("DB_MAXCONN=9", "psycopg2"),
  ])
  func `the kind of pool follows from what only that pool has`(_ text: String, _ id: String) throws {
    #expect(try pool([HandBuilt.env(text)]).ecosystem?.id ?? "" == id)
  }

  @Test(
    arguments: [
      ("DB_POOL_MAX=9", "", 9), ("DB_POOL_SIZE=5\nDB_MAX_OVERFLOW=35", "", 40), ("SQLALCHEMY_POOL_SIZE=5", "", 15),
      ("SQLALCHEMY_MAX_OVERFLOW=20", "", 25), ("DB_POOL_TIMEOUT=5", "asyncpg", 10),
      ("DB_POOL_MIN=7", "psycopg-pool", 7),
      ("DB_POOL_TIMEOUT=7", "psycopg-pool", 4), ("DB_POOL_MAX=0", "node-pg", 10), ("DB_POOL_MAX=abc", "prisma-7", 10),
      ("DB_POOL_TIMEOUT=7", "prisma", nil), ("DB_POOL_TIMEOUT=7", "psycopg2", nil),
      ("DB_POOL_MAX=0", "database-sql", nil),
      ("DB_POOL_MAX=${X}", "sqlx", nil), ("DB_POOL_TIMEOUT=7", "", nil), ("SQLALCHEMY_MAX_OVERFLOW=-1", "", nil),
      ("DB_POOL_MAX=20\nDB_POOL_MAX=30", "sqlx", 30),
      ("DB_POOL_MAX=20\nU=postgresql://a@h/d?connection_limit=5", "", 5),
    ] as [(String, String, Int?)])
  func `the most connections of one pool`(_ text: String, _ pool: String, _ most: Int?) throws {
    #expect(try self.pool([HandBuilt.env(text)], .pool(pool)).maximum.count == most)
  }

  private func target(_ url: String, _ files: [ConfigurationFile]) throws -> String {
    let landscape = Audit.run(files: [HandBuilt.env("DB_POOL_MAX=9\(url)")] + files).landscape
    switch try #require(landscape.pools.first).target {
    case .pooler(let index, _): return landscape.poolers[index].name
    case .server(let index, _): return landscape.servers[index].name
    case .unknown: return "?"
    }
  }

  private static let both = [
    HandBuilt.pgBouncer("[databases]\n* = host=db\n[pgbouncer]\nlisten_port = 6432"), HandBuilt.postgres("a = 1"),
  ]

  @Test(arguments: [
    ("\nU=postgresql://a@pgbouncer.svc:6432/d", both, "pgbouncer.ini"),
    ("\nU=postgresql://a@localhost:6432/d", both, "pgbouncer.ini"),
    ("\nU=postgresql://a@db:5432/d", both, "postgresql.conf"), ("", both, "pgbouncer.ini"),
    ("", [both[1]], "postgresql.conf"), ("\nU=postgresql://a@db1.example.com/d", [], "db1.example.com"),
    ("\nDB_HOST=pgbouncer\nDB_PORT=6432", both, "pgbouncer.ini"),
    ("\nU=postgresql://a@db.example.com/d", [HandBuilt.workload(.service, "db", "")], "db.example.com"),
  ])
  func `a pool reaches the pooler or the server of its address`(
    _ url: String, _ files: [ConfigurationFile], _ name: String
  ) throws {
    #expect(try target(url, files) == name)
  }

  @Test func `settings come from env files and ConfigMaps, and the workload's own stand over them`() throws {
    var maps = ConfigurationFile(path: "map.yaml", format: .kubernetes)
    maps.configMaps = [
      ConfigMap(
        name: "db",
        settings: [
          Written("DB_POOL_MAX", "20", at: Place("map.yaml", line: 4)),
          Written("DB_POOL_MIN", "3", at: Place("map.yaml", line: 5)),
          Written("DATABASE_URL", "postgresql://app:***@pg/app", at: Place("map.yaml", line: 6)),
        ])
    ]
    let api = HandBuilt.workload(
      .deployment, "api", replicas: 2,
      sources: [.configMap("db", Place("app.yaml", line: 8)), .secret("keys", Place("app.yaml", line: 9))],
      "DB_POOL_MAX=30")
    let landscape = Audit.run(files: [api, maps]).landscape
    let pool = try #require(landscape.pools.first)
    #expect(pool.maximum.count == 30 && pool.settings[.minSize]?.count == 3 && pool.address?.hosts.first?.name == "pg")
    #expect(landscape.remarks.contains { $0.text.contains("the Secret keys, which no file shows") })
  }

  @Test func `an env file that a service takes is not counted by itself`() {
    let env = HandBuilt.env("DB_POOL_MAX=20", path: "deploy/.env")
    let web = HandBuilt.workload(
      .service, "web", replicas: 3, sources: [.file("./.env", Place("deploy/compose.yaml", line: 4))],
      path: "deploy/compose.yaml", "DB_HOST=db")
    let landscape = Audit.run(files: [env, web]).landscape
    #expect(landscape.pools.map(\.name) == ["web"] && landscape.budgets.first?.atRest == 60)
  }

  @Test func `the autoscaler says how far the replicas go`() {
    var scaler = ConfigurationFile(path: "hpa.yaml", format: .kubernetes)
    scaler.autoscalers = [
      Autoscaler(targetKind: "Deployment", targetName: "api", maximum: Counted(12, at: Place("hpa.yaml", line: 9)))
    ]
    let api = HandBuilt.workload(.deployment, "api", replicas: 2, processes: 2, "DB_POOL_MAX=5")
    let line = Audit.run(files: [api, scaler]).budgets.first?.lines.first
    #expect(line?.sum == "5 x 2 processes x 12 replicas = 120" && line?.surge == 30)
  }

  @Test func `what is not given is said`() {
    let result = Audit.run(files: [HandBuilt.env("DB_POOL_MAX=5\nDB_POOL_TIMEOUT=5")])
    let said = result.budgets.flatMap(\.assumptions) + result.landscape.remarks.map(\.text)
    for part in [
      "replicas of .env are not given: counted once", "processes in one copy", "which pool it is, is not known",
      "the unit of DB_POOL_TIMEOUT=5 is not known",
    ] {
      #expect(said.contains { $0.contains(part) }, "\(part)")
    }
  }
}
