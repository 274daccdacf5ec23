import Commands
import Glibc
import Model
import TestSupport
import Testing

/// `poolops audit` over files, inside this process.
@Suite struct AuditTests {
  private static let fixture =
    String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex)) + "Fixtures/audit"

  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  private static let formats = [
    ("", "txt"), ("--quiet", "quiet.txt"), ("--json", "json"), ("--format sarif", "sarif"),
    ("--format github", "github.txt"),
    ("--format markdown", "md"),
  ]

  @Test(arguments: formats) func `a service, a pooler and a server are audited together`(option: String, name: String) {
    let ending = run(["audit", "."] + Self.words(option) + ["-C", Self.fixture])
    #expect(ending.status == Exit.noGo.rawValue && ending.error.isEmpty, "\(ending)")
    #expect(!ending.output.contains("s3cret"), "no password")
    expectSnapshot(ending.output, "audit.\(name)")
    if name == "json" || name == "sarif" { #expect(throws: Never.self) { try JSONText.parse(ending.output) } }
  }

  // MARK: - What it ends with

  private static let files = [
    "fine.env": "DB_POOL_MAX=5\nDB_POOL_TIMEOUT=5 # poolops: pool=psycopg-pool\n",
    "full.env": "DB_POOL_MAX=500 # poolops: pool=psycopg-pool\n",
    "tight.env": "DB_POOL_MAX=90 # poolops: pool=psycopg-pool\n",
    "unsaid.env": "DB_POOL_MAX=500 # poolops: ignore slot-budget\n",
    "said.env": "DB_POOL_MAX=500 # poolops: ignore slot-budget: only for an hour\n",
    "slip.env": "DB_POOL_MAX=5 # poolops: ignore slot-bugdet: only for an hour\n",
    "pool.env": "DB_POOL_MAX=5 # poolops: pool=psycopg_pool\n",
    "broken.yml": "services:\n  web: \"no end\n    image: x\n", "poem.txt": "Roses are red\n", "bytes.env": "A=1\0\n",
    "deploy/api.env": "DB_POOL_MAX=5\n", "sizeless.env": "DATABASE_URL=postgresql://app@db/app\n",
    "pgx.env": "DATABASE_URL=postgres://app@db/app?pool_max_conns=9&pool_max_conn_idle_time=30\n",
    "unit.env": "DB_POOL_MAX=5\nDB_POOL_TIMEOUT=30000 # poolops: pool=asyncpg\n",
    "pgcat.toml": "[pools.app]\n[pools.app.users.0]\nusername = \"a\"\npool_size = 30\n",
    "listed.yml": """
    services: {api: {image: api, environment: ["DATABASE_URL=postgresql://a@db/app", "DB_POOL_MAX=30"]}}
    """,
    "pooler.yml": """
    services:
      pgbouncer:
        image: edoburu/pgbouncer
        environment:
          DB_HOST: db
          DB_NAME: app
          DEFAULT_POOL_SIZE: "15"
    """,
    "image.yml": """
    services:
      pgbouncer: {image: "edoburu/pgbouncer:v1.21.0-p2", environment: {DB_HOST: db, POOL_MODE: transaction}}
      api: {image: api, environment: {DATABASE_URL: "postgresql://a@pgbouncer/app", DB_POOL_MAX: "5"}}
    """,
    "alchemy.yml": """
    services:
      pgbouncer: {image: "bitnami/pgbouncer:1.20.1", environment: {POSTGRESQL_HOST: db, PGBOUNCER_POOL_MODE: transaction}}
      api: {image: api, environment: {DATABASE_URL: "postgresql+asyncpg://a@pgbouncer/app", DB_POOL_SIZE: "3"}}
    """,
    "two.yml": "services: {db1: {image: postgres}, db2: {image: postgres}}\n",
    "hosts.ini": "[databases]\nreports = host=db9\naudit = host=db9\n[pgbouncer]\npool_mode = transaction\n",
    "map.yaml": configMap, "odyssey.conf": "database \"app\" { }\n",
    "more/pgbouncer.ini":
      "[databases]\n* = host=db\nreports = host=db pool_size=10\n[pgbouncer]\n%include more/own.ini\n",
    "more/own.ini": "pool_mode = transaction\ndefault_pool_size = 50\nreserve_pool_size = 5\n",
    "bad/pgbouncer.ini": "[databases]\nreports = host=db\n[pgbouncer]\npol_mode = transaction\n",
    "empty/readme.md": "nothing\n",
  ]

  private static let configMap = """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: web}
    data:
      HIKARI_MAXIMUM_POOL_SIZE: "50"
      application.yml: |
        spring:
          datasource:
            hikari:
              idle-timeout: 5000
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 4
      template:
        spec:
          containers:
          - name: web
            image: web
            envFrom: [{configMapRef: {name: web}}]
            volumeMounts: [{name: web, mountPath: /config}]
          volumes: [{name: web, configMap: {name: web}}]
    """

  private static let endings: [(line: String, status: Exit, says: [String])] = [
    ("fine.env --max-connections 100", .go, ["GO", "5 % of 97"]),
    ("fine.env", .inconclusive, ["INCONCLUSIVE", "--max-connections N"]),
    ("fine.env --fail-on never", .go, ["--fail-on never"]),
    ("full.env --max-connections 100", .noGo, ["CRITICAL  slot-budget  full.env:1"]),
    ("full.env fine.env --max-connections 100 --fail-on never", .go, ["CRITICAL"]),
    ("tight.env --max-connections 100", .go, ["WARNING  slot-budget"]),
    ("tight.env --max-connections 100 --fail-on warning", .noGo, ["WARNING  slot-budget"]),
    ("tight.env --max-connections 100 --target-share 95%", .go, ["95 % may be planned for"]),
    ("fine.env --max-connections 100 --replicas 10 --processes 4", .noGo, ["200 connections", "--max-connections"]),
    ("fine.env --max-connections 100 --others psql=3 --surge 2 --replicas 2", .go, ["psql", "+10"]),
    ("said.env --max-connections 100", .go, ["only for an hour (said.env:1:17)", "1 suppressed"]),
    ("unsaid.env --max-connections 100 --pool psycopg-pool", .noGo, ["WARNING  faulty-directive", "CRITICAL"]),
    ("pool.env --max-connections 100", .go, ["WARNING  faulty-directive", "did you mean 'psycopg-pool'?"]),
    ("slip.env --max-connections 100 --pool asyncpg", .go, ["did you mean 'slot-budget'?"]),
    ("full.env --max-connections 100 --ignore slot-budget=agreed_in_May", .go, ["agreed_in_May (--ignore)"]),
    ("fine.env --max-connections 100 --ignore slot-budget=old", .go, ["NOTE  unused-suppression"]),
    ("fine.env --max-connections 100 --expect max_size=5 --expect DB_POOL_TIMEOUT=5", .go, ["the same (fine.env:1"]),
    ("fine.env --max-connections 100 --expect max_size=50", .noGo, ["max_size is 5, and 50 is expected"]),
    ("fine.env --max-connections 100 --expect DB_POOL_MAXX=5", .noGo, ["DB_POOL_MAXX is written nowhere"]),
    ("fine.env broken.yml --max-connections 100", .inconclusive, ["broken.yml"]),
    ("poem.txt", .inconclusive, ["poem.txt was not read"]),
    ("bytes.env", .inconclusive, ["bytes.env was not read: binary"]),
    ("deploy --max-connections 100 --pool asyncpg", .go, ["deploy/api.env"]),
    ("deploy/ deploy deploy/api.env --max-connections 100 --pool asyncpg", .go, ["in 1 file", "5 % of 97"]),
    (". --exclude . --max-connections 100", .noGo, ["CRITICAL"]),
    ("deploy empty --exclude deploy/api.env", .inconclusive, ["nothing that was read says anything"]),
    ("empty", .inconclusive, ["nothing that was read says anything"]),
    ("poem.txt --as env", .inconclusive, ["poem.txt"]),
    ("sizeless.env --max-connections 100", .inconclusive, ["Next: give the size of", "--pool NAME"]),
    ("broken.yml", .inconclusive, ["Next: see to broken.yml:"]),
    ("pgx.env --max-connections 100", .noGo, ["pool_max_conn_idle_time=30 is refused", "pool_max_conn_idle_time=30s"]),
    ("unit.env --max-connections 100", .go, ["DB_POOL_TIMEOUT=30000 is 8.3 hours; 30 s was probably meant"]),
    ("pgcat.toml --max-connections 100", .inconclusive, ["what PgCat may open is not counted: ", "--others pgcat=N"]),
    ("pgcat.toml --max-connections 100 --others pgcat=60", .go, ["60 by --others", "62 % of 97"]),
    ("odyssey.conf", .inconclusive, ["Odyssey's own configuration"]), (". --exclude bad", .noGo, ["odyssey.conf  Od"]),
    (
      "map.yaml --max-connections 100", .noGo, ["      HIKARI_MAXIMUM_POOL_SIZE: \"19\"", "      idle-timeout: 600000"]
    ),
    (
      "more --max-connections 100", .go,
      ["10 + 5 reserve = 15", "(*): none is counted", "more/own.ini        included"]
    ),
    ("image.yml --max-connections 20 --pool asyncpg", .noGo, ["CRITICAL  prepared-statements", "PgBouncer 1.21.0"]),
    ("alchemy.yml --max-connections 100", .go, ["prepared_statement_cache_size=0", "prepared_statement_name_func"]),
    ("listed.yml --max-connections 20", .noGo, ["      DB_POOL_MAX=13\n"]),
    ("pooler.yml --max-connections 20", .go, ["      DEFAULT_POOL_SIZE: \"13\"\n"]),
    ("two.yml hosts.ini", .inconclusive, ["how many connections db9 allows", "reports 20, audit 20"]),
    ("bad --max-connections 100", .inconclusive, ["Next: see to bad/pgbouncer.ini:4:1 first: 'pol_mode'"]),
  ]

  @Test(arguments: endings) func `it ends with 0, 2 or 3, and says why`(line: String, status: Exit, says: [String]) {
    let folder = Self.folder()
    let ending = run(["audit"] + Self.words(line) + ["-C", folder.path])
    #expect(ending.status == status.rawValue && ending.error.isEmpty, "\(ending)")
    #expect(says.allSatisfy(ending.output.contains), "\(ending.output)")
  }

  private static let slips: [(line: String, says: [String])] = [
    ("", ["nothing is named", "poolops audit ."]),
    ("fine.env nope.env full.env deploy/nada", ["'nope.env', 'deploy/nada'"]),
    ("-", ["--as"]), ("fine.env --exclude nope", ["'nope'"]), ("fine.env --as envv", ["'envv'", "'env'"]),
    ("fine.env --pool asyncpgg", ["Did you mean 'asyncpg'?"]),
    ("fine.env --ignore slot-bugdet=why", ["Did you mean 'slot-budget'?"]),
    ("fine.env --ignore slot-budget", ["name=value"]),
    ("fine.env --ignore slot-budget=", ["needs the reason"]), ("fine.env --explain churm", ["Did you mean 'churn'?"]),
    ("fine.env --json --format sarif", ["not both"]), ("fine.env --fail-on notes", ["'notes'", "'critical'"]),
    ("fine.env --processes 0", ["--processes"]), ("fine.env --target-share 120%", ["'120%'"]),
    ("fine.env --surge -1", ["--surge"]), ("fine.env --others psql=many", ["'many'"]),
    ("fine.env --pgbouncer-version new", ["'new'"]), ("fine.env --idle-kill 350", ["duration with its unit"]),
    ("fine.env --live", ["$DATABASE_URL", "not set"]), ("fine.env --server NO_URL", ["NO_URL is not set"]),
  ]

  @Test(arguments: slips) func `a slip is named, with what is accepted`(line: String, says: [String]) {
    let folder = Self.folder()
    let ending = run(["audit"] + Self.words(line) + ["-C", folder.path])
    #expect(ending.status == Exit.usage.rawValue && ending.output.isEmpty, "\(ending)")
    #expect(says.allSatisfy(ending.error.contains), "\(ending.error)")
  }

  private static func folder() -> TemporaryFolder {
    let folder = TemporaryFolder()
    for name in ["deploy", "empty", "more", "bad"] { mkdir("\(folder.path)/\(name)", 0o755) }
    for (name, text) in files { write(text, to: "\(folder.path)/\(name)") }
    return folder
  }

  // MARK: - Which files

  @Test func `a folder is walked once, without loops, hidden folders and what others wrote`() throws {
    let folder = TemporaryFolder()
    let root = folder.path
    for name in ["a", "a/b", "node_modules", "vendor", ".git", ".build", "a/.hidden"] {
      mkdir("\(root)/\(name)", 0o755)
    }
    for place in ["", "a/", "a/b/", "node_modules/", "vendor/", ".git/", ".build/", "a/.hidden/"] {
      write("DB_POOL_MAX=1\n", to: "\(root)/\(place).env")
    }
    write(String(repeating: "#", count: 1_100_000), to: root + "/a/huge.env")
    symlink("..", root + "/a/b/up")
    symlink(".env", root + "/linked.env")
    symlink("nowhere", root + "/dangling.env")
    symlink("/dev/zero", root + "/endless.env")
    mkfifo(root + "/pipe.env", 0o644)
    let ending = run(["audit", ".", "--json", "--pool", "asyncpg", "--max-connections", "100", "-C", root])
    let json = try JSONText.parse(ending.output)
    let without = run(["audit", ".", "--exclude", "a/b/", "--exclude", "./.env", "--json", "-C", root]).output
    let rest = try JSONText.parse(without)["read"]?.array.compactMap { $0["file"]?.string }
    #expect(rest == ["a/.env"])
    let read = (json["read"]?.array ?? []).compactMap { $0["file"]?.string }
    #expect(read == [".env", "a/.env", "a/b/.env"], "\(ending)")
    let skipped = (json["not_read"]?.array ?? []).compactMap { $0["file"]?.string }
    #expect(skipped == ["a/huge.env"], "said, and no reason to doubt the rest")
    #expect(ending.status == Exit.go.rawValue)
    #expect(run(["audit", "a/huge.env", "-C", root]).status == Exit.inconclusive.rawValue, "named, so it is missed")
  }

  @Test func `a thousand nested folders are no trouble`() {
    let folder = TemporaryFolder()
    var path = folder.path
    for _ in 0..<1000 {
      path += "/d"
      mkdir(path, 0o755)
    }
    write("DB_POOL_MAX=1\n", to: path + "/x.env")
    let ending = run(["audit", folder.path, "--pool", "asyncpg", "--max-connections", "100"])
    #expect(ending.status == Exit.go.rawValue && ending.output.contains("in 1 file"), "\(ending)")
  }

  @Test func `standard input is a file without a name`() throws {
    let folder = TemporaryFolder()
    write("DATABASE_URL=postgresql://u:s3cret@db/app\nDB_POOL_MAX=200\n", to: folder.path + "/in")
    let command =
      "exec \(Program.products)/poolops audit --as env --pool psycopg-pool --max-connections 100 - <\(folder.path)/in"
    let ending = try Program("/bin/sh", ["-c", command]).wait()
    #expect(
      ending.status == Exit.noGo.rawValue && ending.output.contains("CRITICAL  slot-budget  <stdin>:2"), "\(ending)")
    #expect(!"\(ending)".contains("s3cret"))
  }

  // MARK: - The rules

  @Test func `the committed page describes the rules as the program knows them`() {
    let rules = run(["audit", "--rules", "--format", "markdown"])
    #expect(rules.status == 0 && rules.error.isEmpty)
    #expect(
      repositoryFile("docs/audit.md")?.contains(rules.output) == true,
      "docs/audit.md is stale: scripts/render-audit-docs")
    #expect(run(["audit", "--explain", "churn"]).output.hasPrefix("churn  warning\n"))
    #expect(run(["audit", "--rules", "--json"]).output.contains("\"rule\": \"slot-budget\""))
  }

  // MARK: - SARIF

  /// The requirements of the published schema (SARIF 2.1.0) that have to do with what is written.
  @Test func `SARIF keeps to its schema`() throws {
    let document = try JSONText.parse(run(["audit", ".", "--format", "sarif", "-C", Self.fixture]).output)
    #expect(
      document["version"]?.string == "2.1.0" && document["$schema"]?.string?.hasSuffix("/sarif-2.1.0.json") == true)
    let log = try #require(document["runs"]?.array.first)
    let driver = try #require(log["tool"]?["driver"])
    let rules = try #require(driver["rules"]?.array)
    let ids = rules.compactMap { $0["id"]?.string }
    #expect(driver["name"]?.string == "poolops" && ids.count == rules.count && Set(ids).count == ids.count)
    for rule in rules {
      #expect(["none", "note", "warning", "error"].contains(rule["defaultConfiguration"]?["level"]?.string ?? ""))
      for key in ["shortDescription", "fullDescription", "help"] {
        #expect(rule[key]?["text"]?.string?.isEmpty == false)
      }
    }
    let results = try #require(log["results"]?.array)
    var prints: Set<String> = []
    for result in results {
      #expect(ids.contains(result["ruleId"]?.string ?? "") && result["message"]?["text"]?.string?.isEmpty == false)
      if case .number(let index)? = result["ruleIndex"] { #expect(ids[Int(index)] == result["ruleId"]?.string) }
      #expect(["note", "warning", "error"].contains(result["level"]?.string ?? ""))
      prints.insert(result["partialFingerprints"]?["poolopsFinding/v1"]?.string ?? "")
      for location in result["locations"]?.array ?? [] { expectPlace(location) }
      for location in result["relatedLocations"]?.array ?? [] {
        expectPlace(location)
        #expect(location["message"]?["text"]?.string != nil)
      }
      for suppression in result["suppressions"]?.array ?? [] {
        #expect(["inSource", "external"].contains(suppression["kind"]?.string ?? ""))
        #expect(suppression["justification"]?.string?.isEmpty == false)
      }
      for change in result["fixes"]?.array.flatMap({ $0["artifactChanges"]?.array ?? [] }) ?? [] {
        #expect(change["artifactLocation"]?["uri"]?.string != nil)
        let replacements = change["replacements"]?.array ?? []
        #expect(!replacements.isEmpty && replacements.allSatisfy { $0["deletedRegion"] != nil })
      }
    }
    #expect(prints.count == results.count && results.count > 4)
    #expect(
      results.contains { !($0["suppressions"]?.array ?? []).isEmpty && $0["ruleId"]?.string == "no-acquire-timeout" })
    #expect(results.contains { $0["fixes"] != nil })
  }

  private func expectPlace(_ location: JSONText) {
    let physical = location["physicalLocation"]
    let uri = physical?["artifactLocation"]?["uri"]?.string ?? "/"
    #expect(!uri.hasPrefix("/") && !uri.contains(":") && !uri.contains(" "), "relative: \(uri)")
    #expect(physical?["artifactLocation"]?["uriBaseId"]?.string == "%SRCROOT%")
    guard case .number(let line)? = physical?["region"]?["startLine"] else {
      Issue.record("no line: \(location)")
      return
    }
    #expect(line >= 1)
  }
}
