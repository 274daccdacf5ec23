import Evidence
import Model
import Statistics
import TestSupport
import Testing

@testable import Report

/// A sweep whose cells follow a rule: a service that 24 connections serve as well as any, 40 ms a request.
struct MadeSweep {
  var spec = SweepSpec(
    sizes: [10, 20, 30, 50], levels: [.users(100), .users(500)], warmUp: .seconds(2), duration: .seconds(10))
  var experiment: Experiment?
  /// Cells that are missing, by position.
  var missing: Set<Int> = []
  var cutOff: [Int: String] = [:]
  var interruptions = 0
  var limit: Int?
  var number = 4
  var firstRun = 40
  /// Blocks of a cell, by position, that are unsteady before one is not.
  var unsteady: [Int: Int] = [:]
  var seconds = 2

  private func cells() -> [SweepCell] {
    let places = spec.levels.flatMap { level in spec.sizes.map { (size: $0, level: level) } }
    return places.enumerated().map { index, place in
      SweepCell(
        position: index, size: place.size, level: place.level,
        run: missing.contains(index) ? nil : RunID(index + firstRun),
        cutOff: cutOff[index] ?? "")
    }
  }

  private func measured(_ cell: SweepCell, _ run: RunID, _ metrics: [Metric]) -> MeasuredRun {
    let users = if case .users(let users) = cell.level { Double(users) } else { 400.0 }
    let offered = users / 0.85
    let rate = min(offered, Double(min(cell.size, 24)) * 25)
    let wait = offered > rate ? 0.3 : 0.002
    var wanted = PoolSettings()
    wanted.maxSize = cell.size
    wanted.acquireTimeout = .milliseconds(340)
    var measured = MeasuredRun(
      Run(
        id: run, execution: ExecutionID(experiment: "peak", number: number), arm: .baseline, status: .finished,
        wanted: wanted, started: Timestamp(microseconds: 0), kind: .sweep), metrics: metrics)
    let unsteady = unsteady[cell.position] ?? 0
    for round in 0..<spec.repeats + min(spec.again, unsteady) {
      let drift = 1 + 0.02 * Double(round)
      let completed = Int(rate * drift)
      let given = Int(max(0, offered - rate) * 0.4)
      let slices = (0..<seconds).map { second in
        var slice = Slice(second: second)
        let completed = round < unsteady && second >= 5 ? completed + completed / (20 * (round + 1)) : completed
        slice.due = completed + given
        slice.completed = completed
        slice.failed = given > 0 ? [.acquireTimeout: given] : [:]
        let times = (1...completed).map { Int64((0.04 + wait * Double($0) / Double(completed)) * 1e9) }
        let waits = times.map { $0 - 40_000_000 } + [Int64](repeating: 340_000_000, count: given)
        slice.histograms = [.latency: Histogram(times).encoded(), .wait: Histogram(waits).encoded()]
        return slice
      }
      let samples = [0, seconds].map { second in
        ProbeSample(
          second: Double(second),
          values: [.serverCPUSeconds: Double(second) * rate / 1000, .machineTotalSeconds: Double(second) * 2])
      }
      measured.take(
        .init(
          block: Block(
            id: round, pair: round, position: round, status: .finished, started: Timestamp(microseconds: 0),
            effective: wanted), slices: slices, samples: samples))
    }
    return measured
  }

  func report() -> SweepReport {
    let cells = cells()
    let metrics = SweepChecks(experiment).metrics
    var runs: [RunID: MeasuredRun] = [:]
    for cell in cells { if let run = cell.run { runs[run] = measured(cell, run, metrics) } }
    let id = ExecutionID(experiment: "peak", number: number)
    let finished = missing.isEmpty ? Timestamp(microseconds: 1_795_200_300_000_000) : nil
    let sweep = SweepRecord(id: id, spec: spec, limit: limit, cells: cells, finished: finished)
    let stage = StageRecord(stage: .preflight, outcome: .passed, started: Timestamp(microseconds: 0))
    let execution = Execution(
      id: id, outcome: .rolledBack, started: Timestamp(microseconds: 1_795_200_000_000_000), seed: 7,
      experimentText: "", experimentDigest: "", stages: Array(repeating: stage, count: interruptions + 1), kind: .sweep)
    return SweepReport(
      SweepFindings(sweep, experiment: experiment, runs: runs), of: execution,
      confirmation: KneeConfirmation(sweep, experiment: experiment, runs: runs))
  }

  /// Of the knee at 500 users.
  static func confirmation(_ experiment: Experiment, knee: Int = 30, pairs: Int = 8) -> MadeSweep {
    MadeSweep(
      spec: SweepSpec(
        sizes: [20, knee], levels: [.users(500)], warmUp: .seconds(3), duration: .seconds(20), repeats: pairs,
        confirms: ExecutionID(experiment: "peak", number: 4)), experiment: experiment, number: 5, firstRun: 48)
  }
}

@Suite struct SweepReportTests {
  private static let wide = Style(width: 140)

  @Test func `the table of a grid, and the knee of each load`() throws {
    let made = MadeSweep(experiment: try Fixtures.peak())
    let report = made.report()
    expectSnapshot(report.text(Self.wide), "sweep.txt")
    expectSnapshot(report.text(Style(unicode: false, width: 60)), "sweep-narrow.txt")
    expectSnapshot(report.markdown(), "sweep.md")
    expectSnapshot(report.json.text, "sweep.json")
    #expect(report.isWhole && report.text(Self.wide) == made.report().text(Self.wide))
  }

  @Test func `rounds give intervals, also to the knee`() throws {
    var made = MadeSweep()
    made.spec.repeats = 4
    expectSnapshot(made.report().text(Self.wide), "sweep-rounds.txt")
  }

  @Test func `an interrupted sweep says what is missing, and what a guard cut off`() throws {
    var made = MadeSweep(
      missing: [2, 7], cutOff: [4: "guard 'error_rate > 20% for 10s' tripped, with 41.0 % at the last"])
    made.interruptions = 2
    let report = made.report()
    expectSnapshot(report.text(Self.wide), "sweep-interrupted.txt")
    #expect(!report.isWhole)
  }

  @Test func `a search says that it is one`() {
    var made = MadeSweep(limit: 58)
    made.spec = SweepSpec(
      mode: .knee, sizes: [4, 8, 16, 19, 23, 32, 58], levels: [.rate(412.5)], warmUp: .seconds(2),
      duration: .seconds(10))
    expectSnapshot(made.report().text(Self.wide), "sweep-search.txt")
  }

  @Test func `which cells were measured again, or should be, is said with their runs`() throws {
    var made = MadeSweep(unsteady: [1: 1, 6: 3], seconds: 10)
    made.spec.again = 2
    expectSnapshot(made.report().text(Self.wide), "sweep-again.txt")
    made.spec.again = 0
    let note = made.report().text(Style(width: 400))
    #expect(
      note.contains("In 2 of 8 cells windows of 5 s spread by more than 2 %, at most by 3.4 % (run-46)"), "\(note)")
    made.spec.again = 1
    made.unsteady = [:]
    #expect(made.report().text(Style(width: 400)).contains("No cell had to be measured again"))
  }

  @Test func `a confirmation compares the knee with the present setting`() throws {
    let peak = try Fixtures.peak()
    let report = MadeSweep.confirmation(peak).report()
    expectSnapshot(report.text(Self.wide), "sweep-confirm.txt")
    expectSnapshot(report.markdown(), "sweep-confirm.md")
    expectSnapshot(report.json.text, "sweep-confirm.json")
    let open = MadeSweep.confirmation(peak, pairs: 2).report().text(Style(width: 400))
    #expect(
      open.contains("Not decided: more pairs are needed for") && open.contains("sweep confirm peak#4 --pairs 4"),
      "\(open)")
    let larger = MadeSweep.confirmation(peak, knee: 10).report().text(Style(width: 400))
    #expect(larger.contains("Not confirmed: 10 connections instead of 20: regressed"), "\(larger)")
    var missing = MadeSweep.confirmation(peak)
    missing.missing = [1]
    #expect(missing.report().text(Self.wide).contains("Not decided: 0 of 8 pairs measured."))
  }

  @Test func `the chart is sound markup, of the same bytes each time, and knows the dark scheme`() throws {
    var made = MadeSweep(experiment: try Fixtures.peak())
    let plain = try #require(made.report().chart)
    expectSnapshot(plain, "sweep.svg")
    made.spec = SweepSpec(
      sizes: [2, 5, 10, 11, 12, 20, 50, 100], levels: (1...8).map { .users($0 * 60) }, warmUp: .zero,
      duration: .seconds(1), repeats: 3)
    let crowded = try #require(made.report().chart)
    expectSnapshot(crowded, "sweep-crowded.svg")
    for svg in [plain, crowded] {
      let check = MarkupCheck(svg)
      #expect(check.faults == [] && svg.contains("prefers-color-scheme:dark") && svg.contains("knee "))
    }
    #expect(MadeSweep(missing: Set(0...7)).report().chart == nil, "nothing was measured")
  }

  private static let plans: [(name: String, spec: SweepSpec, words: [String])] = [
    (
      "a grid",
      SweepSpec(sizes: [10, 20], levels: [.users(50), .users(100)], warmUp: .seconds(2), duration: .seconds(10)),
      ["4 cells", "10 and 20", "50 users and 100 users", "about 50 s", "22 free connection slots"]
    ),
    (
      "rounds",
      SweepSpec(sizes: [10], levels: [.rate(50)], warmUp: .zero, duration: .seconds(1), repeats: 6),
      ["1 cell:", "each 6 times", "6 blocks", "about 9 s"]
    ),
    (
      "a search", SweepSpec(mode: .knee, sizes: [], levels: [.users(500)], warmUp: .zero, duration: .seconds(1)),
      ["usually 7 sizes", "what the server has free connection slots for"]
    ),
  ]

  @Test(arguments: plans) func `a plan counts cells and time`(name: String, spec: SweepSpec, words: [String]) throws {
    let text = SweepPlanReport(try Fixtures.peak(), spec, goingOnWith: nil).text(Style(width: 400))
    #expect(words.filter { !text.contains($0) } == [], "\(name): \(text)")
  }
}
