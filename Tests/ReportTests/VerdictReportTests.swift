import Evidence
import Model
import TestSupport
import Testing

@testable import Report

private let mixed = Verdict(
  decision: .noGo,
  rules: Fixtures.verdict.rules + [
    RuleOutcome(rule: "server_cpu < 50%", status: .undecided, evidence: "no data: no probe reported"),
    RuleOutcome(rule: "acquire_timeouts == 0", status: .failed, evidence: "12 (run-13, 8 blocks)"),
  ], reason: "acquire_timeouts == 0 failed.")

@Suite struct VerdictReportTests {
  private func report(_ execution: Execution, _ comparison: Comparison?, _ experiment: Experiment) -> VerdictReport {
    VerdictReport(
      execution, comparison: comparison, changes: SettingChange.all(of: experiment), expects: experiment.expects)
  }

  @Test func `a block that was measured again is named by verdict, diff and run show`() throws {
    let experiment = try Fixtures.peak()
    var comparison = Fixtures.comparison(experiment)
    comparison.before.measuredAgain = ["pair 3: the hypervisor took 2.7 % of the machine's CPU"]
    comparison.after.measuredAgain = [
      "pair 1: the hypervisor took 4.1 % of the machine's CPU",
      "pair 8: the hypervisor took 3.0 % of the machine's CPU",
    ]
    let wide = Style(width: 400)
    let one = "1 block was measured again (pair 3: the hypervisor took 2.7 % of the machine's CPU)."
    let verdict = report(Fixtures.execution(experiment), comparison, experiment).text(wide)
    #expect(verdict.contains("run-12: \(one) run-13: 2 blocks were measured again (pair 1: "))
    let diff = DiffReport(comparison)
    #expect(diff.text(wide).contains("\nrun-12: \(one)\nrun-13: 2 blocks"))
    #expect(diff.markdown().contains("run-12: 1 block was measured again"))
    #expect(RunReport(comparison.before).text(wide).contains("\n\(one)\n"))
  }

  @Test func `each way in which an execution can end`() throws {
    let experiment = try Fixtures.peak()
    let comparison = Fixtures.comparison(experiment)
    let failed = StageRecord(
      stage: .verify, outcome: .failed, started: Fixtures.start,
      note: "max_size should be 50, but 20 is in force")
    let open = Verdict(decision: .inconclusive, rules: [], reason: "No rule could be decided.")
    let ways: [(String, Execution, Comparison?)] = [
      ("kept", Fixtures.execution(experiment), comparison),
      ("rolled-back", Fixtures.execution(experiment, outcome: .rolledBack, verdict: mixed), comparison),
      ("inconclusive", Fixtures.execution(experiment, outcome: .rolledBack, verdict: open), Fixtures.empty(experiment)),
      ("failed", Fixtures.execution(experiment, outcome: .failed, verdict: nil, stages: [failed]), nil),
      ("unverified", Fixtures.execution(experiment, outcome: .rollbackUnverified, verdict: nil, stages: [failed]), nil),
    ]
    for (name, execution, comparison) in ways {
      expectSnapshot(report(execution, comparison, experiment).text(Style()), "verdict-\(name).txt")
    }
    var alternative = experiment
    alternative.expects = .noGo
    let predicted = [ways[0], ways[1]].map { report($0.1, comparison, alternative).text(Style()) }
    expectSnapshot(predicted.joined(separator: "----\n"), "verdict-expects-no-go.txt")
    expectSnapshot(
      report(ways[1].1, comparison, experiment).text(Style(unicode: false, width: 40)), "verdict-narrow-ascii.txt")
    expectSnapshot(report(ways[1].1, comparison, experiment).json.text, "verdict.json")
  }

  @Test(arguments: [(Decision.go, Fixtures.verdict.rules), (.noGo, mixed.rules), (.inconclusive, [])])
  func `go or no go`(decision: Decision, rules: [RuleOutcome]) {
    let report = GoNoGoReport(decision: decision, rules: rules, next: "poolops experiment run peak")
    let parts = [
      report.text(Style()), report.text(Style(colour: true, width: 60)), report.markdown(), report.json.text,
    ]
    expectSnapshot(parts.joined(separator: "----\n"), "go-no-go-\(decision.rawValue.lowercased()).txt")
  }

  @Test(arguments: [80, 120, 160])
  func `beside a long rule or under it, evidence stands on one line`(width: Int) {
    let evidence = "baseline#1 put it back, and confirmed it"
    let rule = RuleOutcome(
      rule: "the way back from max_size 20 -> 50, statement_cache 100 -> 200 was rehearsed", status: .passed,
      evidence: evidence)
    let report = GoNoGoReport(decision: .go, rules: [rule], next: "follow the runbook")
    #expect(report.text(Style(width: width)).contains(evidence))
  }
}
