import Advice
import Evidence
import Model
import TestSupport
import Testing

@testable import Report

private func evidence() throws -> RunbookEvidence {
  let peak = try Fixtures.peak()
  var quick = try Fixtures.peak(name: "fail-fast")
  quick.expects = .noGo
  quick.title = "Fail fast: give up after 50 ms"
  quick.change = SettingPatch([.acquireTimeout: .duration(.milliseconds(50))])
  let rejected = Verdict(
    decision: .noGo, rules: [RuleOutcome(rule: "error_rate < 1%", status: .failed, evidence: "31.0 % (run-11)")],
    reason: "error_rate < 1% does not hold: 31.0 % (run-11).")
  let broken = StageRecord(
    stage: .verify, outcome: .failed, started: Fixtures.start, note: "max_size 50 is not in force")
  var worse = Fixtures.comparison(quick)
  worse.before.run.id = RunID(10)
  worse.after.run.id = RunID(11)
  return RunbookEvidence(
    experiment: peak, execution: Fixtures.execution(peak), comparison: Fixtures.comparison(peak),
    sizing: Sizing(
      .init(
        users: 500, thinkTime: 0.85, serviceMean: 0.0484, serviceRun: RunID(12), acquireTimeout: 0.34, cores: 2),
      sizes: [20, 50]),
    trials: [
      .init(
        execution: Fixtures.execution(quick, outcome: .rolledBack, verdict: rejected), title: quick.title,
        changes: SettingChange.all(of: quick), comparison: worse, expects: quick.expects),
      .init(
        execution: Fixtures.execution(quick, outcome: .failed, verdict: nil, stages: [broken]), title: quick.title,
        changes: SettingChange.all(of: quick), comparison: nil, expects: quick.expects),
      .init(
        execution: Fixtures.execution(peak), title: peak.title, changes: SettingChange.all(of: peak),
        comparison: Fixtures.comparison(peak), expects: peak.expects, earlier: 3),
    ], names: .builtin, judgedAgain: Fixtures.verdict, rehearsal: rehearsal(peak), omittedTrials: 2,
    series: SeriesFixtures.series(peak), sweep: MadeSweep(experiment: peak).report(),
    confirmation: MadeSweep.confirmation(peak).report())
}

/// The same change, put back and confirmed.
private func rehearsal(_ peak: Experiment) -> Execution {
  let stages: [(Stage, String)] = [
    (.verify, "retest settings are in force"), (.rollback, "app.env put back"),
    (.confirm, "app.env holds what it held"),
  ]
  var execution = Fixtures.execution(
    peak, outcome: .rolledBack,
    stages: stages.map {
      StageRecord(stage: $0.0, outcome: .passed, started: Fixtures.start, ended: Fixtures.after(3), note: $0.1)
    })
  execution.id.number = 2
  return execution
}

/// Made once: the sizing sum takes a while without optimisation.
private let shared = Result { try evidence() }

private func region(_ name: String, _ arguments: [String: String]? = nil) -> RunbookDocument.Region {
  var standard = ["experiment": "peak"]
  if name == "settings" { standard["ecosystem"] = "hikaricp" }
  let arguments = arguments ?? standard
  return RunbookDocument.Region(name: name, arguments: arguments, line: 1, content: "", checksum: nil)
}

private func text(_ content: RunbookDocument.Content) -> String? {
  if case .text(let text) = content { text } else { nil }
}

/// Paragraphs, lists and tables of prose; what stands in fenced code is left out.
private func proseBlocks(_ text: String) -> [String] {
  var blocks: [String] = []
  for (number, part) in text.split(separator: "```", omittingEmptySubsequences: false).enumerated()
  where number % 2 == 0 {
    var block = ""
    for line in part.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty, !block.isEmpty { blocks.append(block) }
      block = line.isEmpty ? "" : block + line + "\n"
    }
    if !block.isEmpty { blocks.append(block) }
  }
  return blocks
}

/// Whether it holds a figure: a number that is no list number, exit code, percentile's name or part of a code span.
private func hasFigure(_ block: String) -> Bool {
  let plain = block.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 0 }
    .map { String($0.element) }.joined()
  return plain.split(whereSeparator: { " \n|(),;".contains($0) }).dropFirst().contains { word in
    word.first?.isNumber == true && !word.hasSuffix(".") && !word.hasSuffix("th")
  }
}

@Suite struct RunbookRegionTests {
  @Test(arguments: RunbookRegions.all.map { $0.name })
  func `a region renders the same text each time`(name: String) throws {
    let evidence = try shared.get()
    let lead = try Fixtures.lead()
    let content = RunbookRegions.content(of: region(name), lead: { _ in lead }) { $0 == "peak" ? evidence : nil }
    expectSnapshot(text(content) ?? "\(content)", "region-\(name).md")
    #expect(content == RunbookRegions.content(of: region(name), lead: { _ in lead }) { _ in evidence })
  }

  @Test(arguments: RunbookRegions.all.map { $0.name })
  func `every figure stands beside the run or the execution that it comes from`(name: String) throws {
    let evidence = try shared.get()
    let lead = try Fixtures.lead()
    let blocks = proseBlocks(
      text(RunbookRegions.content(of: region(name), lead: { _ in lead }) { _ in evidence }) ?? "")
    let cites = { (block: String) in ["run-1", "#2", "#3", "run-4", "peak#4"].contains(where: block.contains) }
    let uncited = blocks.indices.filter { index in
      // A list or table may be cited by the sentence that introduces it.
      let introduction = index > 0 && blocks[index - 1].hasSuffix(":\n") ? blocks[index - 1] : ""
      return hasFigure(blocks[index]) && !cites(blocks[index] + introduction)
    }
    #expect(!blocks.isEmpty && uncited.map { blocks[$0] }.filter { !$0.hasPrefix("3. Exit code") } == [])
  }

  @Test func `what cannot be written says why`() throws {
    let evidence = try shared.get()
    var bare = evidence
    bare.sizing = nil
    bare.trials = []
    bare.series = []
    bare.sweep = nil
    bare.comparison = Fixtures.empty(evidence.experiment)
    bare.experiment.change = SettingPatch()
    let reasons = RunbookRegions.all.map { "\($0.name): \(RunbookRegions.content(of: region($0.name)) { _ in bare })" }
    let faults = [
      region("problem", [:]), region("problem", ["experiment": "pek"]), region("zz"),
      region("problem", ["experiment": "peak", "run": "12"]), region("settings", ["experiment": "peak"]),
      region("settings", ["experiment": "peak", "ecosystem": "hikari"]),
    ].map { "\($0.name) \($0.arguments): \(RunbookRegions.content(of: $0) { $0 == "peak" ? evidence : nil })" }
    #expect(reasons.filter { $0.contains("missing") }.count == 13)
    #expect(faults[0].contains("experiment=NAME") && faults[1].contains("poolops experiment run pek"))
    #expect(faults[2].contains("unknown") && faults[3].contains("only experiment=NAME"))
    #expect(faults[4].contains("add ecosystem=ID") && faults[5].contains("did you mean"))
  }

  @Test func `a sweep without a confirmation says how to get one, and names another file than was judged`() throws {
    var evidence = try shared.get()
    evidence.confirmation = nil
    evidence.execution.experimentDigest = "another"
    let content = text(RunbookRegions.content(of: region("sweep")) { _ in evidence }) ?? ""
    #expect(
      content.contains("`poolops sweep confirm peak#4`") && content.contains("another one when peak#3 was judged"))
    let files = RunbookRegions.files(
      of: RunbookDocument("<!-- poolops:begin sweep experiment=peak -->\n<!-- poolops:end sweep -->\n")
    ) { _ in evidence }
    #expect(files.map(\.file.name) == ["peak-sweep.svg"] && files.allSatisfy { MarkupCheck($0.file.text).faults == [] })
  }

  @Test func `a box is ticked by evidence alone`() throws {
    var evidence = try shared.get()
    let ticks = { (evidence: RunbookEvidence) in
      (text(RunbookRegions.content(of: region("checklist")) { _ in evidence }) ?? "").split(separator: "\n").filter {
        $0.hasPrefix("- [")
      }
    }
    #expect(ticks(evidence).count == 7 && ticks(evidence).allSatisfy { $0.hasPrefix("- [x] ") })
    evidence.judgedAgain?.rules[1].status = .undecided
    evidence.judgedAgain?.decision = .inconclusive
    evidence.comparison.after.effective?.maxSize = 20
    evidence.execution.outcome = .failed
    evidence.rehearsal = nil
    let open = ticks(evidence).filter { $0.hasPrefix("- [ ] **UNDECIDED** ") }
    #expect(open.count == 5 && open[0].contains("error_rate") && open[1].contains("recorded as GO"), "\(open)")
    evidence.judgedAgain = nil
    #expect(ticks(evidence).contains { $0.contains("what was measured gives no verdict") })
  }

  @Test func `text of an experiment cannot break out of its region`() throws {
    var evidence = try shared.get()
    evidence.experiment.hypothesis = "*bold* | <!-- poolops:end problem -->\nnext"
    let document = RunbookDocument("<!-- poolops:begin problem experiment=peak -->\n<!-- poolops:end problem -->\n")
    let rendered = document.render { RunbookRegions.content(of: $0) { _ in evidence } }
    #expect(RunbookDocument(rendered.text).check { RunbookRegions.content(of: $0) { _ in evidence } }.isEmpty)
    #expect(rendered.text.contains("&lt;!-- poolops:end problem"))
  }

  @Test func `the committed runbook has every region, and no faulty marker`() throws {
    let document = RunbookDocument(try #require(repositoryFile("runbooks/connection-pool.md")))
    let evidence = try shared.get()
    let lead = try Fixtures.lead()
    let findings = document.check { RunbookRegions.content(of: $0, lead: { _ in lead }) { _ in evidence } }.map(\.word)
    #expect(Set(document.regions.map(\.name)) == Set(RunbookRegions.all.filter { !$0.isOptional }.map { $0.name }))
    #expect(findings.allSatisfy { $0 == "stale" })
  }
}
