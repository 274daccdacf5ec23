import Evidence
import Model
import Monitor
import TestSupport
import Testing

@testable import Report

extension Fixtures {
  static let leadTimes = LeadTimes(
    rule: EarlyWarning.Rule(acquireTimeout: .seconds(5), interval: .milliseconds(500)),
    changes: [
      LevelChange(second: 3, level: .alert), LevelChange(second: 6, level: .calm),
      LevelChange(second: 31.25, level: .warning), LevelChange(second: 37.152, level: .alert),
    ], failure: FirstFailure(second: 41.237_512, error: .acquireTimeout), samples: 1090, longestGap: 0.512, age: .told)

  static func exhaustion() throws -> Experiment {
    var experiment = try peak(pairs: 1, name: "exhaustion")
    experiment.earlyWarning = EarlyWarningSpec()
    experiment.title = "Into exhaustion"
    experiment.baseline[.acquireTimeout] = .duration(.seconds(5))
    experiment.change = SettingPatch()
    experiment.rehearse = false
    experiment.guards = []
    experiment.after = AfterSpec(go: .rollback)
    experiment.load.shape = .rampingArrivalRate(
      RampingRateShape(
        startRate: 60, stages: [.init(rate: 200, duration: .seconds(20))], spacing: .poisson, warmUp: .seconds(3)))
    return experiment
  }

  static func lead(_ times: LeadTimes = leadTimes) throws -> LeadEvidence {
    let experiment = try exhaustion()
    return LeadEvidence(experiment: experiment, execution: ramp(times, experiment), run: RunID(12), times: times)
  }

  static func ramp(_ times: LeadTimes, _ experiment: Experiment) -> Execution {
    var execution = execution(experiment, outcome: .rolledBack, verdict: times.verdict(of: RunID(12)))
    execution.kind = .exhaustion
    execution.runs = [RunID(12)]
    return execution
  }
}

/// What people read of a ramp into exhaustion.
@Suite struct LeadReportTests {
  private static let silent: LeadTimes = {
    var times = Fixtures.leadTimes
    times.changes = [LevelChange(second: 31.25, level: .warning)]
    times.age = .inferred
    return times
  }()

  private static let quiet: LeadTimes = {
    var times = Fixtures.leadTimes
    (times.changes, times.failure, times.samples, times.age) = ([], nil, 1, .untold)
    return times
  }()

  private static func report(_ times: LeadTimes) throws -> VerdictReport {
    let experiment = try Fixtures.exhaustion()
    return VerdictReport(Fixtures.ramp(times, experiment), comparison: nil, changes: [], lead: times)
  }

  @Test func `the end of a ramp says by how much the alert led, or that it did not`() throws {
    for (name, times) in [("led", Fixtures.leadTimes), ("silent", Self.silent), ("quiet", Self.quiet)] {
      expectSnapshot(try Self.report(times).text(Style()), "lead-\(name).txt")
    }
    expectSnapshot(try Self.report(Fixtures.leadTimes).json.text, "lead.json")
    expectSnapshot(try Self.report(Fixtures.leadTimes).text(Style(width: 50)), "lead-narrow.txt")
  }

  @Test func `a runbook tells of an alert that did not lead as such`() throws {
    for times in [Self.silent, Self.quiet] {
      let lead = try Fixtures.lead(times)
      let region = RunbookDocument.Region(
        name: "early-warning", arguments: ["experiment": "exhaustion"], line: 1, content: "", checksum: nil)
      guard case .text(let text) = RunbookRegions.content(of: region, lead: { _ in lead }, evidence: { _ in nil })
      else {
        Issue.record("nothing was written")
        return
      }
      #expect(text.contains(times.age == .untold ? "Nothing is proven" : "is not to be relied on"), "\(text)")
      #expect(!text.contains("leads by"))
    }
  }

  @Test func `a run shows what its alert did, and a plan what would decide`() throws {
    var figures = Fixtures.before(try Fixtures.exhaustion())
    figures.run.kind = .exhaustion
    let report = RunReport(figures, lead: Fixtures.leadTimes)
    let text = report.text(Style())
    #expect(
      text.contains("Early warning\n  The alert leads by 4.09 s (run-12), 2 s of which are guaranteed."), "\(text)")
    #expect(report.json.text.contains("\"lead_seconds\": 4.08"))
    expectSnapshot(PlanReport(try Fixtures.exhaustion(), names: .builtin).text(Style()), "plan-exhaustion.txt")
  }

  @Test func `a ramp proves the rules of poolops's exporter, less what Prometheus takes, or refutes them`() throws {
    var times = Fixtures.leadTimes
    times.aged = [.warning: 31.237_512, .alert: 37.237_512]
    let proofs = LeadProof.all(of: times, run: RunID(12), scrapedEvery: .milliseconds(200))
    #expect(proofs.map(\.rule) == ["PoolWaitRising", "PoolExhaustionAhead"])
    #expect(proofs.allSatisfy { $0.source == "poolops" && $0.led && $0.holds && $0.interval == .milliseconds(500) })
    #expect(abs(proofs[1].lead.seconds - (4 - 0.4 - 1)) < 1e-9, "two intervals, and a second for the age of the gauges")
    let standing = { (times: LeadTimes, interval: Duration) in
      let plan = AlertPlan(
        timeout: .init(.seconds(5), origin: "given"), interval: interval,
        proofs: LeadProof.all(of: times, run: RunID(12), scrapedEvery: interval))
      let timing = plan.timing(of: .poolopsExporter)
      return LeadStanding(plan.proofs.filter { $0.rule == "PoolExhaustionAhead" }, timing).word
    }
    #expect(standing(times, .milliseconds(500)) == "proven (run-12)")
    #expect(standing(times, .seconds(1)) == "not proven", "nobody measured what so few looks do")
    times.aged[.alert] = nil
    #expect(standing(times, .milliseconds(500)) == "did not lead (run-12)")
    times.longestGap = 4
    #expect(standing(times, .milliseconds(500)) == "not proven", "the machine stood still")
    times.longestGap = 0.5
    times.aged[.alert] = 39.2
    #expect(
      standing(times, .milliseconds(500)) == "not proven", "2.04 s are what they should be, and too few for Prometheus")
    times.aged[.alert] = 39.3
    #expect(standing(times, .milliseconds(500)) == "did not lead (run-12)", "1.94 s")
    times.failure?.error = .queueFull
    #expect(LeadProof.all(of: times, run: RunID(12), scrapedEvery: .seconds(1)).isEmpty)
    times.failure = nil
    #expect(LeadProof.all(of: times, run: RunID(12), scrapedEvery: .seconds(1)).isEmpty)
    var other = Fixtures.leadTimes
    other.rule.alertAt = 0.6
    #expect(LeadProof.all(of: other, run: RunID(12), scrapedEvery: .seconds(1)).map(\.rule) == ["PoolWaitRising"])
  }

  @Test func `the line shows the level, and a pipe is told of each`() {
    var line = ProgressLine(
      stage: .ramp, pairs: 1, elapsed: .seconds(12), total: .seconds(54), rate: 96, p95: 0.8, waiting: 60,
      level: .calm)
    var pace = ProgressPace()
    #expect(pace.isDue(line) && !pace.isDue(line))
    line.level = .alert
    #expect(pace.isDue(line) && line.plain.hasSuffix("waiting 60  alert"))
    #expect(line.live(Style(width: 40)).contains("alert"))
  }
}
