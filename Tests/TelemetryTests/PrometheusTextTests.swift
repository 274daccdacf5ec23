import Model
import TestSupport
import Testing

@testable import Telemetry

@Suite struct PrometheusTextTests {
  @Test func `whatever the format allows is read`() throws {
    let page = PrometheusText(Array(try Files.fixtures.text("hard.prom").utf8))
    #expect(page.faults == [])
    #expect(page.samples.count == 17 && page.nameCount == 16)
    #expect(
      page.kinds == ["odd": .gauge, "squeezed": .gauge] && page.helps == ["odd": "A backslash \\, a line\nbreak"])
    #expect(page.samples[0]["error"] == "Cannot find file:\n\"FILE.TXT\"")
    #expect(page.samples[2].timestamp == 1_395_066_363_000 && page.samples[2].line == 7)
  }

  struct Fault: Sendable {
    var line: String
    var message: String
    init(_ line: String, _ message: String) {
      self.line = line
      self.message = message
    }
  }

  private static let faults = [
    Fault("9lives 1", "no name of a metric begins like this: '9lives 1'"),
    Fault("foo-bar 1", "'foo-bar 1' is no name of a metric"),
    Fault("foo", "'foo' has no value"),
    Fault("foo 0x1p3", "'0x1p3' is no number"),
    Fault("foo 1,5", "'1,5' is no number"),
    Fault("foo 1 2 3", "something follows the timestamp of 'foo'"),
    Fault("foo 1 soon", "what follows the value of 'foo' is no timestamp"),
    Fault(#"foo{a="b} 1"#, "a text in quotes has no end"),
    Fault(#"foo{a="b" 1"#, "the labels have no end: '}' is missing"),
    Fault(#"foo{a=b} 1"#, "a text in quotes should stand at 'b} 1'"),
    Fault(#"foo{a} 1"#, "the label 'a' has no value"),
    Fault(#"foo{,a="b"} 1"#, "no name of a label begins like this: ',a=\"b\"} 1'"),
    Fault(#"foo{a="b",a="c"} 1"#, "the label 'a' comes twice"),
    Fault(#"{a="b"} 1"#, "no name of a metric stands here"),
    Fault("first 2", "'first' with these labels stands on the page already"),
    Fault("# TYPE first sparkle", "'sparkle' is no type of a metric"),
    Fault("# TYPE", "# TYPE names no metric"),
    Fault("# TYPE a[b gauge", "'a[b' is no name of a metric"),
    Fault("# HELP \"a", "a text in quotes has no end"),
  ]

  @Test(arguments: faults) func `a faulty line is told, and costs no other`(fault: Fault) {
    let page = PrometheusText(Array("first 1\n\(fault.line)\nlast 3 # {trace=\"a\"} 0.5\r\n# EOF\n".utf8))
    #expect(page.faults.map(\.message) == [fault.message] && page.faults.map(\.line) == [2])
    #expect(page.samples.map(\.name) == ["first", "last"] && page.samples.last?.value == 3)
  }

  @Test func `a label that is not UTF-8 and an end that is none are faults`() {
    let page = PrometheusText(Array("a{b=\"".utf8) + [0xFF] + Array("\"} 1\n# EOF\nc 1\nd 12".utf8))
    #expect(
      page.faults.map(\.description) == [
        "line 1: a label is not UTF-8", "line 3: something follows '# EOF'",
        "line 4: the line has no end, so that the page may be cut off; every line ends with a line feed",
      ])
    #expect(page.samples == [])
  }

  @Test func `a page is read up to its limits`() {
    let large = PrometheusText([UInt8](repeating: 0x0A, count: PrometheusText.maximumBytes + 1))
    #expect(!large.isComplete && large.faultCount == 1)
    var text = ""
    for number in 0...PrometheusText.maximumSamples { text += "n\(number) 1\n" }
    let many = PrometheusText(Array(text.utf8))
    #expect(!many.isComplete && many.samples.count == PrometheusText.maximumSamples)
    let faulty = PrometheusText([UInt8](repeating: 0x0A, count: 3) + Array(String(repeating: "?\n", count: 500).utf8))
    #expect(
      faulty.faultCount == 500 && faulty.faults.count == PrometheusText.maximumFaults && faulty.faults[0].line == 4)
    let chosen = PrometheusText(Array("a 1\nb 2\nb{x=\"y\"} 3\nc ?\n".utf8)) { $0 == "b" }
    #expect(chosen.samples.map(\.value) == [2, 3] && chosen.names == ["a", "b", "c"] && chosen.faults == [])
  }

  /// prometheus_client is more patient than we are, so the pages that we find no fault in are compared. Its comments are left
  /// out: it refuses whole pages for what it makes of them.
  @Test func `what prometheus_client reads is read alike`() throws {
    let folder = TemporaryFolder()
    var random = RandomBytes(seed: 1)
    var pages: [[UInt8]] = []
    for name in [
      "hard", "hikaricp-micrometer", "hikaricp-native", "opentelemetry", "opentelemetry-sqlalchemy", "go-sql",
    ] {
      let lines = try Files.fixtures.text("\(name).prom").split(separator: "\n").filter { !$0.hasPrefix("#") }
      let page = Array(lines.map { $0 + "\n" }.joined().utf8)
      pages.append(page)
      for _ in 0..<60 { pages.append(page.damaged(&random)) }
    }
    var paths = ""
    for (index, page) in pages.enumerated() {
      write(page, to: "\(folder.path)/\(index)")
      paths += "\(folder.path)/\(index)\n"
    }
    write(Array(paths.utf8), to: folder.path + "/list")
    let answer = output(of: "/usr/bin/python3 \(Files.oracles)pages.py < \(folder.path)/list 2>&1")
    let answers = answer.split(separator: "end\n", omittingEmptySubsequences: false).dropLast()
    try #require(answers.count == pages.count, "\(answer.prefix(500))")
    var compared = 0
    for (page, oracle) in zip(pages, answers) {
      let read = PrometheusText(page)
      guard read.faultCount == 0 else { continue }
      guard oracle != "refused\n" else {
        Issue.record("prometheus_client refuses '\(String(decoding: page, as: UTF8.self))'")
        continue
      }
      let theirs = try oracle.split(separator: "\n").map { try JSONText.read(Array($0.utf8)) }
      let own = read.samples.map { sample -> JSONTree in
        let labels = sample.labels.sorted { $0.name < $1.name }.map {
          JSONTree.array([.string($0.name), .string($0.value)])
        }
        return .array([.string(sample.name), .array(labels), .string(sample.value.isNaN ? "nan" : "\(sample.value)")])
      }
      #expect(own.map(\.comparable) == theirs.map(\.comparable), "\(String(decoding: page, as: UTF8.self))")
      compared += 1
    }
    #expect(compared > 80)
  }

  @Test func `no damage does more than cost lines`() throws {
    var random = RandomBytes(seed: 2)
    let page = Array(try Files.fixtures.text("hard.prom").utf8)
    for length in 0...page.count {
      let read = PrometheusText(Array(page[..<length]))
      #expect(read.samples.count <= 17 && read.isComplete && read.faultCount <= 1)
    }
    for _ in 0..<2000 {
      var damaged = page
      for _ in 0..<4 { damaged = damaged.damaged(&random) }
      let read = PrometheusText(damaged)
      let lines = damaged.count { $0 == 0x0A } + 1
      #expect(read.samples.count + read.faultCount <= lines && read.faults.allSatisfy { $0.line <= lines })
    }
  }
}

extension JSONTree {
  /// With numbers in one spelling: `1e-300` and `1.0e-300` are one.
  fileprivate var comparable: JSONTree {
    guard case .array(let parts) = self, parts.count == 3, case .string(let text) = parts[2] else { return self }
    return .array([parts[0], parts[1], .string(Double(text).map { "\($0)" } ?? text)])
  }
}
