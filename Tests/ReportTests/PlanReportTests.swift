import Model
import TestSupport
import Testing

@testable import Report

@Suite struct PlanReportTests {
  @Test func `a plan shows each stage, each change with its inverse, the time and what it needs`() throws {
    let report = PlanReport(try Fixtures.peak(), names: .builtin)
    expectSnapshot(report.text(Style()), "plan.txt")
    expectSnapshot(report.text(Style(width: 40)), "plan-narrow.txt")
    expectSnapshot(report.json.text, "plan.json")
  }

  @Test func `a plan says where an app tells of its pool`() throws {
    var experiment = try Fixtures.peak()
    experiment.gauges = PoolEndpoint(url: "http://app.test/pool", tokenVariable: "METRICS_TOKEN")
    let text = PlanReport(experiment, names: .builtin).text(Style(width: 200))
    #expect(text.contains("the app tells of its pool at http://app.test/pool, asked every second"))
  }

  @Test func `a plan that does not fit, of one pair, on a database of one's own`() throws {
    var small = try Fixtures.peak(pairs: 1)
    small.staging = .embedded(datasetScale: 1, settings: ["max_connections": "40"])
    small.change[.idleTimeout] = .unlimited
    var own = try Fixtures.peak(pairs: 20)
    own.staging = .urlFromEnvironment(variable: "STAGING_DATABASE_URL")
    own.change = SettingPatch()
    own.expects = .noGo
    own.guards = []
    own.load.shape = .arrivalRate(rate: 120.5, spacing: .poisson, warmUp: .seconds(10), duration: .seconds(60))
    let texts = [small, own].map { PlanReport($0, names: Fixtures.names).text(Style()) }
    expectSnapshot(texts.joined(separator: "\n----\n\n"), "plan-others.txt")
  }

  @Test(arguments: [
    (1, false, 71.0, 71.0, [1]), (8, true, 568, 568, [8]), (20, true, 568, 1420, [8, 12, 16, 20]),
    (10, true, 568, 710, [8, 10]), (20, false, 1420, 1420, [20]),
  ])
  func `the time is pairs x 2 x (warm-up + duration + half a second)`(
    pairs: Int, early: Bool, shortest: Double, longest: Double, looks: [Int]
  ) throws {
    var experiment = try Fixtures.peak(pairs: pairs)
    experiment.pairs.stopEarly = early
    let estimate = PlanEstimate(experiment)
    #expect(estimate.shortest.seconds == shortest)
    #expect(estimate.longest.seconds == longest)
    #expect(estimate.looks == looks)
  }
}

@Suite struct EnvironmentNamesTests {
  @Test func `the lines of a patch are what the pool's own dialect reads back`() throws {
    let patch = try Fixtures.peak().settings(of: .retest).asPatch
    let lines = EnvironmentNames.builtin.lines(patch).map(\.text)
    #expect(lines.count == SettingKey.allCases.count)
    #expect(lines.contains("DB_POOL_TIMEOUT=0.34") && lines.contains("DB_CONNECTION_LIMIT=50"))
  }
}
