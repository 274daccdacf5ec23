import Evidence
import Model
import TestSupport
import Testing

@testable import Report

@Suite struct RunReportTests {
  @Test func `a finished run`() throws {
    let report = RunReport(Fixtures.before(try Fixtures.peak()), other: RunID(13))
    expectSnapshot(report.text(Style()), "run-show.txt")
    expectSnapshot(report.json.text, "run-show.json")
    expectSnapshot(report.text(Style(width: 40)), "run-show-narrow.txt")
  }

  @Test func `an aborted run without a figure, whose pool took something else, with objections`() throws {
    var figures = Fixtures.before(try Fixtures.peak())
    figures.run.status = .aborted
    figures.run.ended = nil
    figures.figures = [:]
    figures.blocks = 0
    figures.effective?.maxSize = 10
    figures.objections = [
      "the counts do not add up: 12 requests are missing", "the machine lost 4 % of its CPU to others",
    ]
    expectSnapshot(RunReport(figures).text(Style()), "run-show-aborted.txt")
  }

  @Test func `a flow has its steps and visits, steps their breaking points, and a spike its recovery`() throws {
    var figures = Fixtures.before(try Fixtures.peak())
    figures.figures[.flowSuccess] = Fixtures.figure(0.981, 0.977...0.985)
    figures.figures[.flow(95)] = Fixtures.figure(2.31, 2.2...2.4)
    figures.figures[.breakingPoint] = Fixtures.figure(310, 302...318)
    figures.flows = FlowFigures(
      counts: FlowCounts(started: 12_345, completed: 12_100, failed: 235), underWayAtStart: 40)
    figures.parts = [
      PartFigures(name: "find", completed: 12_330, failed: 0, p50: 0.004, p95: 0.009),
      PartFigures(name: "pay the order", completed: 12_100, failed: 230, p50: 0.05, p95: 0.12),
      PartFigures(name: "nothing", completed: 0, failed: 0, p50: nil, p95: nil),
    ]
    figures.breakingPoints = [
      BreakingPoint(held: 300, broke: 350, condition: "p(95) > 400ms", value: 0.482),
      BreakingPoint(held: 0, broke: 50, condition: "error_rate > 50% for 10s"), BreakingPoint(held: 500),
    ]
    let recoveries = [
      SpikeRecovery(position: 0, usualP95: 0.041, worstP95: 1.9, mostWaiting: 280, seconds: 4),
      SpikeRecovery(position: 1, usualP95: nil, worstP95: nil, mostWaiting: 0, seconds: 0),
      SpikeRecovery(position: 2, usualP95: 0.04, worstP95: 12, mostWaiting: 15_000, seconds: nil),
    ]
    let report = RunReport(figures, other: RunID(13), recoveries: recoveries)
    expectSnapshot(report.text(Style()), "run-show-flow.txt")
    expectSnapshot(report.json.text, "run-show-flow.json")
    var mixed = Fixtures.before(try Fixtures.peak())
    mixed.parts = figures.parts
    #expect(RunReport(mixed).text(Style()).contains("Transactions\n  transaction"))
  }

  @Test func `a figure outside of the usual ones is shown too`() throws {
    var figures = Fixtures.before(try Fixtures.peak())
    figures.figures[.latency(75)] = Fixtures.figure(0.4, nil)
    #expect(RunReport(figures).text(Style()).contains("latency p75"))
  }

  @Test func `under a load over HTTP the pool is the app's, and the report says what its figures rest on`() throws {
    var figures = Fixtures.before(try Fixtures.peak())
    figures.run.environment["carrier"] = "HTTP/1.1"
    expectSnapshot(RunReport(figures).text(Style()), "run-show-app.txt")
    for metric in figures.figures.keys where metric.isOfPool { figures.figures[metric] = nil }
    #expect(RunReport(figures).text(Style()).contains("The app told nothing of its pool"))
  }

  @Test func `of statements through a PgBouncer the pool is PgBouncer's`() throws {
    var figures = Fixtures.before(try Fixtures.peak())
    figures.run.environment["carrier"] = "SQL through PgBouncer"
    let text = RunReport(figures).text(Style())
    #expect(text.contains("Pool of PgBouncer") && text.contains("The pool's figures are what PgBouncer's console told"))
    for metric in figures.figures.keys where metric.isOfPool { figures.figures[metric] = nil }
    #expect(RunReport(figures).text(Style()).contains("PgBouncer's console told nothing of its pool"))
  }

  @Test func `the list`() throws {
    let experiment = try Fixtures.peak()
    let aborted = Fixtures.run(14, .baseline, experiment.settings(of: .baseline), status: .aborted)
    let report = list([
      .init(run: aborted, figures: nil),
      .init(run: Fixtures.after(experiment).run, figures: Fixtures.after(experiment)),
      .init(run: Fixtures.before(experiment).run, figures: Fixtures.before(experiment)),
    ])
    expectSnapshot(report.text(Style(width: 120)), "run-list.txt")
    expectSnapshot(report.text(Style(width: 40)), "run-list-narrow.txt")
    expectSnapshot(report.json.text, "run-list.json")
    expectSnapshot(list([]).text(Style()) + list([]).json.text, "run-list-empty.txt")
  }

  private func list(
    _ items: [RunListReport.Item], _ after: Duration = .zero, isMeasuring: Bool = false
  ) -> RunListReport {
    let now = Timestamp(microseconds: Fixtures.start.microseconds + after.nanoseconds / 1000)
    return RunListReport(items, now: now, isMeasuring: isMeasuring)
  }

  @Test func `a run that is under way is said to be, and how to follow it`() throws {
    let experiment = try Fixtures.peak()
    let settings = experiment.settings(of: .baseline)
    let items = [15, 14].map { number in
      RunListReport.Item(run: Fixtures.run(number, .baseline, settings, status: .running), figures: nil)
    }
    let text = list(items, .seconds(130), isMeasuring: true).text(Style(width: 120))
    #expect(text.contains("not yet") && !text.contains("no data"), "\(text)")
    #expect(text.contains("run-14 and run-15 are under way, for 2 min 10 s now."), "\(text)")
    #expect(text.hasSuffix("Next: poolops run show run-15 --follow\n"), "\(text)")
    let one = list([items[1]], .seconds(7), isMeasuring: true).text(Style())
    #expect(one.contains("run-14 is under way, for 7 s now."), "\(one)")
    let dead = list(items, .seconds(130)).text(Style())
    #expect(dead.contains("nothing is measured here now") && dead.hasSuffix("Next: poolops experiment recover\n"))
  }
}
