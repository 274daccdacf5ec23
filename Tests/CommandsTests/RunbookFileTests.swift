import Glibc
import Model
import Testing

/// Runbooks as files, on a copy of this repository's own evidence.
@Suite struct RunbookFileTests {
  private static func seconds(_ path: String) -> [Int] {
    var status = stat()
    stat(path, &status)
    return [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }

  @Test func `rendering twice changes nothing, not even the time of the file`() throws {
    let recorded = try RecordedProject()
    let (before, time) = (text(of: recorded.page), Self.seconds(recorded.page))
    usleep(20_000)
    let ending = recorded.command("runbook render")
    #expect(ending.status == 0 && ending.output.contains("nothing to rewrite"), "\(ending)")
    #expect(text(of: recorded.page) == before && Self.seconds(recorded.page) == time)
  }

  struct Spoiling: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var word: String
    var says: [String]
    var spoil: @Sendable (RecordedProject) throws -> Void
  }

  /// Takes a run out of the results with all that belongs to it.
  private static func delete(_ run: Int) -> String {
    let blocks = "(SELECT id FROM blocks WHERE run = \(run))"
    let slices = "(SELECT id FROM slices WHERE block IN \(blocks))"
    return ["failures", "histograms"].map { "DELETE FROM \($0) WHERE slice IN \(slices);" }.joined()
      + ["slices", "samples", "block_settings"].map { "DELETE FROM \($0) WHERE block IN \(blocks);" }.joined()
      + ["blocks", "settings", "environment"].map { "DELETE FROM \($0) WHERE run = \(run);" }.joined()
      + "DELETE FROM runs WHERE id = \(run);"
  }

  static let spoilings: [Spoiling] = [
    Spoiling(
      testDescription: "a hand edit", word: "edited", says: ["region 'watch' was edited by hand"],
      spoil: { try $0.edit($0.page, "Normal is what was measured", "Normal is what we think") }),
    Spoiling(
      testDescription: "a deleted run of the page", word: "deleted_run",
      says: ["region 'problem' rests on run-5, deleted from the results"], spoil: { try $0.tamper(delete(5)) }),
    Spoiling(
      testDescription: "a deleted run of an alternative", word: "deleted_run",
      says: ["region 'decisions' rests on run-3, deleted"], spoil: { try $0.tamper(delete(3)) }),
    Spoiling(
      testDescription: "results older than the page", word: "older_results",
      says: ["rests on run-5 and run-6, which these results never held: they are older than the page"],
      spoil: { try $0.tamper(delete(5) + delete(6) + "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'runs'") }),
    Spoiling(
      testDescription: "a changed experiment", word: "changed_experiment",
      says: ["experiments/peak.yaml was changed since peak#1 measured it", "poolops experiment run peak"],
      spoil: { try $0.edit($0.project.root + "/experiments/peak.yaml", "max_size: 50", "max_size: 60") }),
    Spoiling(
      testDescription: "an experiment that is gone", word: "changed_experiment",
      says: ["experiments/peak.yaml, which peak#1 measured, is gone"],
      spoil: { unlink($0.project.root + "/experiments/peak.yaml") }),
    Spoiling(
      testDescription: "a stale region", word: "stale",
      says: ["region 'decisions' is stale: from line", "'poolops runbook render' rewrites it"],
      spoil: { try $0.tamper("UPDATE decisions SET reason = 'Another reason.' WHERE id = 1") }),
  ]

  @Test(arguments: spoilings) func `check names what is wrong, and writes nothing`(spoiling: Spoiling) throws {
    let recorded = try RecordedProject()
    try spoiling.spoil(recorded)
    let before = text(of: recorded.page)
    let ending = recorded.command("runbook check --json")
    #expect(ending.status == Exit.noGo.rawValue, "\(ending)")
    let findings = try JSONText.parse(ending.output).array.flatMap { $0["findings"]?.array ?? [] }
    let words = Set(findings.compactMap { $0["finding"]?.string })
    // A region that cites no run, as last-rehearsed, has lost its evidence too.
    #expect(words.subtracting(["no_evidence"]) == [spoiling.word], "\(words)")
    let said = findings.compactMap { $0["message"]?.string }.joined(separator: "\n")
    for words in spoiling.says { #expect(said.contains(words), "\(said)") }
    #expect(text(of: recorded.page) == before)
  }

  @Test func `a page that disagrees keeps go-no-go from GO, and says where`() throws {
    let recorded = try RecordedProject()
    try recorded.edit(recorded.page, "Normal is what was measured", "Normal is what we think")
    let ending = recorded.command("go-no-go --markdown")
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(ending.output.contains("connection-pool.md: watch was edited by hand"), "\(ending)")
    let check = recorded.command("runbook check")
    #expect(check.output.contains("runbooks/connection-pool.md:") && check.output.contains("1 finding in"), "\(check)")
  }

  @Test func `a database with older tables is named, and is no fault`() throws {
    let recorded = try RecordedProject()
    try recorded.tamper(
      "DROP VIEW run_lead_times; DROP TABLE level_changes; DROP TABLE lead_times; PRAGMA user_version = 4")
    write("<!-- poolops:begin watch experiment=peak -->\n<!-- poolops:end watch -->\n", to: recorded.page)
    #expect(recorded.command("runbook render").status == 0)
    let ending = recorded.command("runbook check")
    let said = ending.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(ending.status == 0 && said.contains("results.db is older: its tables are of version 4"), "\(ending)")
    try recorded.tamper("PRAGMA user_version = 99")
    let newer = recorded.command("runbook check")
    #expect(newer.status == Exit.badConfiguration.rawValue && newer.error.contains("newer poolops"), "\(newer)")
  }

  @Test func `a new runbook has every region, renders, and is never written over`() throws {
    let recorded = try RecordedProject()
    let path = recorded.project.root + "/runbooks/more.md"
    let made = recorded.command("runbook new more --experiment peak --ecosystem hikaricp")
    #expect(made.status == 0 && made.output.contains("Next: poolops runbook render more"), "\(made)")
    #expect(recorded.command("runbook render more").status == 0)
    #expect(recorded.command("runbook check more").status == 0)
    let page = try #require(text(of: path))
    #expect(page.contains("maximumPoolSize=50") && page.contains("maximumPoolSize=20") && page.contains("TODO"))
    let refused: [(line: String, says: String)] = [
      ("more --experiment peak", "runbooks/more.md is there already"),
      ("more.md --experiment peak", "is there already"), ("x --experiment peek", "Did you mean 'peak'?"),
      ("x --experiment peak --ecosystem hikari", "Did you mean 'hikaricp'?"), ("../x --experiment peak", "'../x'"),
      ("x", "--experiment"),
    ]
    for (line, says) in refused {
      let ending = recorded.command("runbook new \(line)")
      #expect(ending.status == Exit.usage.rawValue && ending.error.contains(says), "\(line): \(ending)")
    }
    #expect(text(of: path) == page)
  }
}
