import Model
import TestSupport
import Testing

@testable import Report

private func content(_ region: RunbookDocument.Region) -> RunbookDocument.Content {
  switch region.name {
  case "a", "b": .text("new \(region.name)")
  case "empty": .text("")
  case "evil": .text("x\n<!-- poolops:end evil -->\n<!-- poolops:begin a -->")
  case "bare": .missing("no run is recorded")
  default: .unknown(known: ["problem", "a", "b"])
  }
}

private func rendered(_ text: String, force: Bool = false) -> RunbookDocument.Rendering {
  RunbookDocument(text).render(force: force, content)
}

private func words(_ findings: [RunbookFinding]) -> [String] { findings.map { "\($0.line) \($0.region) \($0.word)" } }

@Suite struct RunbookDocumentTests {
  @Test func `a region is written between its markers, and the rest is kept`() {
    let result = rendered("# T\n\n<!-- poolops:begin a experiment=peak -->\n<!-- poolops:end a -->\ntail")
    #expect(
      result.text == """
        # T

        <!-- poolops:begin a experiment=peak -->
        new a
        <!-- poolops:end a fnv1a=\(Checksum("new a\n").text) -->
        tail
        """)
    #expect(result.changed == ["a"] && result.findings.isEmpty)
  }

  @Test(arguments: [
    "", "plain\n", "no newline", "\u{FEFF}bom\r\nmixed\nends\r\r\n\r\n", "e\u{301} and é\n", "\n\n\n",
    "a\u{2028}b\u{85}c",
    "<!-- poolops:begin a -->\r\n<!-- poolops:end a -->\r\nprose\r\n",
    "x\n<!-- poolops:begin a -->\n<!-- poolops:end a -->",
  ])
  func `prose is kept byte for byte, and rendering twice changes nothing more`(text: String) {
    let once = rendered(text)
    let twice = rendered(once.text)
    #expect(Array(twice.text.utf8) == Array(once.text.utf8))
    #expect(twice.changed.isEmpty && RunbookDocument(once.text).check(content).isEmpty)
    if !text.contains("poolops") { #expect(Array(once.text.utf8) == Array(text.utf8)) }
  }

  @Test func `a region takes the line ends of its marker, and its checksum does not depend on them`() {
    let windows = rendered("p\r\n<!-- poolops:begin a -->\r\n<!-- poolops:end a -->\r\nq\r\n").text
    let unix = rendered("p\n<!-- poolops:begin a -->\n<!-- poolops:end a -->\nq\n").text
    #expect(windows.unicodeScalars.filter { $0 == "\r" }.count == 5)
    #expect(String(String.UnicodeScalarView(windows.unicodeScalars.filter { $0 != "\r" })) == unix)
  }

  static let faults: [(text: String, found: [String])] = [
    ("<!-- poolops:begin a -->\n<!-- poolops:end a -->\n", ["1 a stale"]),
    ("<!-- poolops:begin a -->\nmine\n<!-- poolops:end a -->\n", ["1 a edited"]),
    ("<!-- poolops:begin a -->\nnew a\n<!-- poolops:end a fnv1a=0000000000000000 -->\n", ["1 a edited"]),
    ("<!-- poolops:begin a -->\nold\n<!-- poolops:end a fnv1a=\(Checksum("old\n").text) -->\n", ["1 a stale"]),
    ("<!-- poolops:begin zz -->\n<!-- poolops:end zz -->\n", ["1 zz unknown"]),
    ("<!-- poolops:begin bare -->\n<!-- poolops:end bare -->\n", ["1 bare no_evidence"]),
    ("x\n<!-- poolops:begin a -->\nold\n", ["2 a unclosed"]),
    (
      "<!-- poolops:begin b -->\n<!-- poolops:begin a -->\n<!-- poolops:end b -->\n",
      ["1 b unclosed", "2 a unclosed", "3 b not_begun"]
    ),
    ("<!-- poolops:end a -->\n", ["1 a not_begun"]), ("<!-- poolops:bgin a -->\n", ["1  malformed"]),
    ("<!-- poolops:begin -->\n", ["1  malformed"]), ("<!-- poolops:begin a b -->\n", ["1  malformed"]),
    ("<!-- poolops:begin a\n", ["1  malformed"]), ("```\n<!-- poolops:begin a -->\n```\n", []),
    ("~~~md\n<!-- poolops:begin a -->\n```\n<!-- poolops:end a -->\n~~~\n", []), ("<!-- a poolops: comment -->\n", []),
    ("text <!-- poolops:begin a -->\n", []),
  ]

  @Test(arguments: faults)
  func `check names each region that is not as it should be, with its line`(text: String, found: [String]) {
    #expect(words(RunbookDocument(text).check(content)) == found)
  }

  @Test func `the same region twice is a finding, with other arguments it is not`() {
    let fresh = "<!-- poolops:begin a experiment=x -->\n<!-- poolops:end a -->\n"
    let other = "<!-- poolops:begin a experiment=y -->\n<!-- poolops:end a -->\n"
    let twice = rendered(fresh + other + fresh)
    #expect(words(twice.findings) == ["5 a duplicated"])
    #expect(twice.findings.first?.message.contains("first in line 1") == true)
  }

  @Test func `a region edited by hand is kept and reported, and rewritten only by force`() {
    let edited = "<!-- poolops:begin a -->\nmy words\n<!-- poolops:end a fnv1a=0123456789abcdef -->\n"
    let kept = rendered(edited)
    #expect(kept.text == edited && kept.changed.isEmpty && words(kept.findings) == ["1 a edited"])
    let forced = rendered(edited, force: true)
    #expect(forced.changed == ["a"] && !forced.text.contains("my words") && forced.findings.isEmpty)
  }

  @Test func `regions that cannot be written are left alone`() {
    let text =
      "<!-- poolops:begin a -->\nunclosed, never rewritten\n<!-- poolops:begin zz -->\n<!-- poolops:end zz -->\n"
    #expect(rendered(text, force: true).text == text)
  }

  @Test func `text that looks like a marker does not become one`() {
    let once = rendered("<!-- poolops:begin evil -->\n<!-- poolops:end evil -->\n")
    #expect(RunbookDocument(once.text).regions.map(\.name) == ["evil"])
    #expect(RunbookDocument(once.text).check(content).isEmpty)
  }

  @Test func `an empty text leaves an empty region`() {
    let once = rendered("<!-- poolops:begin empty -->\n<!-- poolops:end empty -->\n")
    #expect(once.text == "<!-- poolops:begin empty -->\n<!-- poolops:end empty fnv1a=cbf29ce484222325 -->\n")
  }

  @Test func `a stale region names the line from which it differs`() {
    let old = "new a\nmore\n"
    let text = "\n\n<!-- poolops:begin a -->\n\(old)<!-- poolops:end a fnv1a=\(Checksum(old).text) -->\n"
    #expect(RunbookDocument(text).check(content).map(\.kind) == [.stale(atLine: 5)])
  }

  @Test func `every finding is a sentence with file and line`() {
    let kinds: [RunbookFinding.Kind] = [
      .stale(atLine: 9), .edited, .unknown(known: ["problem", "change"]), .noEvidence("nothing ran"), .unclosed,
      .notBegun,
      .duplicated(firstLine: 2), .malformed("<!-- poolops:bgin -->"),
    ]
    let findings = kinds.map { RunbookFinding("problm", line: 7, $0) }
    let texts = findings.map { $0.text(file: "runbooks/connection-pool.md") }
    expectSnapshot(
      texts.joined(separator: "\n") + "\n" + RunbookFinding.json(Array(findings.prefix(1)), file: "r.md").text,
      "runbook-findings.txt")
  }
}
