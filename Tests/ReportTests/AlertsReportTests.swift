import Model
import TestSupport
import Testing

@testable import Report

@Suite struct AlertsReportTests {
  // MARK: Times

  private static let timings: [(timeout: Int, interval: Int, staleness: Int, warn: Int, hold: Int, lead: Int?)] = [
    // Fine enough: the hold is rounded down to whole intervals, and the lead is T - hold - 2 D - staleness.
    (30_000, 1000, 0, 6000, 15_000, 13_000), (30_000, 1000, 1000, 6000, 15_000, 12_000),
    (5000, 500, 0, 1000, 2500, 1500), (1000, 100, 0, 200, 500, 300), (20_000, 1000, 0, 4000, 10_000, 8000),
    (5500, 500, 0, 1000, 2500, 2000), (1000, 100, 1000, 200, 500, nil),
    // Too coarse: nothing is promised, and the hold is rounded up, to two looks at the least.
    (5000, 1000, 0, 1000, 3000, nil), (1000, 1000, 0, 1000, 1000, nil), (5000, 15_000, 0, 15_000, 15_000, nil),
    (30_000, 15_000, 0, 15_000, 15_000, nil), (340, 1000, 0, 1000, 1000, nil),
  ]

  @Test(arguments: timings) func `holds and leads follow from the acquire timeout and the interval`(
    timeout: Int, interval: Int, staleness: Int, warn: Int, hold: Int, lead: Int?
  ) {
    let timing = AlertTiming(
      acquireTimeout: .milliseconds(timeout), interval: .milliseconds(interval), staleness: staleness)
    #expect(timing.hold(0.2) == warn && timing.hold(0.5) == hold)
    #expect(timing.lead(at: timing.hold(0.5)) == lead)
  }

  private static let settings = [100, 340, 1000, 2000, 5000, 7300, 30_000, 120_000].flatMap { timeout in
    [100, 300, 1000, 15_000, 60_000].map { (timeout, $0) }
  }

  /// A request comes just after a sample. Until its timeout passes the time that the rule takes on the samples of its own
  /// trial, an interval until the evaluation, and the age of the gauge.
  @Test(arguments: settings) func `no rule promises more than its own trial shows`(timeout: Int, interval: Int) {
    let plan = AlertPlan(
      timeout: .init(.milliseconds(timeout), origin: "given"), interval: .milliseconds(interval))
    for source in AlertSource.all {
      let timing = plan.timing(of: source)
      for rule in source.rules(plan) {
        guard let promised = rule.lead(timing).guaranteed else { continue }
        let fires = (rule.trial.fires + 1) * interval + interval + source.staleness
        #expect(timeout - fires >= promised && interval * 10 <= timeout, "\(source.id) \(rule.kind.name)")
      }
    }
  }

  @Test(arguments: settings) func `a warning comes before its alert, or there is none`(timeout: Int, interval: Int) {
    let plan = AlertPlan(
      timeout: .init(.milliseconds(timeout), origin: "given"), interval: .milliseconds(interval))
    for source in AlertSource.all {
      let rules = source.rules(plan)
      #expect(Set(rules.map(\.kind)).count == rules.count, "\(source.id) has two rules of one name")
      guard let alert = rules.first(where: { $0.kind == .exhaustionAhead })?.wait else { continue }
      if let warning = rules.first(where: { $0.kind == .waitRising })?.wait { #expect(warning < alert, "\(source.id)") }
    }
  }

  // MARK: What is proven

  private static func proof(
    _ lead: Double, led: Bool = true, guaranteed: Double? = 9, interval: Double = 1, timeout: Double = 20
  )
    -> LeadProof
  {
    LeadProof(
      source: "poolops", rule: "PoolExhaustionAhead", runs: [RunID(21)], acquireTimeout: .seconds(timeout),
      interval: .seconds(interval), lead: .seconds(lead), guaranteed: guaranteed.map { .seconds($0) }, led: led)
  }

  private static let standings: [(proofs: [LeadProof], interval: Double, word: String)] = [
    ([], 1, "not proven"), ([proof(9.1)], 1, "proven (run-21)"),
    // Looked at more often than it was measured it leads at least as well; less often it may not.
    ([proof(9.1)], 0.5, "proven (run-21)"), ([proof(9.1)], 2, "not proven"),
    ([proof(9.1, timeout: 10)], 1, "not proven"),
    // Behind the failure, short of what was promised, not in every run, no run named.
    ([proof(-0.3, led: false)], 1, "did not lead (run-21)"), ([proof(8.2)], 1, "did not lead (run-21)"),
    ([proof(9.1, led: false)], 1, "did not lead (run-21)"), ([proof(0, guaranteed: nil)], 1, "did not lead (run-21)"),
    // Short of what this file promises, whatever the experiment expected.
    ([proof(6.9, guaranteed: 2)], 1, "did not lead (run-21)"), ([proof(7, guaranteed: 2)], 1, "proven (run-21)"),
    ([proof(-0.3, led: false)], 2, "did not lead (run-21)"), ([proof(-0.3, led: false, interval: 5)], 1, "not proven"),
    // What failed counts before what held.
    ([proof(9.1), proof(-0.3, led: false)], 1, "did not lead (run-21)"),
  ]

  @Test(arguments: standings) func `a rule is proven where it led under these conditions, and not otherwise`(
    proofs: [LeadProof], interval: Double, word: String
  ) throws {
    let plan = AlertPlan(
      timeout: .init(.seconds(20), origin: "run-6 of peak#1"), interval: .seconds(interval), proofs: proofs)
    let source = try #require(AlertSource.named("poolops"))
    for rule in source.rules(plan) {
      let standing = plan.standing(of: rule, plan.timing(of: source))
      let expected = rule.kind == .exhaustionAhead ? word : rule.kind.leads ? "not proven" : "-"
      #expect(standing.word == expected, "\(rule.kind.name)")
    }
    // Neither the file nor the list may say what the standing does not.
    let isProven = word.hasPrefix("proven")
    #expect(AlertFiles([source], plan).rules.contains("Proven: it led") == isProven)
    #expect(AlertsReport([source], plan).json.text.contains("\"proven\": true") == isProven)
  }

  @Test func `evidence is told in sentences`() throws {
    let source = try #require(AlertSource.named("poolops"))
    let proofs = [
      [], [Self.proof(9.1)], [Self.proof(-0.3, led: false)], [Self.proof(8.2)], [Self.proof(10, led: false)],
      [Self.proof(9.1, timeout: 10)],
    ]
    let texts = proofs.map { proofs in
      let plan = AlertPlan(
        timeout: .init(.seconds(20), origin: "run-6 of peak#1"), interval: .seconds(1), proofs: proofs)
      let rule = source.rules(plan).first { $0.kind == .exhaustionAhead }
      return rule?.annotations(AlertContext(source, plan)).map { "\($0.name): \($0.text)\n" }.joined() ?? ""
    }
    expectSnapshot(texts.joined(separator: "\n"), "alerts-evidence.txt")
  }

  // MARK: What people read

  private static let plan = AlertPlan(
    timeout: .init(.seconds(20), origin: "run-6 of peak#1"), interval: .seconds(1),
    pool: .init(size: 50, run: RunID(6)), proofs: [proof(9.1)], runbook: "https://wiki.example/pool",
    runbookSection: "trigger")

  @Test func `alerts are listed`() {
    let report = AlertsReport(AlertSource.all, Self.plan)
    expectSnapshot(report.text(Style()), "alerts-list.txt")
    expectSnapshot(AlertsReport(AlertSource.all, AlertPlan()).text(Style(width: 140)), "alerts-list-defaults.txt")
    expectSnapshot(
      AlertsReport([AlertSource.pgBouncerExporter], Self.plan).text(Style(width: 60)), "alerts-list-narrow.txt")
    expectSnapshot(report.json.text, "alerts-list.json")
  }

  @Test(arguments: AlertSource.all.map(\.id)) func `rules and their tests are rendered`(id: String) throws {
    let files = AlertFiles([try #require(AlertSource.named(id))], Self.plan).files
    #expect(files.map(\.name) == ["poolops-\(id).rules.yml", "poolops-\(id).test.yml", "poolops-dashboard.json"])
    expectSnapshot(files[0].text, "alerts-\(id).rules.yml")
    if id == "hikaricp-micrometer" { expectSnapshot(files[1].text, "alerts-\(id).test.yml") }
  }

  @Test func `a dashboard over all sources, and over one`() throws {
    let text = AlertDashboard(sources: AlertSource.all, plan: Self.plan).text
    expectSnapshot(text, "alerts-dashboard.json")
    #expect(text.contains("\"https://wiki.example/pool#trigger\""))
    let small = AlertDashboard(sources: [AlertSource.postgresExporter], plan: AlertPlan()).text
    #expect(small.contains("Slots of the server") && !small.contains("Oldest wait") && !small.contains("Runbook"))
  }

  /// A label that an alert does not have would leave a hole in its text.
  @Test func `texts name labels that the alert has, and links are only there when asked for`() {
    for source in AlertSource.all {
      for rule in source.rules(Self.plan) {
        let labels = Set(rule.trial.labels.map(\.name))
        let texts = rule.annotations(AlertContext(source, Self.plan)).map(\.text).joined()
        for part in texts.split(separator: "$labels.").dropFirst() {
          let name = String(part.prefix { $0.isLetter || $0 == "_" })
          #expect(labels.contains(name), "\(source.id) \(rule.kind.name): \(name)")
        }
        #expect(rule.annotations(AlertContext(source, AlertPlan())).allSatisfy { $0.name != "runbook_url" })
      }
    }
  }

  /// The page that `MetricsPage` writes, as its own test has it.
  @Test func `what the rules and panels of poolops ask for is what its exporter tells`() throws {
    let page = try #require(repositoryFile("Tests/ReportTests/Snapshots/metrics.prom"))
    let source = AlertSource.poolopsExporter
    let queries = source.rules(Self.plan).map(\.expression) + source.panels.map(\.expression)
    for query in queries {
      for match in query.matches(of: /(poolops_|db_client_connection_)[a-z_]+/) {
        let name = String(match.output.0)
        let isTold = page.contains("\n# TYPE \(name) ") || page.contains("\(name)=\"")
        #expect(isTold, "\(name), in \(query)")
      }
      for match in query.matches(of: /[a-z_]+="[a-z]+"/) { #expect(page.contains(match.output), "\(query)") }
      for match in query.matches(of: /(on|by|without) \(([a-z_, ]+)\)/) {
        let labels = match.output.2.split(separator: ", ").filter { $0 != "job" && $0 != "instance" }
        for label in labels { #expect(page.contains("\(label)=\""), "\(label), in \(query)") }
      }
    }
  }

  @Test func `letters of queries go on after Z`() {
    #expect([0, 1, 25, 26, 27, 51, 52].map(AlertDashboard.letters) == ["A", "B", "Z", "AA", "AB", "AZ", "BA"])
  }

  // MARK: Who wrote a file

  @Test func `a file knows whether somebody edited it`() {
    for file in AlertFiles(AlertSource.all, Self.plan).files {
      #expect(SealedText.author(of: file.text) == .poolops, "\(file.name)")
      #expect(SealedText.author(of: file.text + " ") == .poolopsAndSomebody)
      #expect(
        SealedText.author(of: file.text.replacing("20 s", with: "21 s")) == .poolopsAndSomebody
          || !file.text.contains("20 s"))
    }
    for text in [
      "", "groups: []\n", "# Written by poolops alerts render, fnv1a=12\n",
      "poolops alerts render, fnv1a=zzzzzzzzzzzzzzzz",
    ] {
      #expect(SealedText.author(of: text) == .somebody, "\(text)")
    }
  }

  // MARK: The section of a runbook

  private static let pages: [(text: String, anchor: String?)] = [
    (
      "# Pool\n\n## Trigger: when to use this page\n\n<!-- poolops:begin trigger experiment=peak -->\n",
      "trigger-when-to-use-this-page"
    ),
    ("## A `b` & c_d-e!\n<!-- poolops:begin trigger experiment=x -->", "a-b--c_d-e"),
    ("## Steps\n## Steps\n<!-- poolops:begin trigger experiment=x -->", "steps-1"),
    ("## Real\n```\n## In code\n```\n<!-- poolops:begin trigger experiment=x -->", "real"),
    ("```\n<!-- poolops:begin trigger experiment=x -->\n```\n", nil), ("## Trigger\n", nil), ("", nil),
    ("<!-- poolops:begin trigger experiment=x -->", nil), ("## T\n<!-- poolops:begin triggers experiment=x -->", nil),
  ]

  @Test(arguments: pages) func `the section above a region, as GitHub links it`(text: String, anchor: String?) {
    #expect(RunbookSection.anchor(of: "trigger", in: text) == anchor)
  }

  @Test func `a link with a section of its own stays`() {
    #expect(AlertPlan(runbook: "https://a/b#c", runbookSection: "d").runbookLink == "https://a/b#c")
    #expect(AlertPlan(runbook: "https://a/b", runbookSection: "d").runbookLink == "https://a/b#d")
    #expect(AlertPlan(runbook: "https://a/b").runbookLink == "https://a/b")
    #expect(AlertPlan(runbookSection: "d").runbookLink == nil)
  }
}
