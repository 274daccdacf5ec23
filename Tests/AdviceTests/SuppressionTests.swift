import Advice
import Configuration
import Model
import Testing

@Suite struct SuppressionTests {
  private static let budget = AuditRule("slot-budget", "Too much", .critical, why: "It breaks.")
  private static let timeout = AuditRule("no-acquire-timeout", "Waits for ever", .warning, why: "It hangs.")
  private static let rules = [budget, timeout, .faultyDirective, .unusedSuppression]

  private static func finding(_ rule: AuditRule, _ line: Int?) -> Finding {
    Finding(rule, at: line.map { Place("app.env", line: $0) }, "It is so.")
  }

  private static func directive(_ content: Directive.Content, speaksOf line: Int?, file: String = "app.env")
    -> Directive
  {
    Directive(content, at: Place(file, line: 1), standsAlone: true, line: line)
  }

  private static func ignore(_ rule: String, _ reason: String = "sized for the sale in May") -> Directive.Content {
    .ignore(rule: rule, reason: reason)
  }

  private static let cases: [(name: String, directive: Directive, standing: [String], suppressed: Int)] = [
    ("its own line", directive(ignore("slot-budget"), speaksOf: 4), ["no-acquire-timeout"], 1),
    ("the whole file", directive(ignore("slot-budget"), speaksOf: nil), ["no-acquire-timeout"], 1),
    (
      "another line", directive(ignore("slot-budget"), speaksOf: 9),
      ["slot-budget", "no-acquire-timeout", "unused-suppression"], 0
    ),
    (
      "another file", directive(ignore("slot-budget"), speaksOf: nil, file: "b.env"),
      ["slot-budget", "no-acquire-timeout", "unused-suppression"], 0
    ),
    (
      "no reason", directive(ignore("slot-budget", " .-"), speaksOf: 4),
      ["slot-budget", "no-acquire-timeout", "faulty-directive"], 0
    ),
    (
      "a slip in the rule", directive(ignore("slot-bugdet"), speaksOf: 4),
      ["slot-budget", "no-acquire-timeout", "faulty-directive"], 0
    ),
    (
      "not understood", directive(.unreadable("'pol' is nothing"), speaksOf: 4),
      ["slot-budget", "no-acquire-timeout", "faulty-directive"], 0
    ),
    ("facts", directive(.facts(["pool": "psycopg2"]), speaksOf: 4), ["slot-budget", "no-acquire-timeout"], 0),
  ]

  @Test(arguments: cases) func `a comment accepts the findings where it speaks, and only with a reason`(
    name: String, directive: Directive, standing: [String], suppressed: Int
  ) {
    let findings = [Self.finding(Self.timeout, 5), Self.finding(Self.budget, 4)]
    // Twice: a file that is read on its own and as an include.
    let sorted = SortedFindings(findings, directives: [directive, directive], rules: Self.rules)
    #expect(sorted.standing.map(\.rule.id) == standing)
    #expect(sorted.suppressed.count == suppressed)
    #expect(sorted.suppressed.allSatisfy { $0.suppression.reason == "sized for the sale in May" })
  }

  @Test func `a slip in a rule's name is told with the name that was meant`() {
    let sorted = SortedFindings([], directives: [Self.cases[5].directive], rules: Self.rules)
    #expect(sorted.standing.first?.message == "'slot-bugdet' is no rule: did you mean 'slot-budget'?")
  }

  @Test func `the command's own suppressions reach findings without a place, and are told when nothing needs them`() {
    let suppression = Suppression(rule: "slot-budget", reason: "agreed")
    let findings = [Self.finding(Self.budget, nil), Self.finding(Self.budget, 4)]
    let sorted = SortedFindings(findings, directives: [], everywhere: [suppression], rules: Self.rules)
    #expect(sorted.standing.isEmpty && sorted.suppressed.count == 2)
    let unused = SortedFindings([], directives: [], everywhere: [suppression], rules: Self.rules).standing
    #expect(unused.map(\.severity) == [.note] && unused.first?.message.contains("--ignore slot-budget") == true)
  }

  @Test func `the worst stands first, then by rule, then by place`() {
    let findings = [
      Self.finding(Self.timeout, 1), Self.finding(Self.budget, nil), Self.finding(Self.budget, 9),
      Self.finding(Self.budget, 2), Finding(Self.timeout, .critical, at: Place("a", line: 1), ""),
    ]
    let sorted = SortedFindings(findings, directives: [], rules: Self.rules).standing
    #expect(sorted.map { $0.place?.line } == [2, 9, nil, 1, 1])
    #expect(sorted.map(\.severity) == [.critical, .critical, .critical, .critical, .warning])
  }
}

@Suite struct AuditVerdictTests {
  private static func findings(_ severities: [Finding.Severity]) -> [Finding] {
    severities.map { Finding(AuditRule("r", "t", $0, why: ""), at: nil, "") }
  }

  private static let cases: [([Finding.Severity], Bool, AuditVerdict.Threshold, Int32)] = [
    ([], false, .critical, 0), ([.note, .warning], false, .critical, 0), ([.critical], false, .critical, 2),
    ([], true, .critical, 3), ([.warning], true, .critical, 3), ([.critical], true, .critical, 2),
    ([.warning], false, .warning, 2), ([.note], false, .warning, 0), ([.note], true, .warning, 3),
    ([.critical], true, .never, 0),
  ]

  @Test(arguments: cases) func `what is broken stands before what could not be seen`(
    severities: [Finding.Severity], hasGap: Bool, threshold: AuditVerdict.Threshold, status: Int32
  ) {
    let gaps = hasGap ? [AuditVerdict.Gap("it could not be read")] : []
    let verdict = AuditVerdict(Self.findings(severities), gaps: gaps, failOn: threshold)
    #expect(verdict.status.rawValue == status)
  }
}
