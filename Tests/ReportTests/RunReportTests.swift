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

  @Test func `the list`() throws {
    let experiment = try Fixtures.peak()
    let aborted = Fixtures.run(14, .baseline, experiment.settings(of: .baseline), status: .aborted)
    let report = RunListReport([
      .init(run: Fixtures.before(experiment).run, figures: Fixtures.before(experiment)),
      .init(run: Fixtures.after(experiment).run, figures: Fixtures.after(experiment)),
      .init(run: aborted, figures: nil),
    ])
    expectSnapshot(report.text(Style(width: 120)), "run-list.txt")
    expectSnapshot(report.text(Style(width: 40)), "run-list-narrow.txt")
    expectSnapshot(report.json.text, "run-list.json")
    expectSnapshot(RunListReport([]).text(Style()) + RunListReport([]).json.text, "run-list-empty.txt")
  }
}
