import Glibc
import Model
import Monitor
import Postgres
import Staging
import Store
import TestSupport
import Testing

/// The whole way with nothing faked: 100 users over HTTP, the asyncpg app of the examples with its pool, its env file, and PostgreSQL.
@Suite(.serialized) struct RealAppTests {
  @Test func `a pool is taken from 5 to 40 in its env file, measured, and put back`() throws {
    let trial = try Trial(.good, "up", Self.comparison(rehearse: true))
    let env = trial.app.env
    let ending = try trial.run()
    // A single pair never decides.
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(!ending.error.contains("the app tells nothing"), "\(ending.error)")
    #expect(try trial.app.env == env && trial.effective() == 5)
    trial.expectNoSecret(ending)

    let store = try trial.project.results()
    let execution = try #require(try store.executions(of: "shop").first)
    let notes = execution.stages.filter { $0.outcome == .passed }.map { "\($0.stage.rawValue): \($0.note)" }
    let wanted = [
      "rehearse: \(trial.app.envFile) changed, put back, and read back",
      "verify: baseline settings are in force: DB_CONNECTION_LIMIT 5, DB_POOL_TIMEOUT 30",
      "verify: retest settings are in force: DB_CONNECTION_LIMIT 40, DB_POOL_TIMEOUT 30",
      "confirm: \(trial.app.envFile) holds what it held before, in force: DB_CONNECTION_LIMIT 5, DB_POOL_TIMEOUT 30",
    ]
    #expect(wanted.allSatisfy(notes.contains), "\(notes)")
    #expect(try store.openChanges() == [])
    // What its pool endpoint told under load, beside what it was given.
    for (run, size) in zip(execution.runs, [5, 40]) {
      let recorded = try #require(try store.recordedRun(run))
      #expect(recorded.blocks.map(\.block.effective?.maxSize) == [size])
      let told = recorded.blocks.flatMap(\.samples).filter { $0.second > 0 && $0.tellsOfPool }.map(\.values)
      #expect(!told.isEmpty && told.allSatisfy { $0[.poolMax] == Double(size) }, "\(run): \(told)")
      let most = told.compactMap { $0[.poolInUse] }.max() ?? 0
      #expect(size == 5 ? most == 5 : most > 5, "\(run): at most \(most) in use of \(size)")
    }
  }

  /// One connection of 20 ms serves 50 requests a second. The app tells how many wait, and not for how long. Its pool lets a
  /// request overtake another, so all that is known is since when somebody waits.
  @Test func `an app's pool is driven into exhaustion, and the alert on an inferred age leads its first 503`() throws {
    let trial = try Trial(.good, "ramp", Self.ramp)
    let env = trial.app.env
    let ending = try trial.run()
    #expect(try trial.app.env == env && trial.effective() == 5)
    trial.expectNoSecret(ending)
    let store = try trial.project.results()
    let execution = try #require(try store.executions(of: "shop", kind: .exhaustion).first, "\(ending)")
    let run = try #require(execution.runs.first)
    let times = try #require(try store.leadTimes(of: run))
    #expect(times.age == .inferred && times.failure?.error == .status(503), "\(times)")
    #expect(times.timeouts.map { $0 > 0 } == true && times.isForetold, "the app counted it: \(times)")
    let (lead, gap) = (try #require(times.lead(of: .alert)), try #require(times.longestGap))
    #expect(lead >= 0.5 - gap, "\(times)")
    print(
      "an app's pool, age inferred: the alert leads by \(LeadTimes.text(lead)), looked at up to \(LeadTimes.text(gap)) apart"
    )
    // A machine that is too busy to look at the pool in time proves nothing, and says so.
    let expected: Exit = times.keepsGuarantee == true ? .go : .inconclusive
    #expect(ending.status == expected.rawValue && (expected == .go || gap > 0.1), "\(ending)")
  }

  private static let ramp = ShopExperiment(
    title: "The shop into exhaustion", hypothesis: "The alert fires before a request is turned away.",
    values: "baseline: { max_size: 1, acquire_timeout: 1s }",
    load: """
      shape: { ramping_arrival_rate: { start_rate: 20, stages: [ { rate: 120, duration: 4s }, { rate: 120, duration: 30s } ] } }
      """,
    more: "early_warning: {}")

  private static func comparison(rehearse: Bool) -> ShopExperiment {
    ShopExperiment(
      title: "The shop at 100 users, pool 5 to 40", hypothesis: "At 100 users five connections queue, and 40 do not.",
      values: "baseline: { max_size: 5, acquire_timeout: 30s }\nchange: { max_size: 40 }",
      load: """
        shape: { constant: { users: 100, warm_up: 500ms, duration: 2s } }
          think_time: { exponential: 100ms }
        """,
      more: "pairs: { count: 1, seed: 1 }\nchecks: [ \"p(95) < 10s\" ]\nrehearse: \(rehearse)")
  }

  struct Misdeed: Sendable, CustomTestStringConvertible {
    var manner: TestApp.Manner
    var rehearse = false
    /// The stage that finds it.
    var stage: Stage
    var testDescription: String { "\(manner)\(rehearse ? ", in the rehearsal" : "")" }
    var name: String { "real-app-\(manner)\(rehearse ? "-rehearsed" : "").txt" }
  }

  @Test(arguments: [
    Misdeed(manner: .exits, rehearse: true, stage: .rehearse), Misdeed(manner: .exits, stage: .apply),
    Misdeed(manner: .hangs, stage: .apply), Misdeed(manner: .silent, stage: .verify),
  ]) func `an app that does not take the new value is found out, put back and named`(misdeed: Misdeed) throws {
    let trial = try Trial(
      misdeed.manner, "\(misdeed.manner)_\(misdeed.rehearse)", Self.comparison(rehearse: misdeed.rehearse))
    let env = trial.app.env
    let ending = try trial.run()
    #expect(ending.status == Exit.rolledBack.rawValue, "\(ending)")
    #expect(try trial.app.env == env && trial.effective() == 5)
    trial.expectNoSecret(ending)
    let store = try trial.project.results()
    let execution = try #require(try store.executions(of: "shop").first)
    #expect(execution.stages.first { $0.outcome == .failed }?.stage == misdeed.stage)
    #expect(execution.stages.last?.stage == .confirm && execution.stages.last?.outcome == .passed)
    #expect(try store.openChanges() == [])
    // Without a rehearsal the load of 100 users has been on before.
    let measured = try execution.runs.first.flatMap { try store.recordedRun($0) }?.blocks.filter {
      $0.block.status == .finished
    }
    #expect(measured?.count == (misdeed.rehearse ? nil : 1))
    // What a person has before him at the end.
    let lines = ending.error.split(separator: "\n", omittingEmptySubsequences: false)
    let failed = try #require(lines.firstIndex { $0.contains(" failed: ") })
    expectSnapshot(trial.neutral(ending.output + "---\n" + lines[failed...].joined(separator: "\n")), misdeed.name)
  }
}

/// What the experiments on the app differ in.
private struct ShopExperiment {
  var title: String
  var hypothesis: String
  var values: String
  var load: String
  var more: String

  func text(_ app: TestApp) -> String {
    """
    version: 1
    title: \(title)
    hypothesis: \(hypothesis)
    staging: { url_env: STAGING_OF_APP }
    target:
      app:
        env_file: \(app.envFile)
        variables: { max_size: DB_CONNECTION_LIMIT, acquire_timeout: DB_POOL_TIMEOUT }
        restart: [\(app.folder)/service.sh, restart]
        health: { url: "\(app.url("/healthz"))", timeout: 5s }
        read_back: { url: "\(app.url("/pool"))", json: { max_size: pool.max, acquire_timeout: pool.acquire_timeout } }
    \(values)
    load:
      \(load)
      http: { url: "\(app.url(""))" }
      transactions:
        - { name: report, request: GET /report }
    gauges:
      url: "\(app.url("/pool"))"
      places: { max: pool.max, total: pool.size, idle: pool.idle, waiting: pool.waiting, timeouts: pool.timeouts }
    \(more)

    """
  }
}

/// The app on a database of its own, and an experiment on it.
private struct Trial {
  let project = TestProject()
  let app: TestApp
  private let variables: [String: String]

  init(_ manner: TestApp.Manner, _ name: String, _ experiment: ShopExperiment) throws {
    let database = "shop_\(name)_\(getpid())"
    let admin = try TestCluster.admin()
    try admin.execute("CREATE DATABASE \(database)", within: .seconds(30))
    try admin.execute(StagingMark.statement(database: database, name: "staging"))
    var connection = try TestCluster.running().admin
    connection["dbname"] = database
    variables = ["STAGING_OF_APP": connection.parameters.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")]
    app = try TestApp(manner, database: connection)
    project.add("shop", experiment.text(app))
  }

  func run() throws -> Program.Ending { try project.poolops(["experiment", "run", "shop"], variables: variables) }

  /// The maximum that the pool itself tells.
  func effective() throws -> Int? {
    let body = try TestFetcher().get(app.url("/pool"), within: .seconds(2)).body
    return TestFetcher().value(at: .json("pool.max"), in: body).flatMap { Int($0) }
  }

  func expectNoSecret(_ ending: Program.Ending) {
    for text in [ending.output, ending.error, CommandsTests.text(of: project.database)] {
      #expect(text?.contains(TestApp.secret) == false)
    }
  }

  /// Without the names that are made anew each time, which are of one length.
  func neutral(_ text: String) -> String {
    text.replacing(app.folder, with: "/srv/staging/example-app").replacing(":\(app.port)/", with: ":18080/")
  }
}
