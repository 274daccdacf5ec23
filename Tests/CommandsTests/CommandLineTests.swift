import Arguments
import Commands
import Glibc
import Model
import Store
import TestSupport
import Testing

/// The command line inside this process: no server, no signal.
@Suite struct CommandLineTests {
  /// Every node of the tree: the empty list is `poolops` itself.
  private static let commands = [
    "", "experiment", "experiment list", "experiment validate", "experiment plan", "experiment run",
    "experiment recover", "experiment calibrate", "run", "run list", "run show", "run tag", "run untag", "diff",
    "report", "runbook", "runbook new", "runbook render", "runbook check", "go-no-go", "go-no-go show",
    "go-no-go sign", "sweep", "sweep run", "sweep show", "sweep confirm", "size", "audit", "monitor", "alerts",
    "alerts render",
    "alerts list", "settings", "settings show",
    "settings translate", "settings emit", "staging",
    "staging up",
    "staging down", "staging status", "staging mark", "staging unmark",
  ]

  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  @Test(arguments: commands) func `each command has help`(line: String) {
    let help = run(Self.words(line) + ["--help"])
    #expect(help.status == 0 && help.error.isEmpty)
    let name = line.isEmpty ? "poolops" : line.replacing(" ", with: "-")
    expectSnapshot(help.output, "help-\(name).txt")
  }

  @Test func `the tree has no ambiguous declaration, and the list above names all of it`() {
    #expect(Poolops.declarationFaults() == [])
    let listed = Self.commands.flatMap { parent in
      names(in: run(Self.words(parent) + ["--help"]).output).map { parent.isEmpty ? $0 : "\(parent) \($0)" }
    }
    #expect(Set(listed) == Set(Self.commands.dropFirst()))
  }

  /// The words of the section SUBCOMMANDS.
  private func names(in help: String) -> [String] {
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasPrefix("SUBCOMMANDS") }) else { return [] }
    return lines[(start + 1)...].prefix { $0.hasPrefix("  ") }
      .filter { !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  @Test func `the version is one line`() {
    #expect(run(["--version"]).output == Poolops.version + "\n")
  }

  private static let usage: [(line: String, says: [String])] = [
    ("experimnt", ["'experimnt'", "'experiment'"]),
    ("experiment rnu", ["'rnu'", "'run'"]),
    ("experiment run", ["<name>"]),
    ("experiment run grow --jsn", ["'--jsn'", "'--json'"]),
    ("experiment run growe", ["no experiment 'growe'", "Did you mean 'grow'?"]),
    ("experiment plan zzz", ["no experiment 'zzz'", "Known: grow"]),
    ("experiment run grow shrink", ["'shrink'"]),
    ("run list --limit 0", ["'0'", "--limit"]),
    ("run list --limit many", ["'many'", "--limit"]),
    ("diff run-1 run-2 run-3", ["'run-3'"]),
    ("diff grow --json --markdown", ["--json", "--markdown"]),
    ("go-no-go --max-age -1", ["--max-age"]),
    ("size", ["mean time that a request holds a connection", "--service-time", "--from"]),
    ("size --service-time 40ms", ["needs the load", "--rate", "--users", "--think-time"]),
    ("size --users 500 --service-time 40ms", ["500 users say nothing", "--think-time"]),
    ("size --rate 5 --service-time 48.4", ["'48.4'", "--service-time", "duration with its unit"]),
    ("size --rate -5 --service-time 4ms", ["--rate", "above 0"]),
    ("size --server-memory 8", ["'8'", "--server-memory", "8GB"]),
    ("size --users 99999999 --think-time 1s --service-time 1ms", ["99999999", "20000", "--rate"]),
    ("size --rate 1e12 --service-time 5m", ["300000000000000 connections", "units"]),
    ("go-no-go --max-age 9223372036854775807", ["'9223372036854775807'", "--max-age"]),
    ("staging up --scale x", ["'x'", "--scale"]),
    ("staging up --set max_connections", ["'max_connections'", "name=value"]),
    ("experiment list -C /nowhere/at/all", ["'/nowhere/at/all' is not a folder"]),
  ]

  @Test(arguments: usage) func `a slip of the keyboard is named, with what is accepted, and ends with 64`(
    line: String, says: [String]
  ) {
    let project = Self.project()
    let words = Self.words(line)
    let ending = words.contains("-C") ? run(words) : run(words + ["-C", project.root])
    #expect(ending.status == Exit.usage.rawValue, "\(ending)")
    #expect(ending.output.isEmpty, "messages go to standard error")
    for text in says { #expect(ending.error.contains(text), "\(ending.error)") }
  }

  private static func project() -> TestProject {
    let project = TestProject()
    project.add("grow", Tiny(title: "More connections").text)
    return project
  }

  @Test func `experiments are listed, validated and planned without a server`() {
    let project = Self.project()
    project.add("shrink", Tiny(title: "Fewer", baseline: "{ max_size: 8 }", change: "{ max_size: 2 }").text)
    for (line, name) in [
      ("experiment list", "list"), ("experiment validate", "validate"), ("experiment plan grow", "plan"),
    ] {
      let plain = project.command(line)
      #expect(plain.status == 0, "\(plain)")
      expectSnapshot(plain.output, "experiment-\(name).txt")
      let json = project.command(line + " --json")
      #expect(json.status == 0 && json.error.isEmpty)
      expectSnapshot(json.output, "experiment-\(name).json")
      #expect(throws: Never.self) { try JSONText.parse(json.output) }
    }
    #expect(project.command("experiment run grow --dry-run").output == project.command("experiment plan grow").output)
    #expect(access(project.database, F_OK) != 0 && access(project.root + "/.poolops", F_OK) != 0, "nothing is touched")
  }

  private static let withoutResults: [(line: String, status: Exit, says: String)] = [
    ("run list", .inconclusive, "poolops experiment run"), ("run show run-1", .inconclusive, "no results file"),
    ("diff run-1 run-2", .inconclusive, "no results file"), ("diff grow", .inconclusive, "no results file"),
    ("sweep show grow", .inconclusive, "no results file"), ("sweep confirm grow", .inconclusive, "no results file"),
    ("go-no-go", .inconclusive, "no results file"), ("report", .inconclusive, "no results file"),
    ("runbook check", .inconclusive, "no results file"),
    ("runbook render", .inconclusive, "no results file"), ("experiment recover", .go, "Nothing is owed"),
    ("experiment calibrate grow --show", .inconclusive, "no results file"), ("experiment list", .go, "not run"),
    ("size --from run-1", .inconclusive, "no results file"),
    ("size --rate 100 --service-time 50ms", .go, "10 to 16 connections"),
    ("size --users 5 --think-time 0s --service-time 1ms", .inconclusive, "No size fits"),
    ("staging status", .unreachable, "not made yet"),
    ("staging down", .go, "is down"),
  ]

  @Test(arguments: withoutResults) func `a project without results says so, and what to type`(
    line: String, status: Exit, says: String
  ) {
    let project = Self.project()
    let ending = project.command(line)
    #expect(ending.status == status.rawValue, "\(ending)")
    #expect((ending.output + ending.error).contains(says), "\(ending)")
    #expect(access(project.database, F_OK) != 0, "reading makes no file")
  }

  @Test(
    arguments: withoutResults.filter { $0.status == .inconclusive && $0.says == "no results file" }.map(\.line) + [
      "run list", "experiment recover", "experiment list", "alerts list", "run untag golden",
    ]) func `a results file of no bytes is told by every command that reads, and left as it is`(line: String)
  {
    let project = Self.project()
    write("", to: project.database)
    let ending = project.command(line)
    #expect(ending.status == Exit.inconclusive.rawValue && ending.output.isEmpty, "\(ending)")
    #expect(ending.error.contains("\(project.database) is empty, a file of 0 bytes"), "\(ending)")
    #expect(ending.error.contains("version control or a backup"), "\(ending)")
    #expect(bytes(of: project.database) == [])
  }

  @Test func `a results file of no bytes is filled by a command that writes`() throws {
    let project = Self.project()
    write("", to: project.database)
    project.makeFolder(project.root + "/runbooks")
    write(
      "version: 1\nmanual:\n  - { id: told, text: The team was told. }\n", to: project.root + "/runbooks/go-no-go.yaml")
    let signed = project.command("go-no-go sign told --by Ada")
    #expect(signed.status == 0, "\(signed)")
    #expect(try project.results().newestSignOffs().map(\.signedBy) == ["Ada"])
    write("", to: project.database)
    let swept = project.command("sweep grow --pool 2 --dry-run")
    #expect(swept.status == 0 && bytes(of: project.database) == [], "\(swept)")
  }

  /// As an account that may not read it: root may read anything.
  @Test(arguments: ["experiment list", "experiment plan grow", "experiment validate", "go-no-go", "report peek"])
  func `a folder that may not be read is not said to be empty`(line: String) throws {
    let project = Self.project()
    try ResultsStore.open(path: project.database, mode: .readWrite).close()
    chmod(project.root + "/experiments", 0o700)
    let words = [Program.products + "/poolops"] + Self.words(line) + ["-C", project.root]
    let asNobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] + words
    if geteuid() != 0 { chmod(project.root + "/experiments", 0) }
    defer { chmod(project.root + "/experiments", 0o755) }
    let command = geteuid() == 0 ? asNobody : words
    let ending = try Program(command[0], Array(command.dropFirst())).wait()
    #expect(ending.status == Exit.badConfiguration.rawValue && ending.output.isEmpty, "\(ending)")
    #expect(ending.error.contains("cannot read \(project.root)/experiments: Permission denied"), "\(ending)")
  }

  @Test func `output that a full disk cuts off is no success, and what nobody reads is one`() throws {
    let shell = { (redirection: String, line: String) throws in
      try Program("/bin/sh", ["-c", "'\(Program.products)/poolops' \(line) \(redirection)"]).wait()
    }
    let full = try shell("> /dev/full", "settings show")
    #expect(full.status == Exit.unexpected.rawValue && full.error.contains("No space left on device"), "\(full)")
    let verdict = try shell("> /dev/full", "size --users 5 --think-time 0s --service-time 1ms")
    #expect(verdict.status == Exit.inconclusive.rawValue && verdict.error.contains("No space left"), "\(verdict)")
    for nobody in ["| true", ">&-"] {
      let ending = try shell(nobody, "settings show")
      #expect(ending.status == 0 && ending.error.isEmpty, "\(nobody): \(ending)")
    }
  }

  @Test(arguments: [40, 60, 100], [["monitor", "bogus"], ["monitor", "pid=1", "--for", "1"]])
  func `a terminal's lines end between words, also those of a failure`(columns: Int, words: [String]) {
    let project = Self.project()
    var error = ""
    let world = World(
      arguments: words + ["-C", project.root], variables: [:], directory: "/", output: { _ in },
      error: { error += $0 }, errorIsTerminal: true, columns: columns, now: { Timestamp(microseconds: 0) },
      randomSeed: { 1 })
    #expect(Poolops.main(in: world) == Exit.usage.rawValue)
    let lines = error.split(separator: "\n")
    #expect(lines.count > 2 && lines.allSatisfy { $0.count <= columns }, "\(error)")
    let plain = run(words + ["-C", project.root]).error
    let glued = { (text: String) in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    #expect(glued(error) == glued(plain), "no word is broken")
  }

  @Test func `all faults of a file are told at once, each with its place`() {
    let project = TestProject()
    project.add("bad", Self.bad)
    for line in ["experiment validate", "experiment plan bad", "experiment run bad"] {
      let ending = project.command(line)
      #expect(ending.status == Exit.badConfiguration.rawValue, "\(ending)")
      expectSnapshot(ending.error.replacing("poolops: ", with: ""), "faults.txt")
    }
    let json = project.command("experiment validate --json")
    #expect(json.status == Exit.badConfiguration.rawValue)
    #expect(throws: Never.self) {
      let faults = try JSONText.parse(json.output).array.first?["faults"]?.array
      #expect((faults?.count ?? 0) >= 6)
    }
    #expect(project.command("experiment list").output.contains("has faults"))
    #expect(access(project.database, F_OK) != 0)
  }

  private static let bad = """
    version: 1
    title: Many faults
    hypothesis: All of them are told at once.
    target: { pool: builtin }
    baseline: { max_size: -5, acquire_timeout: 20, max_sise: 4 }
    change: { max_size: 4, min_size: 9 }
    load:
      shape: { constant: { users: 8, duration: 10 seconds } }
      transactions:
        - { name: nap, sql: "SELECT pg_sleep(:x)" }
    checks: [ "p(95) < 50", "eror_rate < 1%" ]

    """

  private static let strangers: [(name: String, make: @Sendable (String) -> Void, says: String)] = [
    (
      "a text file",
      { write("this is a text, and longer than a hundred bytes: " + String(repeating: "x", count: 200), to: $0) },
      "not a poolops database"
    ),
    ("a folder", { mkdir($0, 0o755) }, "not a plain file"),
    (
      "another program's database",
      { path in write(String(decoding: header(version: 0, application: 0), as: UTF8.self), to: path) },
      "another program"
    ),
  ]

  private static func header(version: UInt8, application: UInt8) -> [UInt8] {
    var bytes = Array("SQLite format 3\0".utf8) + [UInt8](repeating: 0, count: 496)
    bytes[60...63] = [0, 0, 0, version]
    bytes[68...71] = [0, 0, 0, application]
    return bytes
  }

  @Test func `a results file that is none is refused by every command, and left as it is`() {
    for (name, make, says) in Self.strangers {
      let project = Self.project()
      make(project.database)
      let before = bytes(of: project.database)
      for line in [
        "run list", "diff grow", "go-no-go", "experiment recover", "experiment calibrate grow", "experiment run grow",
        "experiment list",
      ] {
        let ending = project.command(line)
        #expect(ending.status == Exit.badConfiguration.rawValue, "\(name), \(line): \(ending)")
        #expect(ending.error.contains(says), "\(name), \(line): \(ending)")
      }
      #expect(bytes(of: project.database) == before)
      #expect(access(project.root + "/.poolops", F_OK) != 0, "\(name): staging is not touched")
    }
  }

  @Test func `a results file of a newer poolops is refused, and left as it is`() throws {
    let project = Self.project()
    try ResultsStore.open(path: project.database, mode: .readWrite).close()
    var newer = try #require(bytes(of: project.database))
    newer[60...63] = [0, 0, 0, 99]
    writeBytes(newer, to: project.database)
    for line in ["run list", "experiment run grow", "experiment recover", "experiment calibrate grow"] {
      let ending = project.command(line)
      #expect(ending.status == Exit.badConfiguration.rawValue && ending.error.contains("newer poolops"), "\(ending)")
    }
    #expect(bytes(of: project.database) == newer)
  }

  @Test(arguments: ["/proc/results.db", "/dev/null/results.db", "/nowhere/results.db"])
  func `a results file that cannot be made is refused before staging is touched`(path: String) {
    let project = Self.project()
    let ending = project.command("experiment run grow --db \(path)")
    #expect(ending.status == Exit.badConfiguration.rawValue, "\(ending)")
    #expect(ending.error.contains(path) && ending.error.contains("--db"), "\(ending)")
    #expect(access(project.root + "/.poolops", F_OK) != 0)
  }
}
