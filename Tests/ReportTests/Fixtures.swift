import Evidence
import Model

@testable import Report

/// Values made by hand, so that every report is tested on something that never moves.
enum Fixtures {
  static let start = Timestamp(microseconds: 1_795_200_000_000_000)

  static func after(_ seconds: Int64) -> Timestamp {
    Timestamp(microseconds: start.microseconds + seconds * 1_000_000)
  }

  static let names = EnvironmentNames { key, value in
    let known: [SettingKey: String] = [
      .maxSize: "DB_CONNECTION_LIMIT", .acquireTimeout: "DB_POOL_TIMEOUT", .statementCache: "DB_STATEMENT_CACHE_SIZE",
    ]
    return known[key].map { EnvironmentLine(name: $0, value: value.text(for: key)) }
  }

  static func conditions(_ texts: [String]) throws -> [Condition] { try texts.map { try Condition(parsing: $0) } }

  static func peak(pairs: Int = 8, name: String = "peak") throws -> Experiment {
    Experiment(
      name: name, title: "Peak load, 500 users, pool 20 to 50",
      hypothesis: "At 500 users a pool of 20 queues until requests time out; 50 connections serve them within 400 ms.",
      staging: .embedded(datasetScale: 1, settings: ["max_connections": "100"]), target: .builtin,
      baseline: SettingPatch([
        .maxSize: .count(20), .acquireTimeout: .duration(.milliseconds(340)), .statementCache: .count(100),
      ]),
      change: SettingPatch([.maxSize: .count(50), .statementCache: .count(200)]),
      load: LoadSpec(
        shape: .constant(users: 500, warmUp: .seconds(5), duration: .seconds(30)),
        thinkTime: .exponential(mean: 0.85),
        transactions: [
          Transaction(name: "read_account", weight: 1, sql: "SELECT pg_sleep(:service)")
        ]),
      pairs: PairsSpec(count: pairs, stopEarly: true, seed: 7),
      guards: [try Guard(parsing: "error_rate > 20% for 10s")],
      checks: try conditions([
        "p(95) < 400ms", "error_rate < 1%", "acquire_timeouts == 0", "pool_utilisation < 80%", "server_cpu < 50%",
        "p(95) <= baseline * 1.10",
      ]),
      after: AfterSpec())
  }

  static func run(
    _ number: Int, _ arm: Arm, _ settings: PoolSettings, execution: String = "peak", status: RecordStatus = .finished
  ) -> Run {
    Run(
      id: RunID(number), execution: ExecutionID(experiment: execution, number: 3), arm: arm, status: status,
      wanted: settings, started: start, ended: status == .finished ? after(560) : nil,
      environment: ["postgres_version": "15.20", "cores": "2", "dataset_scale": "1", "load": "500 users, closed loop"])
  }

  static let plainNote = "plain before and after: drift of the machine is not separated from the change"

  static let measuredBefore: [Metric: Figure] = [
    .throughput: figure(413.2, 411.0...415.1), .goodput: figure(403.4, 401.2...405.0),
    .errorRate: figure(0.0237, 0.0221...0.0252), .acquireTimeouts: figure(2350, nil),
    .latency(50): figure(0.331, 0.329...0.333), .latency(95): figure(0.485, 0.480...0.491),
    .latency(99): figure(0.560, 0.552...0.569), .wait(95): figure(0.34, nil, censored: true),
    .query(50): figure(0.0337, 0.0335...0.0339), .query(95): figure(0.1452, 0.1449...0.1456),
    .serverCPU: figure(0.082, 0.080...0.085), .cpuPerThousand: figure(0.397, 0.389...0.402),
    .connectionsUsed: figure(20, nil), .poolUtilisation: figure(0.998, 0.997...0.999), .waiting: figure(128.1, nil),
    .sessionRate: figure(0, nil),
  ]

  static let measuredAfter: [Metric: Figure] = [
    .backendMemory: figure(1_887_437, nil), .throughput: figure(556.0, 553.9...558.2),
    .goodput: figure(556.0, 553.9...558.2),
    .errorRate: figure(0, 0...0.0001),
    .acquireTimeouts: figure(0, nil), .latency(50): figure(0.0341, 0.0338...0.0343),
    .latency(95): figure(0.145, 0.142...0.149), .latency(99): figure(0.224, 0.219...0.230),
    .wait(95): figure(0.00002, nil), .query(50): figure(0.0339, 0.0336...0.0341),
    .query(95): figure(0.1451, 0.1447...0.1455), .serverCPU: figure(0.109, 0.105...0.112),
    .cpuPerThousand: figure(0.392, 0.384...0.399), .connectionsUsed: figure(44, nil),
    .poolUtilisation: figure(0.539, 0.531...0.547), .waiting: figure(0, nil), .sessionRate: figure(0, nil),
  ]

  static func figure(_ value: Double, _ interval: ClosedRange<Double>?, censored: Bool = false) -> Figure {
    Figure(value: value, interval: interval, blocks: 8, samples: 99_168, isCensored: censored)
  }

  static func before(_ experiment: Experiment) -> RunFigures {
    let settings = experiment.settings(of: .baseline)
    return RunFigures(
      run: run(12, .baseline, settings, execution: experiment.name), figures: measuredBefore, due: 99_400,
      completed: 96_818, failed: [.acquireTimeout: 2350, .sql("40001"): 3], inFlight: 229, blocks: 8,
      measuredSeconds: 240, effective: settings, objections: [])
  }

  static func after(_ experiment: Experiment) -> RunFigures {
    let settings = experiment.settings(of: .retest)
    return RunFigures(
      run: run(13, .retest, settings, execution: experiment.name), figures: measuredAfter, due: 133_480,
      completed: 133_440, failed: [:], inFlight: 40, blocks: 8, measuredSeconds: 240, effective: settings,
      objections: [])
  }

  static func row(
    _ metric: Metric, _ before: Figure?, _ after: Figure?, _ finding: Finding, relative: Double? = nil,
    interval: ClosedRange<Double>? = nil, absolute: Bool = false, note: String = ""
  ) -> ComparisonRow {
    let change = before.flatMap { old in after.map { $0.value - old.value } }
    return ComparisonRow(
      metric: metric, before: before, after: after, change: change, relative: relative, interval: interval,
      intervalIsAbsolute: absolute, finding: finding, note: note)
  }

  private static let findings: [Metric: Finding] = [
    .throughput: .improved, .goodput: .improved, .errorRate: .improved, .acquireTimeouts: .improved,
    .latency(50): .improved,
    .latency(95): .improved, .latency(99): .improved, .wait(95): .improved, .query(50): .noDifference,
    .query(95): .noDifference, .serverCPU: .regressed, .cpuPerThousand: .noDifference, .connectionsUsed: .notJudged,
    .poolUtilisation: .notJudged, .waiting: .improved, .sessionRate: .inconclusive,
  ]

  static func comparison(_ experiment: Experiment) -> Comparison {
    let before = before(experiment)
    let after = after(experiment)
    let rows = RunFigures.tableMetrics.filter { before[$0] != nil }.map { metric -> ComparisonRow in
      let old = before[metric]?.value ?? 0
      let new = after[metric]?.value ?? 0
      let relative = old == 0 || metric == .errorRate ? nil : new / old - 1
      let interval = metric == .errorRate ? -0.0252...(-0.0221) : relative.map { $0 - 0.012...$0 + 0.012 }
      return row(
        metric, before[metric], after[metric], findings[metric] ?? .notJudged, relative: relative, interval: interval,
        absolute: metric == .errorRate, note: metric == .sessionRate ? "too few sessions" : "")
    }
    return Comparison(
      before: before, after: after, design: .pairedBlocks(pairs: 8),
      settings: [
        Difference(name: "max_size", before: "20", after: "50"),
        Difference(name: "statement_cache", before: "100", after: "200"),
      ], otherDifferences: [], rows: rows)
  }

  static func empty(_ experiment: Experiment) -> Comparison {
    var before = before(experiment)
    var after = after(experiment)
    before.figures = [:]
    after.figures = [:]
    before.blocks = 0
    after.blocks = 0
    return Comparison(
      before: before, after: after, design: .beforeAfter, settings: [], otherDifferences: [],
      rows: RunFigures.tableMetrics.map { row($0, nil, nil, .inconclusive) })
  }

  static let verdict = Verdict(
    decision: .go,
    rules: [
      RuleOutcome(rule: "p(95) < 400ms", status: .passed, evidence: "145 ms (142 ms to 149 ms, 8 blocks, run-13)"),
      RuleOutcome(rule: "error_rate < 1%", status: .passed, evidence: "0.00 % (0 of 133,480, run-13)"),
      RuleOutcome(
        rule: "p(95) <= baseline * 1.10", status: .passed, evidence: "145 ms against 485 ms (run-13 against run-12)"),
    ], reason: "Every rule passed on 8 pairs of blocks.")

  static func execution(
    _ experiment: Experiment, outcome: ExecutionOutcome = .kept, verdict: Verdict? = verdict,
    stages: [StageRecord] = []
  ) -> Execution {
    Execution(
      id: ExecutionID(experiment: experiment.name, number: 3), outcome: outcome, started: start, ended: after(570),
      seed: 7, experimentText: "version: 1\n", experimentDigest: "ab12", stages: stages,
      runs: [RunID(12), RunID(13)], verdict: verdict)
  }
}
