import Model
import TestSupport
import Testing

@testable import ExperimentFile

@Suite struct TargetSectionTests {
  private static func file(
    _ target: String, baseline: String = "{ max_size: 20 }", change: String = "{ max_size: 40 }"
  ) -> String {
    """
    version: 1
    title: t
    hypothesis: h
    baseline: \(baseline)
    change: \(change)
    load: {shape: {constant: {users: 1, duration: 1s}}, transactions: [{name: a, sql: SELECT 1}]}
    checks: [errors == 0]
    \(target)

    """
  }

  @Test func `every word of every target means what it says`() throws {
    let experiment = try ExperimentFile.read(path: FixtureTests.folder + "/targets.good.yaml").get().experiment
    let app = AppTargetSpec(
      envFile: "deploy/shop.env", ecosystem: "sqlalchemy",
      variables: [
        .maxSize: AppVariable(name: "POOL_SIZE", addend: "MAX_OVERFLOW"),
        .acquireTimeout: AppVariable(name: "POOL_TIMEOUT_MS", unit: .milliseconds),
        .maxLifetime: AppVariable(name: "POOL_RECYCLE"),
      ],
      takesEffect: AppActivation(.restart, ["./service.sh", "restart"], timeout: .seconds(20)),
      health: HealthSpec(url: .environment("HEALTH_URL"), timeout: .seconds(5), status: 204),
      readBack: .endpoint(
        url: .text("http://127.0.0.1:8080/metrics"),
        places: [.maxSize: .metric("pool_max{pool=\"main\"}"), .acquireTimeout: .metric("pool_timeout")]))
    #expect(
      experiment.targets == [
        ExperimentTarget(
          .pgBouncer(
            PgBouncerTargetSpec(
              consoleVariable: "CONSOLE_URL", database: "shop", method: .file, ini: "deploy/pgbouncer.ini")),
          own: OwnValues(
            baseline: ["max_client_conn": "100", "pool_mode": "session"], change: ["max_client_conn": "400"])),
        ExperimentTarget(.app(app)),
        ExperimentTarget(
          .postgreSQL(
            PostgreSQLTargetSpec(urlVariable: "ADMIN_URL", restart: ["systemctl", "restart", "postgresql"])),
          own: OwnValues(baseline: ["work_mem": "4MB"], change: ["work_mem": "16MB"])),
        ExperimentTarget(
          .postgreSQL(PostgreSQLTargetSpec()),
          own: OwnValues(
            baseline: ["log_min_duration_statement": "-1"], change: ["log_min_duration_statement": "0"])),
        ExperimentTarget(
          .command(
            CommandTargetSpec(
              apply: ["./flags", "set"], readBack: ["./flags", "get"], revert: ["./flags", "set"], timeout: .seconds(5))
          ),
          own: OwnValues(baseline: ["new_router": "off"], change: ["new_router": "on"])),
      ])
    #expect(experiment.target == .app(app))
    #expect(experiment.targets[0].own?.values(of: .retest) == ["max_client_conn": "400", "pool_mode": "session"])
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var message: String
    init(_ message: String, _ text: String) {
      (self.text, self.message, testDescription) = (text, message, message)
    }
  }

  private static let app = "env_file: e, restart: [r], read_back: { url: 'http://h/', json: a }"

  static let refused = [
    Refused(
      "8:10: an experiment has 'target' or 'targets', not both",
      file("targets: []\ntarget: { pool: builtin }")),
    Refused("8:10: no target is the pool", file("targets: []")),
    Refused(
      "10:5: the target on line 9 is the pool already; give this one its own baseline and change",
      file("targets:\n  - pool: builtin\n  - pgbouncer: { console_env: C }")),
    Refused(
      "8:21: 'postgres' is no pool", file("target: { postgres: { url_env: A } }")),
    Refused(
      "4:30: acquire_timeout 340ms cannot be given to the target: the app has no variable for acquire_timeout; name it in variables",
      file("target: { app: { \(app), variables: { max_size: M } } }", baseline: "{ acquire_timeout: 340ms }")),
    Refused(
      "5:41: acquire_timeout 340ms cannot be given to the target: pool_timeout counts whole seconds",
      file(
        "target: { app: { \(app), url_variable: DATABASE_URL } }", change: "{ max_size: 4, acquire_timeout: 340ms }")),
    Refused(
      "5:25: max_lifetime 30m cannot be given to the target: asyncpg (from 0.32) has no setting for max_lifetime",
      file("target: { app: { \(app), ecosystem: asyncpg } }", change: "{ max_lifetime: 10m }")),
    Refused(
      "4:23: max_size 20 cannot be given to the target: HikariCP in Spring Boot calls max_size 'spring.datasource.hikari.maximum-pool-size', which is no name of a variable",
      file("target: { app: { \(app), ecosystem: spring-hikaricp } }")),
    Refused(
      "max_waiting unlimited cannot be given",
      file("target: { app: { \(app), variables: { max_size: A, max_waiting: W } } }", change: "{ max_waiting: 5 }")),
    Refused(
      "8:16: the app needs variables, ecosystem or url_variable", file("target: { app: { \(app) } }")),
    Refused("is no value of ecosystem; write one of asyncpg", file("target: { app: { \(app), ecosystem: asyncgp } }")),
    Refused("did you mean 'asyncpg'?", file("target: { app: { \(app), ecosystem: asyncgp } }")),
    Refused(
      "8:12: 'ap' is no key of a target; did you mean 'app'?",
      file("target: { 'ap': {} }".replacing("'ap'", with: " ap"))),
    Refused(
      "the change leaves every setting as it is in the baseline",
      file("target: { pool: builtin }", change: "{ max_size: 20 }")),
  ]

  @Test(arguments: refused) func `what cannot be carried out is refused where it stands`(refused: Refused) {
    let faults = #expect(throws: ExperimentFaults.self) {
      try ExperimentFile.parse(text: refused.text, path: "x.yaml").get()
    }
    #expect(faults?.description.contains(refused.message) == true, "\(faults as Any)")
  }

  @Test func `a pool may stay as it is where another target changes`() throws {
    let text = Self.file(
      "targets:\n  - pool: builtin\n  - postgres:\n    baseline: { work_mem: 4MB }\n    change: { work_mem: 8MB }",
      change: "{}")
    let experiment = try ExperimentFile.parse(text: text, path: "x.yaml").get()
    #expect(experiment.settings(of: .retest) == experiment.settings(of: .baseline) && experiment.targets.count == 2)
  }

  @Test func `what is production is read, and a list that protects nothing is refused`() throws {
    let text = "version: 1\nhosts: [db.example, '10.0.0.5:6432']\ndatabases: [shop]\nsystem_identifiers: [7301]\n"
    let list = try ProductionFile.parse(text: text, path: "production.yaml").get()
    #expect(
      list
        == ProductionList(hosts: ["db.example", "10.0.0.5:6432"], databases: ["shop"], systemIdentifiers: ["7301"]))
    for (text, message) in [
      ("version: 1\n", "names nothing"), ("version: 1\nhost: [a]\n", "did you mean 'hosts'?"),
      ("", "the file is empty"),
      ("version: 1\nhosts: ['postgres://u:hunter2@h/d']\n", "2:9: this is no name in hosts"),
      ("version: 1\nsystem_identifiers: [x]\n", "'x' is no value of system_identifiers"),
      ("version: 1\nhosts: db\n", "hosts takes a list"),
    ] {
      let faults = #expect(throws: ExperimentFaults.self) { try ProductionFile.parse(text: text, path: "p").get() }
      #expect(faults?.description.contains(message) == true && faults?.description.contains("hunter2") == false)
    }
  }
}
