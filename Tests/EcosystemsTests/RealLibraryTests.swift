import Ecosystems
import Glibc
import Model
import Postgres
import TestSupport
import Testing

/// The tables against the libraries themselves: defaults, refusals and silent corrections as the real code has them.
///
/// What `scripts/setup test` installs must be there. The rest is checked where the machine has it; where it has not, the
/// test says so with a warning. `.build/libraries` may hold newer versions beside the distribution's: a Python
/// environment in `venv/`, Node packages in `node_modules/`.
struct RealLibraryTests {
  /// A library on this machine, and how it is asked.
  struct Oracle: Sendable, CustomTestStringConvertible {
    var library: String
    /// A file without which it cannot be asked.
    var needs: String
    var command: String
    /// Whether set-up installs it, so that it must be there.
    var isInstalled = true
    var testDescription: String { "\(library) (\(needs))" }
  }

  private static let folder =
    String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex)) + "Oracles/"
  private static let libraries = folder + "../../../.build/libraries/"
  private static let pgBouncerNames = [
    "default_pool_size", "reserve_pool_size", "min_pool_size", "query_wait_timeout", "server_idle_timeout",
    "server_lifetime", "server_connect_timeout", "max_prepared_statements",
  ]

  private static let oracles: [Oracle] = {
    var oracles: [Oracle] = []
    for (library, module) in [
      ("asyncpg", "asyncpg"), ("SQLAlchemy", "sqlalchemy"), ("psycopg_pool", "psycopg_pool"), ("psycopg2", "psycopg2"),
    ] {
      oracles.append(
        Oracle(
          library: library, needs: "/usr/lib/python3/dist-packages/\(module)",
          command: "/usr/bin/python3 \(folder)defaults.py \(module)"))
      let python = libraries + "venv/bin/python"
      guard access(python, X_OK) == 0 else { continue }
      oracles.append(
        Oracle(library: library, needs: python, command: "\(python) \(folder)defaults.py \(module)", isInstalled: false)
      )
    }
    oracles.append(
      Oracle(
        library: "PgBouncer", needs: "/usr/sbin/pgbouncer",
        command: "sh \(folder)pgbouncer.sh \(pgBouncerNames.joined(separator: " "))"))
    oracles.append(
      Oracle(
        library: "HikariCP", needs: "/usr/share/java/HikariCP.jar",
        command: """
          command -v java >/dev/null || { echo absent java -; exit 0; }; jar=$(ls /usr/share/java/HikariCP-*.jar); \
          version=${jar##*-}; java -cp $jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-nop.jar \(folder)HikariDefaults.java ${version%.jar} 2>&1
          """))
    let places = ["/usr/share/nodejs/", libraries + "usr/share/nodejs/", libraries + "node_modules/"].map {
      $0 + "pg-pool"
    }
    let place = places.first { access($0, F_OK) == 0 } ?? places[1]
    oracles.append(
      Oracle(
        library: "pg-pool", needs: place,
        command:
          "command -v node >/dev/null || { echo absent node -; exit 0; }; node \(folder)defaults.js \(place) 2>&1"))
    return oracles
  }()

  @Test(arguments: oracles) func `a library's own defaults and refusals are the table's`(oracle: Oracle) throws {
    guard access(oracle.needs, F_OK) == 0 else {
      return notChecked("\(oracle.library) is not at \(oracle.needs)", isFault: oracle.isInstalled)
    }
    let answer = output(of: oracle.command)
    let facts = answer.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    if facts.first?.first == "absent" {
      return notChecked(
        "\(oracle.library) is here, and there is no program to run it with", isFault: oracle.isInstalled)
    }
    try #require(facts.first?.first == "version", "\(oracle.library) answers: \(answer)")
    let version = try #require(facts.first).dropFirst().first?.split(separator: ".").compactMap { Int($0) } ?? []
    let tables = Ecosystem.all.filter { $0.versions.library == oracle.library && $0.versions.contains(version) }
    #expect(!tables.isEmpty && !version.isEmpty, "no table holds for \(oracle.library) \(version)")
    for table in tables where table.id != "spring-hikaricp" {
      if table.checkedAgainst == nil { Issue.record("\(table.id) is checked here: say so in it", severity: .warning) }
      for fact in facts.dropFirst() { check(fact, table) }
      expectComplete(table, facts)
    }
  }

  private func check(_ fact: [String], _ table: Ecosystem) {
    guard fact.count >= 3 else { Issue.record("'\(fact)' is no fact"); return }
    let reading = table.read("\(fact[1])=\(fact[2])")
    switch fact[0] {
    case "default": checkDefault(name: fact[1], text: fact[2], table, reading)
    case "required", "computed":
      let standard = dialect(named: fact[1], table)?.dialect.standard
      let isComputed = if case .computed = standard { true } else { false }
      #expect(fact[0] == "required" ? standard == .required : isComputed, "\(table.id) \(fact)")
    case "refused": #expect(reading.faults.count == 1, "\(table.id) \(fact): \(reading)")
    case "accepted": #expect(reading.faults == [] && reading.values.count == 1, "\(table.id) \(fact): \(reading)")
    case "becomes":
      #expect(reading.values == table.read("\(fact[1])=\(fact[3])").values, "\(table.id) \(fact): \(reading)")
    case "special": #expect(reading.values.isEmpty && reading.faults == [] && reading.notices.count == 1)
    case "lacks": break
    default: Issue.record("'\(fact)' is no fact")
    }
  }

  private func checkDefault(name: String, text: String, _ table: Ecosystem, _ reading: SettingsReading) {
    guard let (key, dialect) = dialect(named: name, table) else {
      Issue.record("\(table.id) has no \(name)")
      return
    }
    if let addend = dialect.addend {
      guard case .value(.count(let total)) = dialect.standard else { Issue.record("\(name)"); return }
      #expect(Int(text) == (name == addend.name ? addend.standard : total - addend.standard), "\(table.id) \(name)")
    } else if case .value(let value) = dialect.standard {
      #expect(reading.values == [key: value], "\(table.id) \(name): the library says \(text), the table \(value)")
    } else {
      #expect(text == "None", "\(table.id) \(name): the library has the default \(text)")
    }
  }

  /// A setting of the table that the library was not asked for is a hole in this test.
  private func expectComplete(_ table: Ecosystem, _ facts: [[String]]) {
    let asked = Set(facts.compactMap { $0.dropFirst().first })
    for key in SettingKey.allCases {
      guard let dialect = table.dialect(of: key) else { continue }
      #expect(asked.contains(dialect.name), "\(table.id): \(dialect.name) was not asked for")
    }
  }

  private func dialect(named name: String, _ table: Ecosystem) -> (key: SettingKey, dialect: Dialect)? {
    for key in SettingKey.allCases {
      guard let dialect = table.dialect(of: key) else { continue }
      if ([dialect.name] + dialect.aliases).contains(name) || dialect.addend?.name == name { return (key, dialect) }
    }
    return nil
  }

  @Test func `PostgreSQL's own defaults are the table's`() throws {
    let session = try TestCluster.admin()
    let table = try #require(Ecosystem.named("postgresql"))
    #expect(table.versions.contains([session.serverVersion / 10_000]) && table.checkedAgainst != nil)
    for key in SettingKey.allCases {
      guard let dialect = table.dialect(of: key) else { continue }
      let rows = try session.query("SELECT boot_val, min_val FROM pg_settings WHERE name = '\(dialect.name)'")
      let standard = try #require(rows[0, "boot_val"], "\(dialect.name) is no setting of this server")
      #expect(table.read("\(dialect.name)=\(standard)").values[key] == table.standard(of: key), "\(dialect.name)")
      let least = try #require(rows[0, "min_val"])
      #expect(least == "0" ? dialect.zero == .unlimited : dialect.zero == .refused, "\(dialect.name) from \(least)")
    }
  }

  /// Tables that no test can hold against their library: each is named here, so that a new one cannot slip in unchecked.
  private static let notHeld = [
    "builtin", "database-sql", "odyssey", "pgbouncer", "pgbouncer-1.23", "pgcat", "pgxpool", "postgres-nio", "prisma",
    "prisma-7", "sqlx",
  ]

  @Test func `what was never checked against its library is known by name`() {
    #expect(Ecosystem.all.filter { $0.checkedAgainst == nil }.map(\.id).sorted() == Self.notHeld)
    notChecked("tables from their sources alone: \(Self.notHeld.joined(separator: ", "))", isFault: false)
  }

  private func notChecked(_ what: String, isFault: Bool) {
    Issue.record("NOT CHECKED: \(what)", severity: isFault ? .error : .warning)
  }

  /// Standard output of a shell command that ends within a minute.
  private func output(of command: String) -> String {
    let quoted = command.replacing("'", with: "'\\''")
    guard let pipe = popen("exec env -i PATH=\"$PATH\" HOME=/ LC_ALL=C timeout 60 sh -c '\(quoted)'", "r") else {
      return ""
    }
    defer { pclose(pipe) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&chunk, 1, chunk.count, pipe)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}
