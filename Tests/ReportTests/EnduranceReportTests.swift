import Evidence
import Model
import TestSupport
import Testing

@testable import Report

/// Reports of a run that was one long block.
@Suite struct EnduranceReportTests {
  private static let drifts: [Drift] = [
    Drift(.latency, .steady, first: 0.145, last: 0.1462, perHour: 0.0061, interval: -0.0082...0.0204, parts: 30),
    Drift(.backendMemory, .drifts, first: 5e6, last: 6.51e6, perHour: 0.302, interval: 0.281...0.323, parts: 30),
    Drift(
      .connections, .jumped, first: 40, last: 22.4, isRelative: false, jump: .init(second: 1080, change: -17.6),
      parts: 30
    ),
    Drift(
      .sessions, .cannotTell, first: 40, last: 39, perHour: -0.8, interval: -4.1...2.5, isRelative: false, parts: 30,
      note: "about 3.2 h would tell"),
    Drift(
      .errors, .changed, first: 0, last: 0.012, perHour: 0.011, interval: 0.006...0.016, isRelative: false, parts: 30),
  ]

  private static func recycling(overdue: Int = 0, due: ClosedRange<Int> = 80...82, early: Int = 0) -> Recycling {
    Recycling(
      opened: 101, closed: 81, due: due, overdue: overdue, early: early, oldest: 899.6, lifetime: .seconds(900),
      idleTimeout: .seconds(600))
  }

  private static func stretch(
    seconds: Int = 3600, status: RecordStatus = .finished, drifts: [Drift] = drifts, _ recycling: Recycling? = nil
  ) -> Endurance.Stretch {
    .init(position: 1, status: status, seconds: seconds, drifts: drifts, recycling: recycling)
  }

  static let soak = Endurance(stretches: [
    stretch(recycling()), stretch(seconds: 1500, status: .running, drifts: [], recycling(due: 0...0, early: 3)),
    stretch(seconds: 2400, status: .aborted, drifts: [cut], recycling(overdue: 4)),
  ])

  private static let cut = Drift(
    .latency, .cannotTell, first: 0.145, last: .infinity, parts: 24, note: "cut off by timeouts")

  private static let times = RequestTimes(
    rows: [
      .init(kind: .latency, count: 96_818, values: [0.331, 0.45, 0.485, 0.56, 0.7], largest: 0.967, censored: 2),
      .init(kind: .service, count: 96_818, values: [0.331, 0.45, 0.485, 0.56, 0.7], largest: 0.96, censored: 2),
      .init(kind: .wait, count: 99_168, values: [0.3, 0.33, 0.34, 0.341, 0.345], largest: 0.398, censored: 2),
      .init(kind: .query, count: 96_818, values: [0.0337, 0.11, 0.145, 0.22, 0.33], largest: 0.653),
      .init(kind: .connect, count: 101, values: [0.0021, 0.0034, 0.0041, 0.009, 0.009], largest: 0.009),
      .init(kind: .slip, count: 99_168, values: [0.000_02, 0.000_1, 0.000_3, 0.0125, 0.03], largest: 0.06),
    ], warmUpSeconds: 40, warmUpRequests: 16_021, lateShare: 0.0312, generatorCPU: 0.124)

  private static func report() throws -> RunReport {
    RunReport(Fixtures.after(try Fixtures.peak()), other: RunID(12), times: times, endurance: soak)
  }

  @Test func `run show of a soak`() throws {
    expectSnapshot(try Self.report().text(Style()), "run-show-soak.txt")
    expectSnapshot(try Self.report().text(Style(width: 60)), "run-show-soak-narrow.txt")
    expectSnapshot(try Self.report().json.text, "run-show-soak.json")
  }

  @Test func `the page of an execution has it under a heading of its own`() throws {
    let peak = try Fixtures.peak()
    let page = ExecutionPage(
      Fixtures.execution(peak), experiment: peak, comparison: Fixtures.comparison(peak), runs: [], series: [],
      endurance: [(RunID(13), Self.soak)]
    ).text
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.contains("<h2>Over the run</h2>") })
    let end = lines[(start + 1)...].firstIndex { $0.contains("<h2>") } ?? lines.endIndex
    expectSnapshot(lines[start..<end].joined(separator: "\n") + "\n", "soak.html")
  }

  @Test func `the region of a runbook cites the run of each figure`() throws {
    var evidence = try SeriesFixtures.evidence()
    evidence.endurance = [RunID(13): Self.soak]
    guard case .text(let text) = EnduranceRegion.content(evidence) else {
      Issue.record("nothing was written")
      return
    }
    expectSnapshot(text, "region-endurance-soak.md")
  }

  @Test func `a run that is measured is followed line by line`() {
    var slice = Slice(second: -2)
    slice.due = 398
    let block = Block(id: 1, pair: 0, position: 1, status: .running, started: Fixtures.start)
    let warmUp = FollowLine(slice, of: block)
    slice.second = 3725
    slice.completed = 391
    slice.failed = [.acquireTimeout: 7]
    (slice.active, slice.idle) = (Gauge(mean: 19.6, max: 20), Gauge(mean: 0.4, max: 2))
    slice.waiting = Gauge(mean: 11.2, max: 19)
    // Version 1: two values of 5 ns, one of 300.
    slice.histograms = [.latency: [1, 2, 5, 172, 2, 182, 2, 5, 2, 145, 2, 1]]
    let line = FollowLine(slice, of: block)
    expectSnapshot(
      [warmUp.text(Style()), line.text(Style()), line.json.line].joined(separator: "\n") + "\n", "follow.txt")
    for width in [60, 70, 80, 92, 100] {
      let lines = [warmUp, line].map { $0.text(Style(width: width)) }
      #expect(lines.allSatisfy { $0.columns < max(width, 68) && $0.contains("waiting") }, "\(width): \(lines)")
      #expect(lines[1].contains("idle") == (width >= 92), "\(width)")
    }
  }
}
