import Advice
import Configuration
import Testing

@Suite struct SlotBudgetTests {
  private func budget(_ files: [ConfigurationFile], _ options: AuditOptions = .init()) throws -> SlotBudget {
    try #require(Audit.run(files: files, options: options).budgets.first)
  }

  private func api(_ size: Int, replicas: Int, percent: Int) -> ConfigurationFile {
    HandBuilt.workload(
      .deployment, "api", replicas: replicas, surge: .percent(Counted(percent, at: Place("app.yaml", line: 9))),
      "DB_POOL_MAX=\(size)")
  }

  private static let hundred = HandBuilt.postgres("max_connections = 100\nsuperuser_reserved_connections = 10")

  @Test(arguments: [
    (50, 1, 0, "fits"), (10, 8, 0, "tight"), (30, 2, 100, "breaksDuringDeploy"), (30, 4, 0, "exceeded"),
    (10, 7, 25, "fits"),
  ])
  func `the verdict of one application`(_ size: Int, _ replicas: Int, _ percent: Int, _ verdict: String) throws {
    #expect("\(try budget([api(size, replicas: replicas, percent: percent), Self.hundred]).verdict)" == verdict)
  }

  @Test func `50 of 90 is 56 percent`() throws {
    let budget = try budget([api(50, replicas: 1, percent: 0), Self.hundred])
    #expect(budget.usable == 90 && budget.atRest == 50 && Int(((budget.share ?? 0) * 100).rounded()) == 56)
  }

  /// Counted one by one, against the arithmetic.
  @Test(arguments: [(10, 25), (30, 0), (7, 100), (1, 50), (90, 25), (91, 25)])
  func `the first number of copies that breaks it`(_ size: Int, _ percent: Int) throws {
    let found = try #require(try budget([api(size, replicas: 1, percent: percent), Self.hundred]).breaks.first)
    let atRest = try #require((1...200).first { $0 * size > 90 })
    let deploy = try #require((1...200).first { ($0 + ($0 * percent + 99) / 100) * size > 90 })
    #expect(found.atRest == atRest && found.duringDeploy == deploy)
  }

  @Test func `a pool of unknown size leaves the verdict open`() throws {
    let budget = try budget([HandBuilt.env("DB_POOL_TIMEOUT=5"), Self.hundred])
    #expect(!budget.isComplete && budget.atRest == 0)
    guard case .unknown = budget.verdict else { return #expect(Bool(false), "\(budget.verdict)") }
  }

  @Test func `jobs and others take slots, and jobs have no surge`() throws {
    let job = HandBuilt.workload(.cronJob, "nightly", path: "job.yaml", "DB_POOL_MAX=4")
    let budget = try budget(
      [api(10, replicas: 2, percent: 50), job, Self.hundred], .with { $0.others = [.init("exporter", slots: 3)] })
    #expect(budget.atRest == 27 && budget.duringAllDeploys == 37 && budget.duringOneDeploy == 37)
    #expect(budget.lines.map(\.who) == ["api", "nightly", "exporter"])
  }

  @Test(
    arguments: [
      ("app = host=db", "default_pool_size = 40\nreserve_pool_size = 15", 55),
      ("app = host=db pool_size=10\nweb = host=db user=w", "default_pool_size = 40", 50),
      ("app = host=db", "default_pool_size = 40\nmax_db_connections = 25", 25),
      ("* = host=db", "", 20), ("app = host=db reserve_pool=5", "", 25),
      ("app = host=db", "default_pool_size = 0", nil),
    ] as [(String, String, Int?)])
  func `a pooler may open its pools, their reserves, and no more than its caps`(
    _ databases: String, _ settings: String, _ slots: Int?
  ) throws {
    let bouncer = HandBuilt.pgBouncer("[databases]\n\(databases)\n[pgbouncer]\n\(settings)")
    let files = [HandBuilt.env("DB_POOL_MAX=5\nDATABASE_URL=postgresql://u@pgbouncer:6432/app"), bouncer, Self.hundred]
    #expect(try budget(files).lines.first { $0.kind == .pooler }?.slots == slots)
  }

  @Test func `every user of a database has a pool of its own`() throws {
    let files = [
      HandBuilt.env(
        "DB_POOL_MAX=5\nA=postgresql://u@pgbouncer:6432/app\nREAD_DATABASE_URL=postgresql://r@pgbouncer:6432/app"),
      HandBuilt.pgBouncer("[databases]\napp = host=db\n[pgbouncer]\ndefault_pool_size = 40"), Self.hundred,
    ]
    #expect(try budget(files).lines.first { $0.kind == .pooler }?.slots == 80)
  }

  @Test func `both sides of a pooler have a budget`() {
    let files = [
      HandBuilt.env("DB_POOL_MAX=5\nDATABASE_URL=postgresql://u@pgbouncer:6432/app"),
      HandBuilt.pgBouncer("[databases]\napp = host=db\n[pgbouncer]\nmax_client_conn = 50"), Self.hundred,
    ]
    #expect(Audit.run(files: files).budgets.map(\.usable) == [90, 50])
  }

  @Test func `a thousand files are one landscape in less than a second`() {
    let files = (0..<1000).map { number in
      HandBuilt.env(
        "DB_POOL_MAX=5\nDB_POOL_TIMEOUT_SECS=5\nLOG_LEVEL=info\nDATABASE_URL=postgresql://u\(number)@db/app",
        path: "\(number).env")
    }
    let clock = ContinuousClock()
    let took = clock.measure { _ = Audit.run(files: files + [Self.hundred]) }
    #expect(took < .seconds(5), "\(took)")
  }
}
