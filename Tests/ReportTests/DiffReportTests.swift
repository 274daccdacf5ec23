import Evidence
import Model
import TestSupport
import Testing

@testable import Report

private struct Case: Sendable, CustomTestStringConvertible {
  var name: String
  var style: Style
  var make: @Sendable (Experiment) -> Comparison
  var testDescription: String { name }
  init(_ name: String, _ style: Style = Style(width: 120), _ make: @escaping @Sendable (Experiment) -> Comparison) {
    self.name = name
    self.style = style
    self.make = make
  }
}

private func changed(
  _ experiment: Experiment, _ change: (inout Comparison) -> Void
) -> Comparison {
  var comparison = Fixtures.comparison(experiment)
  change(&comparison)
  return comparison
}

private let cases: [Case] = [
  Case("diff", Style(width: 140), Fixtures.comparison),
  Case("diff-120", Style(width: 120), Fixtures.comparison),
  Case("diff-80", Style(width: 80), Fixtures.comparison),
  Case("diff-narrow", Style(width: 40), Fixtures.comparison),
  Case("diff-ascii", Style(unicode: false, width: 140), Fixtures.comparison),
  Case("diff-colour", Style(colour: true, width: 140), Fixtures.comparison),
  Case("diff-no-data", Style(width: 120), Fixtures.empty),
  Case("diff-nothing") { experiment in changed(experiment) { $0.rows = [] } },
  Case("diff-plain-before-after") { experiment in
    changed(experiment) {
      $0.design = .beforeAfter
      $0.before.objections = ["the generator fell behind by 4 ms at the median"]
      $0.refusals = ["run-12: the generator fell behind by 4 ms at the median"]
      $0.rows = [
        Fixtures.row(
          .latency(95), Fixtures.measuredBefore[.latency(95)], Fixtures.measuredAfter[.latency(95)], .inconclusive,
          relative: -0.7, note: Fixtures.plainNote),
        Fixtures.row(
          .goodput, Fixtures.measuredBefore[.goodput], Fixtures.measuredAfter[.goodput], .inconclusive,
          relative: 0.378, note: Fixtures.plainNote),
        Fixtures.row(.waiting, nil, Fixtures.figure(1, nil), .inconclusive, note: "no data in the first run"),
      ]
    }
  },
  Case("diff-not-comparable") { experiment in
    changed(experiment) {
      $0.refusals = ["the runs differ in more than the change: postgres_version, load"]
      for index in $0.rows.indices where $0.rows[index].finding != .notJudged {
        $0.rows[index].finding = .inconclusive
        $0.rows[index].note = ""
      }
      $0.otherDifferences = [
        Difference(name: "postgres_version", before: "15.20", after: "16.4"),
        Difference(name: "load", before: "500 users, closed loop", after: String(repeating: "long ", count: 30)),
      ]
    }
  },
  Case("diff-zero-and-censored") { experiment in
    changed(experiment) {
      let zero = Fixtures.figure(0, nil)
      let timeout = Fixtures.figure(0.34, nil, censored: true)
      $0.rows = [
        Fixtures.row(.errorRate, zero, Fixtures.figure(0.021, nil), .regressed, interval: 0.02...0.022, absolute: true),
        Fixtures.row(.acquireTimeouts, zero, zero, .noDifference),
        Fixtures.row(
          .latency(95), timeout, Fixtures.figure(0.1, nil), .improved, relative: -0.7, interval: -0.8...(-0.6)),
        Fixtures.row(.latency(99), Fixtures.figure(0.1, nil), timeout, .regressed, relative: 2.4, interval: 2.0...3.0),
        Fixtures.row(.latency(99.9), timeout, timeout, .inconclusive, relative: 0, note: "both are censored"),
        Fixtures.row(.goodput, nil, Fixtures.figure(.nan, nil), .inconclusive),
      ]
    }
  },
]

@Suite struct DiffReportTests {
  @Test(arguments: cases)
  fileprivate func `a comparison reads`(example: Case) throws {
    expectSnapshot(DiffReport(example.make(try Fixtures.peak())).text(example.style), "\(example.name).txt")
  }

  @Test(arguments: [40, 60, 80, 120])
  func `no line is wider than the terminal, and very long names are not lost`(width: Int) throws {
    let name = String(repeating: "very-long-", count: 12) + "name"
    var comparison = Fixtures.comparison(try Fixtures.peak(name: name))
    comparison.settings[0].name = name
    comparison.refusals = ["something \(name)"]
    let text = DiffReport(comparison).text(Style(width: width))
    let tooWide = text.split(separator: "\n").filter { String($0).columns > width && !$0.contains("very-long") }
    #expect(tooWide.isEmpty)
    #expect(text.split(separator: "\n").joined().filter { $0 != " " }.contains(name))
  }

  @Test(arguments: [80, 100, 120, 140])
  func `no difference beyond the margin stands on one line`(width: Int) throws {
    var comparison = Fixtures.comparison(try Fixtures.peak())
    for index in comparison.rows.indices where comparison.rows[index].finding != .notJudged {
      comparison.rows[index].finding = .noDifference
      comparison.rows[index].note = ""
    }
    let judged = comparison.rows.filter { $0.finding == .noDifference }.count
    let lines = DiffReport(comparison).text(Style(width: width)).split(separator: "\n")
    #expect(lines.filter { $0.hasSuffix("  no difference beyond the margin") }.count == judged)
  }

  @Test(arguments: [(0, 4.7e9), (1e-9, 4.7e9), (1e-7, 0.2), (2e-6, 150_000)])
  func `no percentage is given of a wait that is next to nothing`(before: Double, relative: Double) throws {
    let row = Fixtures.row(
      .wait(95), Fixtures.figure(before, nil), Fixtures.figure(0.3, nil), .regressed, relative: relative,
      interval: 0.29...0.31, absolute: true)
    #expect(Phrases.percent(row) == "-" && Phrases.change(row) == "+300 ms")
  }

  @Test(arguments: [
    (0.0, 0.0, "0 to 0 us"), (0, 1e-5, "0 to 10 us"), (0, 0.2, "0 to 200 ms"), (1e-5, 0.2, "10 us to 200 ms"),
  ])
  func `nothing has the unit of the other end`(low: Double, high: Double, text: String) {
    #expect(Phrases.interval(.wait(95), low...max(high, 1e-12)) == text)
  }

  private static let apart: [(row: ComparisonRow, isTold: Bool)] = [
    (Fixtures.row(.latency(99), of(0.56), of(0.6), .improved, relative: -0.08, interval: -0.1...(-0.06)), true),
    (Fixtures.row(.latency(99), of(0.56), of(0.6), .inconclusive, relative: -0.08), true),
    (Fixtures.row(.latency(99), of(0.56), of(0.6), .regressed, relative: 0.08, interval: 0.06...0.1), false),
    (Fixtures.row(.latency(99), of(0.56), of(0.6), .noDifference, relative: -0.0001, interval: -0.01...0.01), false),
    (Fixtures.row(.errorRate, of(0.02), of(0.03), .improved, interval: -0.02...(-0.01), absolute: true), true),
    (Fixtures.row(.errorRate, of(0.02), of(0.03), .inconclusive, interval: -0.02...0.01, absolute: true), false),
    (
      Fixtures.row(.latency(99), of(0.56), Fixtures.figure(0.6, nil, censored: true), .inconclusive, relative: -0.08),
      false
    ),
  ]

  private static func of(_ value: Double) -> Figure { Fixtures.figure(value, nil) }

  @Test(arguments: apart)
  func `means that moved the other way than the pairs are told`(row: ComparisonRow, isTold: Bool) throws {
    let comparison = changed(try Fixtures.peak()) { $0.rows = [row] }
    let report = DiffReport(comparison)
    let note = "\(row.metric.title): the means moved the other way than the pairs"
    for text in [report.text(Style(width: 200)), report.markdown(), "\(FiguresTable(comparison).html)"] {
      #expect(text.contains(note) == isTold, "\(text)")
    }
  }

  @Test func `Markdown and JSON say the same`() throws {
    let report = DiffReport(Fixtures.comparison(try Fixtures.peak()))
    expectSnapshot(report.markdown(), "diff.md")
    expectSnapshot(report.json.text, "diff.json")
  }
}
