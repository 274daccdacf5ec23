import Model
import TestSupport
import Testing

@testable import Report

@Suite struct RunbookReportTests {
  static let cases: [(regions: Int, kinds: [RunbookFinding.Kind], status: Model.ExitStatus)] = [
    (9, [], .go), (0, [], .inconclusive), (9, [.noEvidence("nothing ran")], .inconclusive), (9, [.edited], .noGo),
    (9, [.noEvidence("nothing ran"), .stale(atLine: 4)], .noGo), (0, [.unclosed], .noGo),
  ]

  private func report(_ regions: Int, _ kinds: [RunbookFinding.Kind]) -> RunbookReport {
    let findings = kinds.map { RunbookFinding("problem", line: 3, $0) }
    return RunbookReport(file: "runbooks/connection-pool.md", regions: regions, findings: findings)
  }

  @Test(arguments: cases)
  func `text and evidence that disagree are no-go, missing evidence is inconclusive`(
    regions: Int, kinds: [RunbookFinding.Kind], status: Model.ExitStatus
  ) {
    #expect(report(regions, kinds).status == status)
  }

  @Test func `check and render say what they found and did`() {
    var texts = Self.cases.map { report($0.regions, $0.kinds).text(Style()) }
    texts.append(report(9, []).text(rendered: [], Style()))
    texts.append(report(9, []).text(rendered: [], page: "/tmp/page.html", Style()))
    texts.append(report(9, []).text(rendered: [], page: "/tmp/page.html", isDryRun: true, Style()))
    texts.append(report(9, [.edited]).text(rendered: ["change", "watch"], Style(width: 60)))
    texts.append(report(9, [.edited]).json(rendered: ["watch"]).text)
    expectSnapshot(texts.joined(separator: "----\n"), "runbook-report.txt")
  }
}
