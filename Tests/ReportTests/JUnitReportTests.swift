import Evidence
import Model
import TestSupport
import Testing

@testable import Report

@Suite struct JUnitReportTests {
  @Test func `a test case for each judged metric`() throws {
    expectSnapshot(JUnitReport(Fixtures.comparison(try Fixtures.peak())).text, "diff.junit.xml")
  }

  @Test func `what is refused was skipped, and says why`() throws {
    var comparison = Fixtures.comparison(try Fixtures.peak(name: "<&\"\u{1}'>"))
    comparison.refusals = ["the runs differ in more than the change: kernel"]
    for index in comparison.rows.indices where comparison.rows[index].finding != .notJudged {
      comparison.rows[index].finding = .inconclusive
    }
    let text = JUnitReport(comparison).text
    #expect(text.contains("failures=\"0\"") && text.contains("skipped=\"14\""), "\(text)")
    #expect(text.contains("more than the change: kernel") && text.contains("poolops.&lt;&amp;&quot;\u{FFFD}'&gt;"))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }
}
