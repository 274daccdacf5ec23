import Evidence
import Model
import Statistics
import Testing

/// Runs of cells, made by a rule: two seconds a block, every request of one second alike.
private struct MadeCell {
  var size: Int
  /// Answers per second, one a round.
  var goodput: [Int]
  var timeouts = 0
  /// Seconds of every answer.
  var latency = 0.010
  var users = 100
  var cutOff = ""

  func run(_ number: Int, checks: [Metric]) -> MeasuredRun {
    var wanted = PoolSettings()
    wanted.maxSize = size
    wanted.acquireTimeout = .seconds(2)
    let run = Run(
      id: RunID(number), execution: ExecutionID(experiment: "peak", number: 4), arm: .baseline, status: .finished,
      wanted: wanted, started: Timestamp(microseconds: 0), kind: .sweep)
    var measured = MeasuredRun(run, metrics: checks)
    for (round, rate) in goodput.enumerated() {
      let block = Block(
        id: round, pair: round, position: round, status: .finished, started: Timestamp(microseconds: 0),
        effective: wanted)
      let slices = (0..<2).map { second in
        var slice = Slice(second: second)
        slice.due = rate + timeouts
        slice.completed = rate
        slice.failed = timeouts > 0 ? [.acquireTimeout: timeouts] : [:]
        let nanoseconds = [Int64](repeating: Int64(latency * 1e9), count: rate)
        let waits = [Int64](repeating: 1_000_000, count: rate) + [Int64](repeating: 2_000_000_000, count: timeouts)
        slice.histograms = [.latency: Histogram(nanoseconds).encoded(), .wait: Histogram(waits).encoded()]
        return slice
      }
      measured.take(.init(block: block, slices: slices, samples: []))
    }
    return measured
  }
}

@Suite struct SweepFindingsTests {
  private static func findings(_ made: [MadeCell], checks: [String] = [], mode: SweepSpec.Mode = .grid) throws
    -> SweepFindings
  {
    let conditions = try checks.map { try Condition(parsing: $0) }
    let experiment = Experiment(
      name: "peak", title: "", hypothesis: "", staging: .embedded(datasetScale: 1, settings: [:]), target: .builtin,
      baseline: SettingPatch(), change: SettingPatch(),
      load: LoadSpec(
        shape: .constant(users: 1, warmUp: .zero, duration: .seconds(2)),
        transactions: [Transaction(name: "one", sql: "SELECT 1")]),
      pairs: PairsSpec(), guards: [], checks: conditions, after: AfterSpec())
    let spec = SweepSpec(
      mode: mode, sizes: made.map(\.size), levels: made.map { .users($0.users) }, warmUp: .zero, duration: .seconds(2),
      repeats: made.map(\.goodput.count).max() ?? 1)
    var runs: [RunID: MeasuredRun] = [:]
    let metrics = SweepChecks(experiment).metrics
    let cells = made.enumerated().map { index, cell in
      let id = cell.goodput.isEmpty ? nil : RunID(index + 1)
      if let id { runs[id] = cell.run(index + 1, checks: metrics) }
      return SweepCell(position: index, size: cell.size, level: .users(cell.users), run: id, cutOff: cell.cutOff)
    }
    let sweep = SweepRecord(id: ExecutionID(experiment: "peak", number: 4), spec: spec, cells: cells)
    return SweepFindings(sweep, experiment: experiment, runs: runs)
  }

  private struct Case: CustomTestStringConvertible {
    var name: String
    var cells: [MadeCell]
    var checks: [String] = []
    var size: Int?
    var goodputSize: Int
    var interval: ClosedRange<Int>?
    var isOpenAbove = false
    var edges: Set<Knee.Edge> = []
    var testDescription: String { name }
  }

  private static let cases: [Case] = [
    Case(
      name: "the smallest within 5 % of the plateau, not of the best alone",
      cells: [
        .init(size: 10, goodput: [60]), .init(size: 20, goodput: [94]), .init(size: 30, goodput: [96]),
        .init(size: 50, goodput: [100]),
      ],
      size: 20, goodputSize: 20),
    Case(
      name: "cells are told apart by size, in whatever order they were measured",
      cells: [.init(size: 50, goodput: [100]), .init(size: 10, goodput: [60]), .init(size: 20, goodput: [98])],
      size: 20, goodputSize: 20),
    Case(
      name: "without checks nobody may time out",
      cells: [
        .init(size: 10, goodput: [60]), .init(size: 20, goodput: [98], timeouts: 1), .init(size: 30, goodput: [100]),
      ],
      size: 30, goodputSize: 20),
    Case(
      name: "checks of the experiment",
      cells: [
        .init(size: 10, goodput: [60]),
        .init(size: 20, goodput: [99], latency: 0.5), .init(size: 30, goodput: [100], latency: 0.3),
      ],
      checks: ["p(95) < 400ms", "p(95) <= baseline * 1.10"], size: 30, goodputSize: 20),
    Case(
      name: "no size keeps the checks",
      cells: [
        .init(size: 10, goodput: [60], latency: 0.5),
        .init(size: 20, goodput: [100], latency: 0.5),
      ],
      checks: ["p(95) < 400ms"], size: nil, goodputSize: 20, edges: [.largest]),
    Case(
      name: "the smallest measured is enough",
      cells: [.init(size: 10, goodput: [100]), .init(size: 20, goodput: [100])],
      size: 10, goodputSize: 10, edges: [.smallest]),
    Case(
      name: "goodput still rises", cells: [.init(size: 10, goodput: [50]), .init(size: 20, goodput: [100])], size: 20,
      goodputSize: 20, edges: [.largest]),
    Case(
      name: "what a guard cut off has no goodput",
      cells: [.init(size: 10, goodput: [100], cutOff: "guard"), .init(size: 20, goodput: [100])], size: 20,
      goodputSize: 20, edges: [.smallest]),
    Case(
      name: "what was not measured plays no part",
      cells: [.init(size: 10, goodput: []), .init(size: 20, goodput: [60]), .init(size: 30, goodput: [100])], size: 30,
      goodputSize: 30, edges: [.largest]),
    Case(
      name: "three rounds that drift together give a narrow interval",
      cells: [
        .init(size: 10, goodput: [60, 90, 120]), .init(size: 20, goodput: [98, 148, 197]),
        .init(size: 30, goodput: [100, 150, 200]),
      ],
      size: 20, goodputSize: 20, interval: 20...20),
    Case(
      name: "a size near the limit leaves it open",
      cells: [
        .init(size: 10, goodput: [600, 600, 600]), .init(size: 20, goodput: [930, 990, 960]),
        .init(size: 30, goodput: [1000, 1000, 1000]),
      ],
      size: 20, goodputSize: 20, interval: 20...30),
    Case(
      name: "noise that leaves everything open",
      cells: [.init(size: 10, goodput: [60, 140, 90]), .init(size: 20, goodput: [140, 60, 100])], size: 10,
      goodputSize: 10, interval: 10...20, isOpenAbove: true, edges: [.smallest]),
  ]

  @Test(arguments: cases) private func `the knee`(_ example: Case) throws {
    let knees = try Self.findings(example.cells, checks: example.checks).knees
    let knee = try #require(knees.first)
    #expect(knees.count == 1 && knee.size == example.size && knee.goodputSize == example.goodputSize, "\(knee)")
    #expect(knee.interval == example.interval && knee.isOpenAbove == example.isOpenAbove, "\(knee)")
    #expect(knee.edges == example.edges && knee.missed.isEmpty == (example.size != nil), "\(knee)")
  }

  @Test func `each level has its own knee, and one at which nothing came through has none`() throws {
    let found = try Self.findings([
      .init(size: 10, goodput: [50], users: 50), .init(size: 20, goodput: [50], users: 50),
      .init(size: 10, goodput: [60], users: 500), .init(size: 20, goodput: [100], users: 500),
      .init(size: 10, goodput: [0], timeouts: 9, users: 900),
    ])
    #expect(found.knees.map(\.level) == [.users(50), .users(500)] && found.knees.map(\.size) == [10, 20])
    #expect(found.cells.map(\.cell.size) == [10, 20, 10, 20, 10], "by level, then by size")
    #expect(found.cells.last?.timeouts == 1 && found.cells.first?.timeouts == 0)
  }

  @Test func `figures that contradict Little's law are objected to`() throws {
    // 1,000 answers a second of 0.99 s each need 990 users.
    let found = try Self.findings([.init(size: 10, goodput: [1000], latency: 0.99, users: 50)])
    #expect(found.objections.contains { $0.hasPrefix("run-1 (pool 10, 50 users): times and counts contradict") })
    let fair = try Self.findings([.init(size: 10, goodput: [1000], latency: 0.04, users: 50)])
    #expect(fair.objections.isEmpty, "\(fair.objections)")
  }
}
