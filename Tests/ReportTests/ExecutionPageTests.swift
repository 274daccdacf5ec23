import Evidence
import Model
import TestSupport
import Testing

@testable import Report

@Suite struct ExecutionPageTests {
  private static func page(
    _ change: (inout Experiment) -> Void = { _ in }, execution: ((Experiment) -> Execution)? = nil,
    series: [RunSeries]? = nil, comparison: Bool = true, runs: Bool = true
  ) throws -> String {
    var experiment = try Fixtures.peak()
    change(&experiment)
    let compared = Fixtures.comparison(experiment)
    return ExecutionPage(
      execution?(experiment) ?? Fixtures.execution(experiment, stages: SeriesFixtures.stages), experiment: experiment,
      comparison: comparison ? compared : nil, runs: runs ? [compared.before, compared.after] : [],
      series: series ?? SeriesFixtures.series(experiment)
    ).text
  }

  @Test func `a report is one page with the verdict before all else, and the same bytes each time`() throws {
    let page = try Self.page()
    expectSnapshot(page, "report.html")
    #expect(try Self.page() == page)
    let check = MarkupCheck(page)
    #expect(check.faults == [])
    #expect(check.names.isDisjoint(with: ["script", "link", "iframe", "object", "form", "base"]))
    let order = [
      "✓ GO", "What was changed", "Before and after", "How long requests took", "Second by second", "What happened",
      "What differs besides", "Environment", "How to reproduce",
    ]
    let places = order.map { page.firstRange(of: $0)?.lowerBound }
    #expect(places.allSatisfy { $0 != nil } && places.compactMap(\.self).sorted() == places.compactMap(\.self))
    #expect(!page.contains("nan") && !page.contains(" inf"))
  }

  @Test func `an hour of each run stays below 1 MB, and its one slow second is drawn`() throws {
    let page = try Self.page(series: SeriesFixtures.hour(try Fixtures.peak()))
    #expect(page.utf8.count < 400_000, "\(page.utf8.count) bytes")
    #expect(MarkupCheck(page).faults == [])
    #expect(page.contains("p95 of run-12 at most 4000 ms") && page.contains("Each point is the median of 10 seconds"))
    // The axis ends at 4 s, so that the highest point of the band lies at the top of the plot: y is 0.
    let plot = try #require(page.split(separator: "id=\"latency-time-t\"").last)
    #expect(try #require(plot.split(separator: "class=\"area before\"").dropFirst().first).prefix(9000).contains(" 0L"))
  }

  private static let evil = "<script>alert('x')</script><img src=x onerror=\"y\"> & \u{1B}[31m </style><!-- -->"

  @Test func `what people and servers wrote stays text`() throws {
    let page = try Self.page(
      { experiment in
        experiment.title = Self.evil
        experiment.hypothesis = Self.evil
        experiment.name = "peak"
      },
      execution: { experiment in
        var execution = Fixtures.execution(
          experiment, outcome: .rolledBack,
          verdict: Verdict(
            decision: .noGo, rules: [RuleOutcome(rule: Self.evil, status: .failed, evidence: Self.evil)],
            reason: Self.evil),
          stages: SeriesFixtures.stages + [SeriesFixtures.stage(.rollback, 50, Self.evil, .failed)])
        execution.experimentText = Self.evil
        return execution
      })
    let check = MarkupCheck(page)
    #expect(check.faults == [])
    #expect(!check.names.contains("script") && !check.names.contains("img"))
    #expect(!page.contains("\u{1B}") && page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
    #expect(page.contains("✗ NO-GO") && page.contains("rollback failed"))
  }

  private static let partial: [(name: String, outcome: ExecutionOutcome, says: [String])] = [
    ("failed", .failed, ["Not judged", "baseline failed: the server went away", "nothing can be compared"]),
    ("running", .running, ["Not judged", "The experiment has not ended."]),
    ("unverified", .rollbackUnverified, ["Staging may not be as it was.", "poolops experiment recover"]),
  ]

  @Test(arguments: partial) func `an execution without a verdict is a page too`(
    name: String, outcome: ExecutionOutcome, says: [String]
  ) throws {
    let experiment = try Fixtures.peak()
    let stages =
      SeriesFixtures.stages.prefix(4) + [SeriesFixtures.stage(.baseline, 20, "the server went away", .failed)]
    for series in [SeriesFixtures.series(experiment, status: .aborted), []] {
      let page = try Self.page(
        execution: { Fixtures.execution($0, outcome: outcome, verdict: nil, stages: Array(stages)) }, series: series,
        comparison: false, runs: false)
      #expect(MarkupCheck(page).faults == [])
      for text in says { #expect(page.contains(text), "\(name)") }
      #expect(page.contains("Second by second") == !series.isEmpty)
      #expect(!page.contains("How long requests took"))
    }
  }

  @Test func `an experiment that cannot be read any more is said to be so`() throws {
    let experiment = try Fixtures.peak()
    let page = ExecutionPage(
      Fixtures.execution(experiment), experiment: nil, comparison: nil, runs: [], series: []
    ).text
    #expect(MarkupCheck(page).faults == [] && page.contains("cannot be read any more"))
  }

  @Test func `a runbook's page has the same style, and its body as it is`() {
    let page = RunbookPage(title: "A <page>", body: HTML(markup: "<h1>Pool</h1>")).text
    #expect(MarkupCheck(page).faults == [] && page.contains("<title>A &lt;page&gt;</title>"))
    #expect(page.contains("<h1>Pool</h1>") && page.contains(StyleSheet.text))
  }
}
