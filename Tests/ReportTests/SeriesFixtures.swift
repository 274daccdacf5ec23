import Evidence
import Model

@testable import Report

/// Seconds made by a rule instead of chance: two pairs of blocks, the first arm with a queue and requests that give up.
enum SeriesFixtures {
  static func evidence() throws -> RunbookEvidence {
    let experiment = try Fixtures.peak()
    return RunbookEvidence(
      experiment: experiment, execution: Fixtures.execution(experiment, stages: stages),
      comparison: Fixtures.comparison(experiment), sizing: nil, trials: [], names: Fixtures.names,
      series: series(experiment))
  }

  static func series(_ experiment: Experiment, status: RecordStatus = .finished) -> [RunSeries] {
    [
      RunSeries(
        run: Fixtures.before(experiment).run, blocks: [block(0, 1, 0.40, status), block(1, 2, 0.44, status)],
        latency: status == .finished ? curve(0.4, cutOff: 0.02) : nil),
      RunSeries(
        run: Fixtures.after(experiment).run, blocks: [block(0, 0, 0.14, status), block(1, 3, 0.15, status)],
        latency: status == .finished ? curve(0.1, cutOff: 0) : nil),
    ]
  }

  /// One block an hour long for each run, with a single second that is ten times slower.
  static func hour(_ experiment: Experiment) -> [RunSeries] {
    series(experiment).enumerated().map { index, run in
      var run = run
      let seconds = (0..<3600).map { second in
        RunSeries.Second(
          second: second, p50: 0.1, p95: second == 1234 ? 4.0 : 0.4 + Double(second * 7919 % 101) / 1000,
          answered: 400 + second * 31 % 57, failed: second % 3, active: 20, idle: Double(second % 5),
          waiting: Double(second * 13 % 97), serverCPU: Double(second % 11) / 100)
      }
      run.blocks = [
        .init(
          pair: 0, position: index, status: .finished, started: Fixtures.after(Int64(index) * 3610), seconds: seconds)
      ]
      return run
    }
  }

  static let stages: [StageRecord] = [
    stage(.preflight, 0, "staging is ready"), stage(.apply, 1, "retest settings written"),
    stage(.verify, 1, "in force"),
    stage(.retest, 2, ""), stage(.apply, 11, "baseline settings written"), stage(.baseline, 12, ""),
    stage(.judge, 44, "GO"), stage(.confirm, 45, "the change is in force and stays"),
  ]

  static func stage(_ stage: Stage, _ second: Int64, _ note: String, _ outcome: StageOutcome = .passed) -> StageRecord {
    StageRecord(
      stage: stage, outcome: outcome, started: Fixtures.after(second), ended: Fixtures.after(second), note: note)
  }

  private static func block(_ pair: Int, _ position: Int, _ p95: Double, _ status: RecordStatus) -> RunSeries.Block {
    let seconds = (-2..<8).map { second in
      // One second is silent, so that the line has to break.
      let isSilent = second == 5 && position == 2
      let level = p95 * (1 + Double((second * 7 + position * 3) % 5) / 20)
      return RunSeries.Second(
        second: second, p50: isSilent ? nil : level / 3, p95: isSilent ? nil : level, answered: isSilent ? 0 : 400,
        failed: p95 > 0.3 ? 9 : 0, active: 20, idle: 0, waiting: p95 > 0.3 ? 120 : 0,
        serverCPU: second == -2 ? nil : 0.05 + Double(second) / 200)
    }
    return RunSeries.Block(
      pair: pair, position: position, status: status, started: Fixtures.after(Int64(2 + position * 10)),
      seconds: seconds)
  }

  private static func curve(_ mean: Double, cutOff: Double) -> LatencyCurve {
    let points = (0...60).map { step in
      LatencyCurve.Point(seconds: mean * Double(step) / 20, slower: max(cutOff, pow2(-Double(step) / 4)))
    }
    return LatencyCurve(points: points, cutOff: cutOff, requests: 30_000)
  }

  /// 2 to a power that is a multiple of a quarter.
  private static func pow2(_ exponent: Double) -> Double {
    let quarter = 0.840_896_415_253_714_6
    return (0..<Int(-exponent * 4)).reduce(1) { product, _ in product * quarter }
  }
}
