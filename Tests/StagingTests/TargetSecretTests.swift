import Glibc
import Model
import Postgres
import System
import TestSupport
import Testing

@testable import Staging

/// A secret is planted wherever a target can come across one, everything that can go wrong is made to, and no word that
/// comes out holds it.
@Suite(.serialized) struct TargetSecretTests {
  private static let secret = TestApp.secret
  private let folder = TemporaryFolder()

  private static let settings: PoolValues = {
    var (baseline, change) = (PoolSettings(), PoolSettings())
    (baseline.maxSize, change.maxSize) = (20, 50)
    return PoolValues(keys: [.maxSize], baseline: baseline, change: change)
  }()

  /// Env files with the secret in each place where one may stand.
  private static let envFiles = [
    "DB_CONNECTION_LIMIT=5\nDATABASE_URL=postgres://u:\(secret)@127.0.0.1:1/d\n",
    "DATABASE_URL=postgres://u:\(secret)@127.0.0.1:1/d\n", "DB_CONNECTION_LIMIT=\(secret)\n",
    "DB_CONNECTION_LIMIT=5 # password=\(secret)\n", "DB_CONNECTION_LIMIT=\"\(secret)\nDB_PASSWORD=\(secret)\n",
    "DATABASE_URL=\(secret)\n", "PASSWORD=\(secret)\nDB_CONNECTION_LIMIT='5'\n",
    "DATABASE_URL=postgres://u:\(secret)@127.0.0.1:1/d?connection_limit=\(secret)\n",
    "DATABASE_URL='postgres://u:\(secret)@h\n",
  ]

  private static let programs = [
    ["./says"], ["/bin/false", "--password", secret], ["/bin/false", "postgres://u:\(secret)@h/d"],
    ["/nowhere/x", "password=\(secret)"],
  ]

  private static let urls = [
    "http://u:\(secret)@127.0.0.1:1/healthz", "http://127.0.0.1:1/healthz?token=\(secret)",
  ]

  private static let connections = [
    "postgres://u:\(secret)@127.0.0.1:1/d", "host=127.0.0.1 port=1 user=u password=\(secret)",
    "postgres://u:\(secret)@[",
    "password=\(secret) nonsense", "postgres://u:\(secret)@nowhere.invalid/d?sslmode=\(secret)",
  ]

  private func surroundings(_ variables: [String: String] = [:]) -> TargetSurroundings {
    TargetSurroundings(
      root: folder.path, variables: variables.merging(["PATH": "/usr/bin:/bin", "HEALTH": Self.urls[0]]) { $1 },
      fetch: TestFetcher(), production: ProductionList(hosts: ["127.0.0.1:1"], databases: ["d"]))
  }

  /// Everything that the acts of a target say, errors and notes, locators and snapshots.
  private func words(of make: () throws -> any ChangeTarget) -> [String] {
    let target: any ChangeTarget
    do { target = try make() } catch { return ["\(error)", hint(of: error)] }
    var said = [target.kind, target.locator]
    func attempt(_ act: () throws -> String?) {
      do { said.append(try act() ?? "") } catch { said += ["\(error)", hint(of: error)] }
    }
    attempt {
      try target.preflight(); return nil
    }
    attempt { try target.snapshot() }
    for arm in Arm.allCases {
      attempt { try target.planned(arm, over: try? target.snapshot()) }
      attempt {
        try target.apply(arm); return nil
      }
      attempt { "\(try target.verify(arm, within: .zero))" }
    }
    for snapshot in ["", "DB_CONNECTION_LIMIT=7", nil] {
      attempt {
        try target.revert(to: snapshot); return nil
      }
      attempt { "\(try target.confirm(snapshot, within: .zero))" }
    }
    return said + target.takeNotes()
  }

  private func hint(of error: any Error) -> String { (error as? StagingError)?.hint ?? "" }

  @Test func `no target says a secret, whatever goes wrong`() throws {
    let says = "#!/bin/sh\necho \"postgres://u:\(Self.secret)@h/d PASSWORD=\(Self.secret)\"\nexit ${STATUS:-0}\n"
    try FileSystem.replace(folder.path + "/says", with: Array(says.utf8), mode: 0o755)
    var said: [String] = []
    for env in Self.envFiles {
      for command in Self.programs {
        for (index, url) in [AppURL.environment("HEALTH"), .environment("UNSET"), .text("http://127.0.0.1:1/")]
          .enumerated()
        {
          try FileSystem.replace(folder.path + "/.env", with: Array(env.utf8))
          var spec = AppTargetSpec(
            envFile: ".env", variables: [.maxSize: AppVariable(name: "DB_CONNECTION_LIMIT")],
            takesEffect: AppActivation(.restart, command, timeout: .milliseconds(500)),
            health: HealthSpec(url: url, timeout: .milliseconds(1)),
            readBack: .endpoint(url: url, places: [.maxSize: .json("a")]))
          if index == 2 { (spec.variables, spec.urlVariable) = ([:], "DATABASE_URL") }
          said += words { try AppTarget(spec, Self.settings, demand: nil, in: surroundings()) }
        }
      }
    }
    for text in Self.connections {
      let surroundings = surroundings(["URL": text])
      for method in PgBouncerTargetSpec.Method.allCases {
        said += words {
          try PgBouncerTarget(
            PgBouncerTargetSpec(consoleVariable: "URL", database: "d", method: method, ini: "ini"),
            .pool(Self.settings),
            in: surroundings)
        }
      }
      let own = OwnValues(baseline: ["work_mem": "1MB"], change: ["work_mem": "2MB"])
      said += words {
        try PostgreSQLTarget(PostgreSQLTargetSpec(urlVariable: "URL", timeout: .milliseconds(1)), own, in: surroundings)
      }
    }
    for command in Self.programs {
      let spec = CommandTargetSpec(apply: command, readBack: command, revert: command, timeout: .milliseconds(500))
      said += words { CommandTarget(spec, .pool(Self.settings), in: surroundings()) }
    }
    #expect(said.count > 500)
    let leaks = Set(said.filter { $0.contains(Self.secret) })
    #expect(leaks.isEmpty, "\(leaks)")
  }

  @Test(arguments: ["SET", "file"]) func `nor does a PgBouncer whose file and settings hold one`(way: String) throws {
    let bouncer = try TestPgBouncer(
      "auth_query = SELECT 'password=\(Self.secret)', $1\nserver_check_query = SELECT 'postgres://u:\(Self.secret)@h/d'",
      databases: "shop = host=127.0.0.1 port=1 user=u password=\(Self.secret)")
    let variables = [
      "URL": "host=\(bouncer.folder) port=\(bouncer.port) user=pgbouncer dbname=pgbouncer password=\(Self.secret)"
    ]
    var surroundings = surroundings(variables)
    surroundings.production = ProductionList()
    surroundings.root = bouncer.folder
    let method: PgBouncerTargetSpec.Method = way == "file" ? .file : .set
    let spec = PgBouncerTargetSpec(
      consoleVariable: "URL", database: "shop", method: method, ini: method == .file ? "pgbouncer.ini" : nil)
    var said = words { try PgBouncerTarget(spec, .pool(Self.settings), in: surroundings) }
    let text = FileSystem.text(of: bouncer.folder + "/pgbouncer.ini") ?? ""
    for line in [
      "server_check_query = banana", "auth_query = x",
      "server_check_query = SELECT '\(Self.secret)' password=\(Self.secret)",
    ] {
      try bouncer.rewrite("pgbouncer.ini", text.replacing("auth_type = any", with: "auth_type = any\n\(line)"))
      said += words { try PgBouncerTarget(spec, .pool(Self.settings), in: surroundings) }
      try bouncer.rewrite("pgbouncer.ini", text)
      _ = try? Session(bouncer.console).console("RELOAD")
    }
    let leaks = said.filter { $0.contains(Self.secret) }
    #expect(leaks.isEmpty && said.count > 20, "\(leaks)")
  }
}
