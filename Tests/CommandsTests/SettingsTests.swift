import Commands
import Model
import TestSupport
import Testing

/// `poolops settings`, inside this process: no server, no project.
@Suite struct SettingsTests {
  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  private static let shown = [
    ("settings show asyncpg", "settings-asyncpg"), ("settings show sqlx hikaricp", "settings-two"),
    ("settings emit --ecosystem prisma --preset production", "settings-emit-url"),
    ("settings emit --ecosystem asyncpg --preset development", "settings-emit-elsewhere"),
    ("settings emit --ecosystem psycopg2 --preset high-load", "settings-emit-lossy"),
  ]

  @Test(arguments: shown) func `settings are shown and written as text and as JSON`(line: String, name: String) throws {
    let text = run(Self.words(line))
    #expect(text.status == 0, "\(text)")
    expectSnapshot(text.output + "---\n" + text.error, "\(name).txt")
    let json = run(Self.words(line) + ["--json"])
    #expect(json.status == 0 && json.error.isEmpty)
    expectSnapshot(json.output, "\(name).json")
    _ = try JSONText.parse(json.output)
  }

  @Test func `the committed reference page is what the program writes`() {
    let page = run(["settings", "show", "--markdown"])
    #expect(page.status == 0 && page.error.isEmpty)
    #expect(
      repositoryFile("docs/ecosystems.md") == page.output,
      "docs/ecosystems.md is stale: poolops settings show --markdown > docs/ecosystems.md")
  }

  @Test func `a file is translated: settings to standard output, losses to standard error`() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/pool.env"
    write("max_connections = 20\nmax_lifetime: 1800s\nidle_timeout=5s\nlisten=1\n", to: path)
    let words = ["settings", "translate", "--from", "sqlx", "--to"]
    let hikari = run(words + ["hikaricp", path])
    #expect(hikari.status == 0 && hikari.output == "maximumPoolSize=20\nidleTimeout=10000\nmaxLifetime=1800000\n")
    let all = hikari.error + run(words + ["asyncpg", path]).error
    expectSnapshot(all, "settings-translate.txt")
    let json = try JSONText.parse(run(words + ["hikaricp", path, "--json"]).output)
    #expect(json["settings"]?["maximumPoolSize"]?.string == "20")
  }

  private static let slips: [(line: String, status: Exit, says: String)] = [
    ("settings show asyncgp", .usage, "Did you mean 'asyncpg'?"), ("settings show oracle", .usage, "Known: asyncpg,"),
    ("settings show --json --markdown", .usage, "cannot both"),
    ("settings emit --ecosystem sqlx --preset prodution", .usage, "'prodution'"),
    ("settings emit --preset production", .usage, "--ecosystem"),
    ("settings translate --from sqlx --to hikaricp -", .usage, "standard input is not read"),
    ("settings translate --from sqlx --to hikari FILE", .usage, "no ecosystem 'hikari'"),
    ("settings translate --from sqlx --to hikaricp /nowhere/pool.env", .badConfiguration, "/nowhere/pool.env"),
    ("settings translate --from sqlx --to hikaricp FILE", .badConfiguration, ":2: 'max_conections'"),
    ("settings translate --from asyncpg --to hikaricp EMPTY", .badConfiguration, "has no setting of asyncpg"),
    ("settings translate --from sqlalchemy --to hikaricp OTHER", .badConfiguration, "has no setting of SQLAlchemy"),
  ]

  @Test(arguments: slips) func `a slip is named, with what is accepted`(line: String, status: Exit, says: String) {
    let folder = TemporaryFolder()
    write("# sizes\nmax_conections=20\nacquire_timeout=30\n", to: folder.path + "/FILE")
    write("# nothing\n", to: folder.path + "/EMPTY")
    write("SQLALCHEMY_POOL_SIZE=5\n", to: folder.path + "/OTHER")
    let words = Self.words(line).map { ["FILE", "EMPTY", "OTHER"].contains($0) ? "\(folder.path)/\($0)" : $0 }
    let ending = run(words)
    #expect(ending.status == status.rawValue, "\(ending)")
    #expect(ending.output.isEmpty && ending.error.contains(says), "\(ending)")
    if says.hasPrefix(":2") { #expect(ending.error.contains(":3: acquire_timeout=30"), "all faults at once") }
  }
}
