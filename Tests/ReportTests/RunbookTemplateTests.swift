import Model
import TestSupport
import Testing

@testable import Report

@Suite struct RunbookTemplateTests {
  @Test func `a template has every region once, and the sections of a good runbook`() {
    let text = RunbookTemplate(experiment: "peak", title: "Peak", ecosystem: "hikaricp", isSwept: true).text
    let document = RunbookDocument(text)
    let own = RunbookRegions.all.filter { $0.kind == .experiment }
    #expect(document.regions.map(\.name).sorted() == own.map { $0.name }.sorted())
    #expect(document.regions.allSatisfy { $0.arguments["experiment"] == "peak" })
    for section in [
      "Trigger", "Preconditions", "Steps", "Verification", "Rollback", "Escalation", "Last rehearsed", "Decisions",
    ] {
      #expect(text.contains("\n## \(section)\n"), "\(section)")
    }
    let plain = RunbookDocument(RunbookTemplate(experiment: "peak", title: "Peak").text)
    #expect(plain.regions.count == own.filter { $0.arguments.isEmpty && !$0.isOptional }.count)
    #expect(plain.check { _ in .missing("") }.allSatisfy { $0.word == "no_evidence" })
  }

  @Test func `the documentation lists the regions as the code has them`() throws {
    let page = try #require(repositoryFile("docs/runbooks.md"))
    #expect(page.contains("\n" + RunbookRegions.documentation + "\n"), "\(RunbookRegions.documentation)")
    #expect(RunbookRegions.all.allSatisfy { !$0.summary.isEmpty })
  }
}

@Suite struct RunbookFactsTests {
  private static func page(_ text: String) -> RunbookDocument {
    let marker = "<!-- poolops:begin a experiment=peak -->\n\(text)\n<!-- poolops:end a fnv1a="
    let more = "<!-- poolops:begin b experiment=peak -->\n<!-- poolops:end b -->\n"
    return RunbookDocument(marker + Checksum(text + "\n").text + " -->\n" + more)
  }

  static let cases: [(text: String, highest: Int, changed: Bool, found: [String])] = [
    ("as run-1 and run-2 say", 4, false, []),
    (
      "as run-1, (run-3), `run-4` and run-3. say; run-x, rerun-9 and run-0 are none", 4, false,
      ["a cites what was deleted (run-3 and run-4)"]
    ),
    (
      "run-3 and run-9", 4, false,
      ["a cites what was deleted (run-3)", "a cites what these results never held (run-9)"]
    ),
    ("run-2", 4, true, ["a rests on another experiment file"]),
  ]

  @Test(arguments: cases)
  func `what the text rests on must be there`(text: String, highest: Int, changed: Bool, found: [String]) {
    let facts = RunbookFacts(
      runs: [RunID(1), RunID(2)], highestRun: highest, changedExperiments: changed ? ["peak": "it was changed"] : [:])
    let findings = Self.page(text).check(facts) { _ in .missing("nothing") }
    let others = findings.filter { $0.word != "no_evidence" }
    #expect(others.map { "\($0.region) \($0.phrase)" } == found)
    #expect(findings.contains { $0.region == "b" && $0.word == "no_evidence" })
  }
}
