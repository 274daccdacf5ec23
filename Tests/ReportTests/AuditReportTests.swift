import Configuration
import Model
import TestSupport
import Testing

@testable import Advice
@testable import Report

@Suite struct AuditReportTests {
  // MARK: - Samples

  private static let budgetRule = AuditRule(
    "slot-budget", "The pools together fit the slots", .critical,
    why: "The server refuses the connection after its last slot. PostgreSQL says 53300.")
  private static let timeoutRule = AuditRule(
    "no-acquire-timeout", "Waiting ends some day", .warning,
    why: "A hang instead of an error: nobody is told. Callers give up first.")
  private static let rules = [budgetRule, timeoutRule, .faultyDirective, .unusedSuppression]

  private static let critical = Finding(
    budgetRule, at: Place("deploy/api.yaml", line: 14, column: 9),
    "5 replicas x 2 processes x 20 = 200 connections, and 97 slots are there.",
    fix: .init(
      "DB_POOL_MAX: \"9\"", at: Place("deploy/api.yaml", line: 14), setting: "DB_POOL_MAX", value: "9",
      also: [
        .init("default_pool_size = 9", at: Place("pgbouncer.ini", line: 2), setting: "default_pool_size", value: "9")
      ]),
    related: [.init(Place("postgresql.conf", line: 3), "max_connections = 100")])
  private static let warning = Finding(
    timeoutRule, at: Place("api/.env", line: 2), "The pool of asyncpg waits without limit.",
    fix: .init("DB_POOL_TIMEOUT=5"))
  private static let accepted = Finding(timeoutRule, at: Place("job.env", line: 1), "The job waits without limit.")
  private static let unused = Finding(
    .unusedSuppression, at: Place("job.env", line: 7), "It ignores nothing: no finding of slot-budget on line 8")
  private static let live = Finding(budgetRule, .note, at: Place("live:pg_settings", line: 0), "It runs with 100.")

  private static func sorted(_ findings: [Finding]) -> SortedFindings {
    let directive = Directive(
      .ignore(rule: "no-acquire-timeout", reason: "nobody waits for the job"), at: Place("job.env", line: 1),
      standsAlone: false, line: 1)
    return SortedFindings(findings, directives: [directive], rules: rules)
  }

  private static var budget: SlotBudget {
    let written = { (value: Int, file: String, line: Int) in Sourced(value, .written(Place(file, line: line))) }
    let copies = Copies(
      replicas: written(5, "deploy/api.yaml", 4), processes: written(2, "deploy/api.yaml", 11),
      surge: Sourced(.percent(25), .standard("Kubernetes")))
    return SlotBudget(
      side: .server(0), name: "postgresql.conf", place: Place("postgresql.conf", line: 3),
      total: written(100, "postgresql.conf", 3),
      deductions: [.init(name: "superuser_reserved_connections", count: Sourced(3, .standard("PostgreSQL")))],
      lines: [
        .init(
          kind: .application, who: "api", place: nil, sum: "20 x 2 processes x 5 replicas = 200", slots: 200, surge: 80,
          perCopy: 40, copies: copies),
        .init(kind: .job, who: "nightly", place: nil, sum: "", slots: nil, surge: 0, unknown: "its pool is not named"),
      ],
      targetShare: 0.8, assumptions: ["one process in each copy of nightly"])
  }

  private static func report(_ findings: [Finding], gaps: [AuditVerdict.Gap] = []) -> AuditReport {
    let sorted = sorted(findings)
    var report = AuditReport(sorted, AuditVerdict(sorted.standing, gaps: gaps), rules: rules)
    report.read = [.init("deploy/api.yaml", "Kubernetes"), .init("postgresql.conf", "postgresql.conf")]
    return report
  }

  private static var full: AuditReport {
    let gap = AuditVerdict.Gap("it ends within a quoted value", at: Place("config/app.yml", line: 3))
    var report = report([critical, warning, accepted, live], gaps: [gap])
    report.budgets = [budget]
    report.remarks = [
      .init(.fault, "it ends within a quoted value", at: Place("config/app.yml", line: 3)),
      .init(.notice, "the key 'pol' is not known", at: Place("deploy/api.yaml", line: 2)),
    ]
    report.notRead = [.init("logo.png", "binary")]
    report.expectations = [
      .init("DB_POOL_MAX=20", found: nil, at: Place("deploy/api.yaml", line: 14)),
      .init("DB_POOL_TIMEOUT=5", found: "not written anywhere", at: nil),
    ]
    report.live = .init(
      slots: nil,
      pools: [LivePool(database: "app", user: "u", clientsActive: 9, clientsWaiting: 4, servers: 5, longestWait: 2)])
    return report
  }

  // MARK: - Text, JSON, Markdown

  @Test func `everything at once, in every format`() {
    let report = Self.full
    expectSnapshot(report.text(Style()), "audit.txt")
    expectSnapshot(report.text(Style(unicode: false, width: 60)), "audit-narrow.txt")
    expectSnapshot(report.text(Style(), isQuiet: true), "audit-quiet.txt")
    expectSnapshot(report.json.text, "audit.json")
    expectSnapshot(report.markdown, "audit.md")
    expectSnapshot(report.annotations(directory: "/work"), "audit-github.txt")
    let sarif = report.sarif(version: "1.2.3", directory: "/work") {
      $0.file == "pgbouncer.ini" ? "default_pool_size = 20" : "    DB_POOL_MAX: \"20\""
    }
    expectSnapshot(sarif.text, "audit.sarif")
  }

  @Test func `sessions are shown with their states, or it is said that they cannot be seen`() {
    let groups = [
      LiveSlots.Group(user: "api", database: "app", application: "", sessions: 30, active: 2, idleInTransaction: 1)
    ]
    let parts = [true, false].flatMap { seesStates in
      LiveReport(.init(slots: LiveSlots(groups, seesStates: seesStates), usable: 97, pools: [])).parts(Style())
    }
    expectSnapshot(parts.joined(separator: "\n\n") + "\n", "audit-live.txt")
  }

  private static let verdicts: [(findings: [Finding], gaps: [AuditVerdict.Gap], says: [String])] = [
    ([], [], ["GO  no findings in 2 files", "nothing to mend"]),
    ([warning], [], ["GO  1 warning", "add 'DB_POOL_TIMEOUT=5' to api/.env,"]),
    ([live], [], ["GO  1 note", "look at live:pg_settings first", "--explain slot-budget"]),
    (
      [], [.init("no server was read", remedy: "give --max-connections N.")],
      ["INCONCLUSIVE  no findings", "Next: give --max-connections N."]
    ),
    ([critical, critical], [.init("x")], ["NO-GO  2 critical findings", "NO-GO: 2 findings to mend."]),
  ]

  @Test(arguments: verdicts) func `it begins with the verdict and ends with what to do`(
    findings: [Finding], gaps: [AuditVerdict.Gap], says: [String]
  ) {
    // Without the comment, which nothing would need.
    let sorted = SortedFindings(findings, directives: [], rules: Self.rules)
    var report = AuditReport(sorted, AuditVerdict(sorted.standing, gaps: gaps), rules: Self.rules)
    report.read = Self.full.read
    let text = report.text(Style())
    #expect(says.allSatisfy(text.contains), "\(text)")
    #expect(text.hasPrefix(says[0]))
  }

  @Test func `many files are counted`() {
    var report = Self.report([])
    report.read = (0..<12_000).map { .init("\($0).env", $0 % 4 == 0 ? "TOML" : "env file") }
    #expect(report.text(Style()).contains("Read: 12,000 files\n  9000 env file, 3000 TOML"))
  }

  @Test func `a remark about a pool that is called by its file names the file once`() {
    var report = Self.report([])
    report.remarks = [.init(.notice, "b.env: which pool it is, is not known", at: Place("b.env", line: 2))]
    #expect(report.text(Style()).contains("b.env:2: which pool it is"), "\(report.text(Style()))")
  }

  @Test func `much of what is not urgent is counted`() {
    let notes = (1...40).map { Finding(Self.timeoutRule, .note, at: Place("a.env", line: $0), "It is so.") }
    let warnings = (1...40).map { Finding(Self.timeoutRule, at: Place("a.env", line: $0), "It is worse.") }
    var report = Self.report(notes + warnings)
    report.remarks = (1...30).map { .init(.notice, "odd", at: Place("b.env", line: $0)) }
    var fits = Self.budget
    fits.lines = []
    report.budgets = Array(repeating: fits, count: 9) + [Self.budget]
    let text = report.text(Style())
    let counts = [
      "It is worse.": 40, "It is so.": 5, "and 35 more": 1, "odd": 11, "and 19 more": 1, "Slot budget of": 1,
    ]
    for (part, count) in counts { #expect(text.ranges(of: part).count == count, "\(part): \(text)") }
    #expect(text.contains("Slot budgets that fit: 9"))
  }

  @Test func `the rules are shown with their reasons`() {
    let report = RulesReport(Self.rules)
    expectSnapshot(report.text(Style()) + "---\n" + report.markdown + "---\n" + report.json.text, "audit-rules.txt")
  }

  // MARK: - Hostile names

  private static let names: [(path: String, uri: String, property: String)] = [
    ("a b/c%20d.env", "a%20b/c%2520d.env", "a b/c%2520d.env"), ("./x/../y//z.env", "y/z.env", "y/z.env"),
    ("a:b,c.env", "a%3Ab%2Cc.env", "a%3Ab%2Cc.env"), ("../up.env", "../up.env", "../up.env"),
    ("x\n::error file=y::z", "x%0A%3A%3Aerror%20file%3Dy%3A%3Az", "x%0A%3A%3Aerror file=y%3A%3Az"),
    ("/work/in side.env", "in%20side.env", "in side.env"), ("/work2/a.env", "file:///work2/a.env", "/work2/a.env"),
    ("é?#[].env", "%C3%A9%3F%23%5B%5D.env", "é?#[].env"),
  ]

  @Test(arguments: names) func `no name of a file can say anything else than a name`(
    path: String, uri: String, property: String
  ) {
    let finding = Finding(Self.budgetRule, at: Place(path, line: 1), "Its name is hostile:\r\n::warning::100 %")
    let report = Self.report([finding])
    let sarif = report.sarif(version: "1", directory: "/work") { _ in nil }.line
    #expect(sarif.contains("\"uri\":\"\(uri)\""), "\(sarif)")
    let lines = report.annotations(directory: "/work").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.filter { $0.hasPrefix("::") }.count == report.findings.count, "one command for each finding")
    #expect(lines.first?.hasPrefix("::error file=\(property),line=1,title=slot-budget::") == true, "\(lines)")
    #expect(lines.first?.hasSuffix("::Its name is hostile:%0D%0A::warning::100 %25.") == true)
    let text = report.text(Style(width: 400)) + report.markdown
    #expect(!text.contains("\r") && !text.split(separator: "\n").contains { $0.hasPrefix("::") })
  }

  // MARK: - SARIF

  @Test func `a fingerprint stays when lines move and values change, and tells two findings apart`() throws {
    func prints(_ lines: [Int], value: String, file: String = "a.env") -> [String] {
      let findings = lines.map { Finding(Self.timeoutRule, at: Place(file, line: $0), "It is \(value).") }
      let sarif = Self.report(findings).sarif(version: "1", directory: "/") { _ in "DB_POOL=\(value)" }.line
      return sarif.split(separator: "\"poolopsFinding/v1\":\"").dropFirst().map { String($0.prefix(16)) }
    }
    let first = prints([3, 9], value: "20")
    #expect(Set(first).count == first.count && first.count == 3)
    #expect(prints([4, 30], value: "25") == first)
    #expect(
      Set(prints([3, 9], value: "20", file: "b.env")).intersection(first).count <= 1, "the unused suppression stays")
  }

  private static let edits: [(fix: Finding.Fix, old: String, new: String?)] = [
    (set("DB_POOL_MAX", "9"), "  DB_POOL_MAX: \"20\"  # measured", "  DB_POOL_MAX: \"9\"  # measured"),
    (set("DB_POOL_MAX", "9"), "export DB_POOL_MAX = '20'", "export DB_POOL_MAX = '9'"),
    (set("DB_POOL_MAX", "9"), "      - DB_POOL_MAX=20", "      - DB_POOL_MAX=9"),
    (set("DB_POOL_MAX", "9"), "      - \"DB_POOL_MAX=20\"", "      - \"DB_POOL_MAX=9\""),
    (set("DB_POOL_MAX", "9"), "          value: \"20\"", "          value: \"9\""),
    (set("DB_POOL_MAX", "9"), "OLD_DB_POOL_MAX=1 DB_POOL_MAX=20", "OLD_DB_POOL_MAX=1 DB_POOL_MAX=9"),
    (set("spring.hikari.maximum-pool-size", "9"), "    maximum-pool-size: 20", "    maximum-pool-size: 9"),
    (
      set("max_connections", "9"), "command: [\"-c\", \"max_connections=20\"]",
      "command: [\"-c\", \"max_connections=9\"]"
    ),
    (set("a", "ü"), "é a= b", "é a= ü"), (set("a", "9"), "a=", "a=9"), (set("a", "9"), "b=20", nil),
    (set("a", "9"), "a", nil), (set("a", "9"), "", nil),
    (
      .init("pool_timeout=9", kind: .parameter, setting: "pool_timeout", value: "9"),
      "URL=\"postgresql://u:p@h/d?pool_timeout=20&x=1\"", "URL=\"postgresql://u:p@h/d?pool_timeout=9&x=1\""
    ), (.init("a=9", kind: .parameter, setting: "a", value: "9"), "URL=postgresql://u:p@h/d", nil),
    (.init("# a=1", kind: .removal, setting: "a"), "  a=1", "  # a=1"),
    (.init("f(9)", kind: .code, setting: "a", value: "9"), "a=1", nil),
    (.init("URL=x:***@h", setting: "URL", value: "x:***@h"), "URL=x:secret@h", nil),
  ]

  private static func set(_ name: String, _ value: String) -> Finding.Fix {
    .init("\(name)=\(value)", setting: name, value: value)
  }

  @Test(arguments: edits) func `a fix changes the value and nothing else on its line`(
    fix: Finding.Fix, old: String, new: String?
  ) {
    let edited = LineEdit(fix, in: old).map { edit in
      let scalars = Array(old.unicodeScalars)
      var text = String.UnicodeScalarView(scalars[..<(edit.start - 1)])
      text.append(contentsOf: edit.text.unicodeScalars)
      text.append(contentsOf: scalars[(edit.end - 1)...])
      return String(text)
    }
    #expect(edited == new)
  }

  @Test func `what has to change together is one fix or none`() {
    func fixes(_ lines: [String: String]) -> Bool {
      Self.report([Self.critical]).sarif(version: "1", directory: "/") { lines[$0.file] }.line.contains("\"fixes\"")
    }
    #expect(fixes(["deploy/api.yaml": "DB_POOL_MAX: 20", "pgbouncer.ini": "default_pool_size = 20"]))
    #expect(!fixes(["deploy/api.yaml": "DB_POOL_MAX: 20"]), "a line that is not at hand")
  }
}
