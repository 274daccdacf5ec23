import Commands
import Glibc
import Model
import Postgres
import Staging
import System
import TestSupport
import Testing

/// `poolops alerts`, and what Prometheus's own tool says of what it writes.
@Suite struct AlertsTests {
  private static let promtool = "/usr/bin/promtool"
  private static let missing: Comment = "there is no promtool; 'scripts/setup test' installs it"

  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  private static func promtool(_ words: [String]) throws -> Program.Ending {
    try #require(FileSystem.isExecutable(promtool), missing)
    return try Program(promtool, words).wait()
  }

  private static func paths(_ folder: String, _ suffix: String) -> [String] {
    FileSystem.entries(of: folder).filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
  }

  private static func render(_ line: String = "", into folder: String) throws -> String {
    let alerts = "\(folder)/alerts"
    let ending = run(words("alerts render \(line) --output \(alerts)"))
    try #require(ending.status == 0, "\(ending)")
    return alerts
  }

  // MARK: Prometheus's own judgement

  private static let settings =
    ["1s", "5s", "30s"].flatMap { timeout in ["1s", "15s"].map { (timeout, $0) } } + [("5s", "500ms")]

  @Test(arguments: settings) func `promtool takes every rule, and every rule fires, stays and clears as it should`(
    timeout: String, interval: String
  ) throws {
    let folder = TemporaryFolder()
    let alerts = try Self.render("--acquire-timeout \(timeout) --scrape-interval \(interval)", into: folder.path)
    let check = try Self.promtool(["check", "rules"] + Self.paths(alerts, ".rules.yml"))
    #expect(check.status == 0, "\(check)")
    let test = try Self.promtool(["test", "rules"] + Self.paths(alerts, ".test.yml"))
    #expect(test.status == 0, "\(test)")
    #expect(test.output.split(separator: "SUCCESS").count == 7, "six files: \(test.output)")
  }

  /// The committed ramp measured a lead of more than 5 s with an acquire timeout of 5 s, looked at every 500 ms.
  @Test func `a rule is rendered as proven by the ramp that measured it, and only as it was measured`() throws {
    let project = try RecordedProject(isBare: true)
    let list = { (line: String) in project.command("alerts list --source poolops \(line)").output }
    #expect(list("--acquire-timeout 5s --scrape-interval 500ms").contains("proven (run-7)"))
    for line in ["", "--acquire-timeout 5s --scrape-interval 1s", "--acquire-timeout 6s --scrape-interval 500ms"] {
      #expect(!list(line).contains("proven ("), "\(line)")
    }
    let rendered = project.command("alerts render --source poolops --acquire-timeout 5s --scrape-interval 200ms").output
    #expect(rendered.contains("Proven: it led the first failed request by") && rendered.contains("(run-7)"))
    try project.tamper("UPDATE lead_times SET aged_alert = failure - 1, aged_warning = NULL")
    let refuted = list("--acquire-timeout 5s --scrape-interval 500ms")
    #expect(!refuted.contains("proven (") && refuted.contains("did not lead (run-7)"), "\(refuted)")
  }

  @Test func `the defaults, a Prometheus without keep_firing_for, and thresholds from evidence are taken too`() throws {
    let project = try RecordedProject(isBare: true)
    for line in ["", "--prometheus 2.41", "--experiment peak --runbook-url https://wiki.example/a?b='c'%20d"] {
      let folder = TemporaryFolder()
      let alerts = "\(folder.path)/alerts"
      let ending = project.command("alerts render \(line) --output \(alerts)")
      #expect(ending.status == 0, "\(ending)")
      let test = try Self.promtool(["test", "rules"] + Self.paths(alerts, ".test.yml"))
      #expect(test.status == 0, "\(line): \(test)")
      let rules = Self.paths(alerts, ".rules.yml").compactMap { text(of: $0) }.joined()
      #expect(rules.contains("keep_firing_for") != line.contains("2.41"))
      #expect(rules.contains("the 50 connections of one pool (run-6)") == line.contains("peak"))
      #expect(rules.contains("acquire timeout: run-6 of peak#1") == line.contains("peak"))
      #expect(rules.contains("runbook_url") == line.contains("runbook"))
    }
  }

  private static let spoiled = [
    ("hikaricp-micrometer", "[3s]) > 0", "[3s]) > 100"), ("hikaricp-micrometer", ">= 30\n", ">= 3000\n"),
    ("hikaricp-micrometer", "for: 15s", "for: 16s"), ("hikaricp-prometheus", "severity: critical", "severity: info"),
    ("pgbouncer_exporter", "seconds >= 60", "seconds >= 59"), ("opentelemetry", "[1m]) > 0", "[1m]) > 1000"),
    ("poolops", ">= 0.5 *", ">= 0.7 *"), ("poolops", "keep_firing_for: 30s", "keep_firing_for: 29s"),
    ("postgres_exporter", "< on (job, instance, server) 0.1", "< on (job, instance, server) 0.01"),
    ("postgres_exporter", "pg_up == 0", "pg_up == 2"),
  ]

  @Test(arguments: spoiled) func `the tests that come with the rules notice a rule that was changed`(
    source: String, old: String, new: String
  ) throws {
    let folder = TemporaryFolder()
    let alerts = try Self.render("--source \(source) --scrape-interval 1s", into: folder.path)
    let path = "\(alerts)/poolops-\(source).rules.yml"
    let rules = try #require(text(of: path))
    try #require(rules.contains(old))
    write(rules.replacing(old, with: new), to: path)
    let test = try Self.promtool(["test", "rules", "\(alerts)/poolops-\(source).test.yml"])
    #expect(test.status != 0)
  }

  /// A panel of nothing but errors would pass for JSON.
  @Test func `Prometheus understands every query of the dashboard`() throws {
    let folder = TemporaryFolder()
    let alerts = try Self.render(into: folder.path)
    let dashboard = try #require(text(of: "\(alerts)/poolops-dashboard.json"))
    let panels = try JSONText.parse(dashboard)["panels"]?.array ?? []
    #expect(panels.count == 6)
    var rules = "groups:\n- name: queries\n  rules:\n"
    for (number, panel) in panels.enumerated() {
      let targets = panel["targets"]?.array ?? []
      #expect(Set(targets.compactMap { $0["refId"]?.string }).count == targets.count && !targets.isEmpty)
      for target in targets {
        let query = try #require(target["expr"]?.string).replacing("$__rate_interval", with: "1m")
        rules += "  - record: query_\(number)_\(target["refId"]?.string ?? "")\n    expr: |\n"
        rules += query.split(separator: "\n").map { "      \($0)\n" }.joined()
      }
    }
    write(rules, to: "\(folder.path)/queries.yml")
    let check = try Self.promtool(["check", "rules", "\(folder.path)/queries.yml"])
    #expect(check.status == 0, "\(check)\n\(rules)")
  }

  /// The names in the rules against those of the exporter that Debian has.
  @Test func `postgres_exporter tells what its rules ask for`() throws {
    let program = "/usr/bin/prometheus-postgres-exporter"
    try #require(FileSystem.isExecutable(program), "there is no \(program); 'scripts/setup test' installs it")
    let cluster = try TestCluster.running()
    let admin = cluster.admin.parameters
    let source = ["host", "port", "user"].compactMap { name in admin[name].map { "\(name)=\($0)" } }
    let settings = "DATA_SOURCE_NAME=\(source.joined(separator: " ")) dbname=postgres sslmode=disable"
    let (exporter, port) = try TestProcess.listening(
      ["/usr/bin/env", settings, program, "--web.listen-address=127.0.0.1:0"],
      telling: "\"Listening on\" address=127.0.0.1:")
    let page = try #require(scrape(port, until: "pg_stat_activity_count"), "\(exporter.log)")
    for name in [
      "pg_settings_max_connections{", "pg_settings_superuser_reserved_connections{", "pg_stat_activity_count{",
      "pg_up ",
    ] {
      let line = try #require(page.split(separator: "\n").first { $0.hasPrefix(name) }, "\(name)")
      if name.hasSuffix("{") { #expect(line.contains("server=\""), "\(line)") }
    }
  }

  /// The exporter's page once it has `word`; nil when nothing came within a while.
  private func scrape(_ port: Int, until word: String) -> String? {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      let page = try? TestFetcher().get("http://127.0.0.1:\(port)/metrics", within: .seconds(5)).body
      if let page, page.contains(word) { return page }
      usleep(50_000)
    }
    return nil
  }

  // MARK: Files

  @Test func `files are written once, replaced when they change, and left alone when somebody else wrote them`() throws
  {
    let folder = TemporaryFolder()
    let line = "alerts render --source poolops --output \(folder.path)/new/alerts"
    let names = ["poolops-poolops.rules.yml", "poolops-poolops.test.yml", "poolops-dashboard.json"]
    func files() -> [String?] { names.map { text(of: "\(folder.path)/new/alerts/\($0)") } }

    let dry = run(Self.words(line + " --dry-run"))
    #expect(dry.status == 0 && dry.output.contains("would write") && files() == [nil, nil, nil])
    let first = run(Self.words(line))
    #expect(first.status == 0 && first.output.contains("promtool test rules"), "\(first)")
    #expect(files().allSatisfy { $0 != nil })
    let again = run(Self.words(line + " --json"))
    #expect(again.output.split(separator: "\"same\"").count == 4, "\(again)")
    let changed = run(Self.words(line + " --acquire-timeout 7s"))
    #expect(changed.status == 0 && changed.output.contains("replaced"), "\(changed)")

    // Edited by hand, and by somebody else altogether: neither is lost, and nothing else is written.
    let rules = "\(folder.path)/new/alerts/\(names[0])"
    let before = try #require(text(of: rules))
    for (text, says) in [(before + "# mine\n", "was edited"), ("groups: []\n", "was not written by poolops")] {
      write(text, to: rules)
      let kept = files()
      let refused = run(Self.words(line))
      #expect(refused.status == Exit.usage.rawValue && refused.error.contains(says), "\(refused)")
      #expect(refused.error.contains("--force") && files() == kept)
      #expect(run(Self.words(line + " --dry-run")).status == Exit.usage.rawValue)
    }
    writeBytes([0xFF, 0xFE, 0], to: rules)
    #expect(run(Self.words(line)).error.contains("was not written by poolops"))
    let forced = run(Self.words(line + " --force"))
    #expect(forced.status == 0 && text(of: rules)?.contains("PoolExhaustionAhead") == true, "\(forced)")
  }

  @Test func `without a folder the rules go to standard output, as one file that promtool takes`() throws {
    let folder = TemporaryFolder()
    let ending = run(Self.words("alerts render --source poolops --source postgres_exporter"))
    #expect(ending.status == 0 && ending.error.contains("--output"))
    write(ending.output, to: "\(folder.path)/rules.yml")
    let check = try Self.promtool(["check", "rules", "\(folder.path)/rules.yml"])
    #expect(check.status == 0 && check.output.contains("11 rules found"), "\(check)")
    let json = try JSONText.parse(run(Self.words("alerts render --source poolops --json")).output)
    #expect(json["poolops-poolops.rules.yml"]?.string?.contains("PoolExhaustionAhead") == true)
  }

  // MARK: Evidence and links

  @Test func `numbers are the experiment's, with the run that they are from; what is typed stands before them`() throws
  {
    let project = try RecordedProject(isBare: true)
    write("## What to do\n\n<!-- poolops:begin trigger experiment=peak -->\n", to: project.page)
    let taken = project.command("alerts list --experiment peak --source hikaricp-micrometer")
    #expect(taken.status == 0 && taken.output.contains("acquire timeout 0.34 s (run-6 of peak#1)"), "\(taken)")
    let typed = project.command("alerts list --experiment peak --acquire-timeout 5s --source poolops")
    #expect(typed.output.contains("5 s (given by --acquire-timeout)") && typed.output.contains("(run-6)"), "\(typed)")
    // fail-fast was found wanting: what runs is what was there before.
    let rejected = project.command("alerts list --experiment fail-fast --source postgres_exporter")
    #expect(rejected.output.contains("the 20 connections of one pool (run-3)"), "\(rejected)")
    let link = project.command("alerts render --source poolops --runbook-url https://git.example/b/connection-pool.md")
    #expect(link.output.contains("connection-pool.md#what-to-do\""), "\(link.output)")
    // Nothing here was proven by an experiment, so nothing may say so.
    #expect(!project.command("alerts list --json --experiment peak").output.contains("\"proven\": true"))
  }

  private static let slips: [(line: String, status: Exit, says: String)] = [
    ("alerts render --source hikaricp-micrometre", .usage, "Did you mean 'hikaricp-micrometer'?"),
    ("alerts list --source datadog", .usage, "Known: postgres_exporter,"),
    ("alerts list --acquire-timeout 5", .usage, "'5'"),
    ("alerts list --acquire-timeout 10ms", .usage, "from 100ms to 1h"),
    ("alerts list --scrape-interval 0s", .usage, "from 100ms to 10m"),
    ("alerts list --runbook-url wiki/pool", .usage, "http:// or https://"),
    ("alerts list --runbook-url https://me:S3CR3T@wiki/pool", .usage, "without a user"),
    ("alerts list --runbook-url https://wiki/{{x}}", .usage, "'{{'"),
    ("alerts list --runbook-url https://", .usage, "address"),
    ("alerts list --prometheus two", .usage, "'two'"),
    ("alerts list --experiment peek", .usage, "there is no execution 'peek'"),
    ("alerts list --experiment peek", .usage, "did you mean 'peak'?"),
    ("alerts list --experiment baseline#9", .usage, "baseline#9"), ("alerts render --force", .usage, "'--output'"),
    ("alerts render --dry-run", .usage, "'--output'"),
    ("alerts render --output /dev/null/x", .badConfiguration, "/dev/null"),
  ]

  @Test(arguments: slips) func `a slip is named, with what is accepted`(line: String, status: Exit, says: String) throws
  {
    let project = try RecordedProject(isBare: true)
    let ending = project.command(line)
    #expect(ending.status == status.rawValue && ending.output.isEmpty && ending.error.contains(says), "\(ending)")
    #expect(!ending.error.contains("S3CR3T"))
  }
}
