import Glibc
import Model
import Postgres
import System
import TestSupport
import Testing

@testable import Staging

/// The example app with its real pool, and the same app misbehaving.
@Suite(.serialized) struct AppTargetTests {
  static let values = values(5, 40)

  static func values(_ before: Int, _ after: Int) -> PoolValues {
    var (baseline, change) = (PoolSettings(), PoolSettings())
    (baseline.maxSize, change.maxSize) = (before, after)
    change.acquireTimeout = .milliseconds(300)
    return PoolValues(keys: [.maxSize, .acquireTimeout], baseline: baseline, change: change)
  }

  static func spec(_ app: TestApp, _ readBack: AppReadBack? = nil, timeout: Duration = .seconds(20)) -> AppTargetSpec {
    AppTargetSpec(
      envFile: app.envFile,
      variables: [
        .maxSize: AppVariable(name: "DB_CONNECTION_LIMIT"), .acquireTimeout: AppVariable(name: "DB_POOL_TIMEOUT"),
      ],
      takesEffect: AppActivation(.restart, ["\(app.folder)/service.sh", "restart"], timeout: .seconds(30)),
      health: HealthSpec(url: .text(app.url("/healthz")), timeout: timeout),
      readBack: readBack
        ?? .endpoint(
          url: .text(app.url("/pool")),
          places: [.maxSize: .json("pool.max"), .acquireTimeout: .json("pool.acquire_timeout")]))
  }

  static func surroundings(_ app: TestApp) throws -> TargetSurroundings {
    let admin = try TestCluster.running().admin
    return TargetSurroundings(
      root: app.folder, variables: ["PATH": "/usr/bin:/bin"], fetch: TestFetcher(),
      staging: { () throws(StagingError) in admin })
  }

  static func target(_ app: TestApp, timeout: Duration = .seconds(20)) throws -> AppTarget {
    try AppTarget(spec(app, timeout: timeout), values, demand: 100, in: surroundings(app))
  }

  @Test func `every act, once and again, with an app that does what it is told`() throws {
    let app = try TestApp()
    let target = try Self.target(app)
    try target.preflight()
    let env = app.env
    let before = try target.snapshot()
    #expect(before == "DB_CONNECTION_LIMIT=5\nDB_POOL_TIMEOUT=30")
    let planned = try target.planned(.retest, over: before)
    for _ in 1...2 {
      try target.apply(.retest)
      #expect(try target.snapshot() == planned)
      let read = try target.verify(.retest, within: .seconds(5))
      #expect(read.differences.isEmpty && read.settings?.maxSize == 40)
      #expect(read.settings?.acquireTimeout == .milliseconds(300))
    }
    #expect(app.env == env.replacing("\"5\"", with: "\"40\"").replacing("TIMEOUT=30", with: "TIMEOUT=0.3"))
    #expect(FileSystem.status(of: app.envFile)?.st_mode == 0o100640)
    for _ in 1...2 {
      try target.revert(to: before)
      #expect(try target.confirm(before, within: .seconds(5)).differences.isEmpty)
      #expect(app.env == env)
    }
    #expect(target.takeNotes().count == 4)
  }

  struct Misdeed: Sendable, CustomTestStringConvertible {
    var manner: TestApp.Manner
    var code: StagingError.Code
    var found: String
    var testDescription: String { manner.rawValue }
  }

  static let misdeeds = [
    Misdeed(
      manner: .exits, code: .appDown,
      found: "did not come up with DB_CONNECTION_LIMIT=40 DB_POOL_TIMEOUT=0.3: no connection to http"),
    Misdeed(
      manner: .hangs, code: .appHangs, found: "came up with DB_CONNECTION_LIMIT=40 DB_POOL_TIMEOUT=0.3 and hangs: http"),
    Misdeed(manner: .unwell, code: .appDown, found: "status 503 for 3s, and 200 is wanted"),
    Misdeed(manner: .silent, code: .notInForce, found: "DB_CONNECTION_LIMIT is 10"),
  ]

  @Test(arguments: misdeeds) func `an app that misbehaves is told from one that works, and can be put back`(
    misdeed: Misdeed
  ) throws {
    let app = try TestApp(misdeed.manner)
    let target = try Self.target(app, timeout: .seconds(3))
    let env = app.env
    let before = try target.snapshot()
    let error = #expect(throws: StagingError.self) {
      try target.apply(.retest)
      if let fault = try target.verify(.retest, within: .seconds(1)).fault(at: target.locator) { throw fault }
    }
    #expect(error?.code == misdeed.code && error?.description.contains(misdeed.found) == true, "\(error as Any)")
    try target.revert(to: before)
    #expect(try target.confirm(before, within: .seconds(5)).differences.isEmpty)
    #expect(app.env == env)
  }

  @Test func `a file that went back without its app is not taken for put back`() throws {
    let app = try TestApp()
    let target = try Self.target(app)
    let (env, before) = (app.env, try target.snapshot())
    try target.apply(.retest)
    // As after a kill between the file and the restart.
    try FileSystem.replace(app.envFile, with: Array(env.utf8))
    #expect(try target.snapshot() == before)
    let found = try target.confirm(before, within: .zero)
    #expect(found.differences.map(\.name).sorted() == ["DB_CONNECTION_LIMIT", "DB_POOL_TIMEOUT"])
    let later = try Self.target(app)
    try later.revert(to: before)
    #expect(try later.confirm(before, within: .seconds(5)).differences.isEmpty)
  }

  struct Unready: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: StagingError.Code
    var words = ""
    var change: @Sendable (inout AppTargetSpec, TestApp) throws -> Void
  }

  static let unready = [
    Unready(testDescription: "the app is down", code: .appDown, words: "the app is down: no connection to http") {
      _, app in try app.run("stop")
    },
    Unready(testDescription: "the answer has no such place", code: .unreadable, words: "has no max_size at 'pool.most'")
    { spec, app in
      spec.readBack = .endpoint(url: .text(app.url("/pool")), places: [.maxSize: .json("pool.most")])
    },
    Unready(
      testDescription: "no such program", code: .missingProgram,
      words: "'./no-such-program' cannot be started: there is no such program"
    ) { spec, _ in
      spec.takesEffect.command = ["./no-such-program"]
    },
    Unready(testDescription: "no such file", code: .badValue, words: "app.envx: the env file is not there") { spec, _ in
      spec.envFile += "x"
    },
    Unready(testDescription: "a setting without a variable", code: .inexpressible) { spec, _ in
      spec.variables[.acquireTimeout] = nil
    },
    Unready(testDescription: "a URL in a variable that is not set", code: .appDown) { spec, _ in
      spec.health?.url = .environment("UNSET")
    },
  ]

  @Test(arguments: unready) func `what would fail half-way is found before anything is changed`(unready: Unready) throws
  {
    let app = try TestApp()
    let env = app.env
    var spec = Self.spec(app, timeout: .seconds(2))
    try unready.change(&spec, app)
    let error = #expect(throws: StagingError.self) {
      try AppTarget(spec, Self.values, demand: nil, in: Self.surroundings(app)).preflight()
    }
    #expect(error?.code == unready.code && app.env == env, "\(error as Any)")
    #expect(
      error?.description.contains(unready.words) == true && error?.hint?.contains("apt-get") != true, "\(error as Any)")
  }

  @Test func `an app whose env file leads to production is refused`() throws {
    let app = try TestApp(more: "REPLICA_URL=postgresql://u@db.example:6432/shop")
    for list in [ProductionList(hosts: ["db.example"]), ProductionList(databases: ["shop"])] {
      var surroundings = try Self.surroundings(app)
      surroundings.production = list
      let error = #expect(throws: StagingError.self) {
        try AppTarget(Self.spec(app), Self.values, demand: nil, in: surroundings).preflight()
      }
      #expect(error?.code == .production)
    }
  }

  @Test func `what somebody else writes stays, and is seen`() throws {
    let app = try TestApp()
    let target = try Self.target(app)
    let before = try target.snapshot()
    try target.apply(.retest)
    let foreign = app.env.replacing("\"40\"", with: "\"33\"") + "\nOTHER=x\n"
    try FileSystem.replace(app.envFile, with: Array(foreign.utf8))
    let found = try target.verify(.retest, within: .zero)
    #expect(found.differences.map(\.found) == ["33"])
    #expect(try target.snapshot() != (try target.planned(.retest, over: before)))
    try target.revert(to: before)
    #expect(app.env.hasSuffix("OTHER=x\n"))
    #expect(try target.confirm(before, within: .seconds(5)).differences.isEmpty)
  }

  @Test func `where the app tells nothing, the server counts its backends under load`() throws {
    let app = try TestApp(limit: 5, more: "DB_POOL_MIN=3")
    let surroundings = try Self.surroundings(app)
    let spec = Self.spec(app, .backends(applicationName: "shop"))
    let target = try AppTarget(spec, Self.values, demand: 100, in: surroundings)
    try target.apply(.baseline)
    let idle = try target.verify(.baseline, within: .zero)
    #expect(idle.differences.isEmpty && idle.values.first?.found == "3")
    // Sessions of that name beyond the maximum: another copy of the app.
    let info = try TestCluster.running().connection
    let extra = try (0..<4).map { _ in try Session(info, applicationName: "shop") }
    let crowded = try target.verify(.baseline, within: .zero)
    #expect(crowded.differences.map(\.found) == ["7"])
    withExtendedLifetime(extra) {}
  }

  @Test func `a plateau of busy backends below the wanted number is a limit, but not when nobody asks for more`() {
    var seen = SeenBackends()
    for _ in 1...9 { seen.add(open: 10, busy: 10) }
    #expect(!seen.isLimit)
    seen.add(open: 10, busy: 10)
    #expect(seen.isLimit && seen.most == 10)
    seen.add(open: 11, busy: 11)
    #expect(!seen.isLimit && seen.most == 11)
    for _ in 1...20 { seen.add(open: 11, busy: 7) }
    #expect(!seen.isLimit)
  }

  @Test(arguments: [
    ("postgresql://u:p%3Fx@h/d", "postgresql://u:p%3Fx@h/d?connection_limit=40"),
    ("postgresql://u:p?x@h/d", "postgresql://u:p?x@h/d?connection_limit=40"),
    ("postgresql://u:p@h/d?", "postgresql://u:p@h/d?connection_limit=40"),
    ("postgresql://u:p@h/d?sslmode=require", "postgresql://u:p@h/d?sslmode=require&connection_limit=40"),
    ("postgresql://u:p@h/d?connection_limit=5&a=b#f", "postgresql://u:p@h/d?connection_limit=40&a=b#f"),
    ("postgresql://h/d?a=b@c#f", "postgresql://h/d?a=b@c&connection_limit=40#f"),
    ("postgresql://h/d?a=b&", "postgresql://h/d?a=b&connection_limit=40"),
  ]) func `a parameter of a URL is set, and the rest stays byte for byte`(url: String, edited: String) {
    var parameters = URLParameters(url)
    let before = parameters.value(of: "connection_limit")
    parameters.set("connection_limit", to: "40")
    #expect(parameters.text == edited && parameters.value(of: "connection_limit") == "40")
    if let before {
      parameters.set("connection_limit", to: before)
    } else {
      parameters.remove("connection_limit")
    }
    #expect(parameters.text == (url.hasSuffix("?") || url.hasSuffix("&") ? String(url.dropLast()) : url))
  }

  @Test func `settings inside the URL are changed there, and no snapshot holds it`() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/.env"
    let env = "A=1\nDATABASE_URL='postgresql://u:\(TestApp.secret)@h/d?pool_timeout=20&sslmode=require' # main\n"
    try FileSystem.replace(path, with: Array(env.utf8))
    let spec = AppTargetSpec(
      envFile: path, urlVariable: "DATABASE_URL", takesEffect: AppActivation(.restart, ["true"]),
      readBack: .endpoint(url: .text("http://127.0.0.1:1/"), places: [:]))
    var (baseline, change) = (PoolSettings(), PoolSettings())
    (baseline.maxSize, change.maxSize, change.acquireTimeout, change.statementCache) = (5, 40, .seconds(9), 0)
    let keys: [SettingKey] = [.maxSize, .acquireTimeout, .statementCache]
    let file = try AppSettingsFile(spec, path: path, keys: keys, target: "app")
    let before = try file.snapshot()
    #expect(before == "DATABASE_URL?pool_timeout=20")
    let planned = try file.planned(change, over: before)
    try file.write(change)
    #expect(try file.snapshot() == planned)
    #expect(
      FileSystem.text(of: path)
        == env.replacing("=20&sslmode=require'", with: "=9&sslmode=require&connection_limit=40&statement_cache_size=0'")
    )
    try file.restore(before)
    #expect(FileSystem.text(of: path) == env)
  }

  @Test func `a value that may be a secret is not taken into a journal`() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/.env"
    try FileSystem.replace(path, with: Array("DB_CONNECTION_LIMIT=\(TestApp.secret)\n".utf8))
    let spec = AppTargetSpec(
      envFile: path, variables: [.maxSize: AppVariable(name: "DB_CONNECTION_LIMIT")],
      takesEffect: AppActivation(.restart, ["true"]),
      readBack: .backends(applicationName: "shop"))
    let file = try AppSettingsFile(spec, path: path, keys: [.maxSize], target: "app")
    let error = #expect(throws: StagingError.self) { try file.snapshot() }
    #expect(error?.code == .badValue && error?.line == 1 && error?.description.contains(TestApp.secret) == false)
  }
}
