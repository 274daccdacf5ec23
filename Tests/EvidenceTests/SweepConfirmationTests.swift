import Model
import Statistics
import Testing

@testable import Evidence

@Suite struct GoodputSpreadTests {
  static let courses: [(name: String, seconds: [Int], lastIsShort: Bool, spread: Double?)] = [
    ("too short for two windows", [Int](repeating: 100, count: 9), false, nil),
    ("even", [Int](repeating: 100, count: 10), false, 0),
    ("a step between windows", [100, 100, 100, 100, 100, 110, 110, 110, 110, 110], false, 0.0673),
    ("what evens out within a window", [90, 110, 100, 120, 80, 80, 120, 100, 110, 90], false, 0),
    ("what comes after the last whole window", [Int](repeating: 100, count: 10) + [500], false, 0),
    ("a second that was cut short", [Int](repeating: 100, count: 9) + [3], true, nil),
    ("nothing came through", [Int](repeating: 0, count: 10), false, nil),
  ]

  @Test(arguments: courses) func `the spread of windows of five seconds`(
    name: String, seconds: [Int], lastIsShort: Bool, spread: Double?
  ) {
    let slices = seconds.enumerated().map { second, completed in
      var slice = Slice(second: second)
      slice.completed = completed
      if lastIsShort, second == seconds.count - 1 { slice.length = 0.5 }
      return slice
    }
    var warmUp = Slice(second: -1)
    warmUp.completed = 9999
    let found = GoodputSpread.of([warmUp] + slices)
    #expect(found.map { Int(($0 * 10_000).rounded()) } == spread.map { Int(($0 * 10_000).rounded()) }, "\(name)")
  }
}

@Suite struct SweepConfirmationTests {
  /// - Parameter rates: answers a second in each block of the present size and of the knee.
  static func confirmation(
    present: Int = 20, knee: Int, rates: (present: [Int], knee: [Int]), latency: (Double, Double) = (0.04, 0.04)
  ) -> KneeConfirmation? {
    let id = ExecutionID(experiment: "peak", number: 5)
    let experiment = Experiment(
      name: "peak", title: "", hypothesis: "", staging: .embedded(datasetScale: 1, settings: [:]), target: .builtin,
      baseline: SettingPatch([.maxSize: .count(present)]), change: SettingPatch(),
      load: LoadSpec(
        shape: .constant(users: 500, warmUp: .zero, duration: .seconds(2)),
        transactions: [Transaction(name: "one", sql: "SELECT 1")]),
      pairs: PairsSpec(), guards: [], checks: [], after: AfterSpec())
    let spec = SweepSpec(
      sizes: [present, knee], levels: [.users(500)], warmUp: .zero, duration: .seconds(2), repeats: rates.present.count,
      confirms: ExecutionID(experiment: "peak", number: 4))
    var runs: [RunID: MeasuredRun] = [:]
    var cells: [SweepCell] = []
    for (index, side) in [(present, rates.present, latency.0), (knee, rates.knee, latency.1)].enumerated() {
      let run = RunID(50 + index)
      cells.append(SweepCell(position: index, size: side.0, level: .users(500), run: run))
      var wanted = PoolSettings()
      wanted.maxSize = side.0
      var measured = MeasuredRun(
        Run(
          id: run, execution: id, arm: .baseline, status: .finished, wanted: wanted,
          started: Timestamp(microseconds: 0), kind: .sweep))
      for (round, rate) in side.1.enumerated() {
        let slices = (0..<2).map { second in
          var slice = Slice(second: second)
          (slice.due, slice.completed) = (rate, rate)
          slice.histograms = [.latency: Histogram([Int64](repeating: Int64(side.2 * 1e9), count: rate)).encoded()]
          return slice
        }
        let block = Block(
          id: round, pair: round, position: 2 * round + index, status: .finished, started: Timestamp(microseconds: 0),
          effective: wanted)
        measured.take(.init(block: block, slices: slices, samples: []))
      }
      runs[run] = measured
    }
    return KneeConfirmation(SweepRecord(id: id, spec: spec, cells: cells), experiment: experiment, runs: runs)
  }

  struct Case: CustomTestStringConvertible {
    var name: String
    var knee: Int
    var present: [Int]
    var other: [Int]
    var latency = (0.04, 0.04)
    var answer: KneeConfirmation.Answer
    var isConfirmed: Bool
    var testDescription: String { name }
  }

  private static let low: [Int] = [400, 402, 398, 401, 399, 403, 397, 400]
  private static let high: [Int] = [500, 502, 498, 503, 499, 501, 497, 500]

  static let cases: [Case] = [
    Case(name: "more answers", knee: 32, present: low, other: high, answer: .better, isConfirmed: true),
    Case(name: "fewer connections do as well", knee: 10, present: low, other: low, answer: .equal, isConfirmed: true),
    Case(name: "more connections do no better", knee: 32, present: low, other: low, answer: .equal, isConfirmed: false),
    Case(name: "fewer answers", knee: 10, present: high, other: low, answer: .worse, isConfirmed: false),
    Case(
      name: "more answers, and later ones", knee: 32, present: low, other: high, latency: (0.04, 0.4), answer: .worse,
      isConfirmed: false),
    Case(
      name: "sooner answers", knee: 32, present: low, other: low, latency: (0.4, 0.04), answer: .better,
      isConfirmed: true),
    Case(name: "too few pairs", knee: 32, present: [400, 401], other: [500, 501], answer: .open, isConfirmed: false),
    Case(name: "one pair", knee: 32, present: [400], other: [500], answer: .open, isConfirmed: false),
  ]

  @Test(arguments: cases) func `what pairs of blocks say of a knee`(_ example: Case) throws {
    let rates = (example.present, example.other)
    let found = try #require(Self.confirmation(knee: example.knee, rates: rates, latency: example.latency))
    #expect(
      found.answer == example.answer && found.isConfirmed == example.isConfirmed, "\(found.answer) \(found.rows)")
    #expect(found.present == 20 && found.knee == example.knee && found.level == .users(500))
  }

  @Test func `without a block on one side nothing is said`() throws {
    let found = try #require(Self.confirmation(knee: 32, rates: ([400, 400], [])))
    #expect(found.comparison == nil && found.answer == .open && !found.isConfirmed)
  }
}
