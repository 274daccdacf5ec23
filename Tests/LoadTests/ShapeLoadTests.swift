import Load
import Model
import Postgres
import Staging
import Statistics
import TestSupport
import Testing

/// A load of its own words on the test cluster.
private func run(_ load: LoadSpec, maxSize: Int = 5) throws -> Outcome {
  let generator = LoadGenerator(
    LoadPlan(
      server: try TestCluster.running().connection, settings: settings { $0.maxSize = maxSize }, load: load, seed: 3))
  try generator.start()
  let report = generator.join()
  return Outcome(slices: report.slices, report: report)
}

private func load(
  _ shape: LoadShape, think: Distribution = .constant(0.05), sql: String = "SELECT 1", threads: Int = 1
) -> LoadSpec {
  LoadSpec(
    shape: shape, thinkTime: think, transactions: [Transaction(name: "t", sql: sql)], threads: threads)
}

private func stage(_ users: Int, _ seconds: Double) -> RampShape.Stage {
  .init(users: users, duration: .ofSeconds(seconds))
}

/// Each shape on a real server: that the engine has the users, or the requests, of the machine at every second.
@Suite(.serialized) struct ShapeLoadTests {
  struct Users: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var shape: LoadShape
    /// The least and the most mean of each second, from the first of the warm-up on.
    var means: [ClosedRange<Double>]
    var most: Int
  }

  static let examples: [Users] = [
    Users(
      testDescription: "a ramp",
      shape: .ramp(RampShape(startUsers: 2, stages: [stage(22, 2), stage(22, 1), stage(0, 1)], warmUp: .seconds(1))),
      means: [2...2.1, 6...7.5, 16...17.5, 21.5...22, 10...12], most: 22),
    Users(
      testDescription: "a spike",
      shape: .spike(
        SpikeShape(
          users: 30, baseUsers: 3, rise: .zero, hold: .seconds(1), fall: .zero, recovery: .seconds(1),
          warmUp: .seconds(1))),
      means: [3...3.5, 29...30, 3...4.5], most: 30),
    Users(
      testDescription: "steps",
      shape: .steps(
        StepsShape(start: 5, step: 5, every: .seconds(1), most: 15, until: [], warmUp: .zero)),
      means: [4.9...5.1, 9.5...10.1, 14.5...15.1], most: 15),
    Users(
      testDescription: "a soak", shape: .soak(users: 4, warmUp: .seconds(1), duration: .seconds(2)),
      means: [4...4, 4...4, 4...4], most: 4),
  ]

  @Test(arguments: examples, [1, 2]) func `users come and go as the shape says`(example: Users, threads: Int) throws {
    let outcome = try run(load(example.shape, threads: threads))
    let means = outcome.slices.map(\.users.mean)
    let wrong = zip(means, example.means).filter { !$1.contains($0) }
    #expect(wrong.isEmpty && means.count == example.means.count, "\(means)")
    #expect(outcome.slices.map(\.users.max).max() == example.most)
    #expect(outcome.report.totals.addsUp && outcome.report.isComplete && outcome.report.totals.failures == 0)
    #expect(outcome.report.totals.completed > 50)
  }

  @Test(arguments: [1, 3]) func `each user asks so often, and the load ends when all are through`(threads: Int) throws {
    let shape = LoadShape.iterations(
      IterationsShape(users: 7, iterations: 12, maxDuration: .seconds(30), warmUp: .zero))
    let outcome = try run(load(shape, threads: threads))
    let totals = outcome.report.totals
    #expect(totals.due == 84 && totals.completed == 84 && totals.inFlightAtEnd == 0 && outcome.report.isComplete)
    #expect(outcome.slices.count <= 3 && outcome.sum(\.completed) == 84)
    #expect(outcome.slices.dropLast().allSatisfy { $0.length == 1 } && (outcome.slices.last?.length ?? 1) < 1)
  }

  @Test func `iterations that take too long end at their longest time`() throws {
    let shape = LoadShape.iterations(
      IterationsShape(users: 2, iterations: 1000, maxDuration: .seconds(1), warmUp: .zero))
    let outcome = try run(load(shape))
    #expect(outcome.report.isComplete && outcome.slices.count == 1 && outcome.report.totals.completed < 60)
  }

  @Test(arguments: [1, 2]) func `the requests of a changing rate are those of the schedule, second by second`(
    threads: Int
  ) throws {
    // 40, then 40 to 120 within 2 s, then a jump to 200: 40, 60, 100, 200 requests.
    let shape = LoadShape.rampingArrivalRate(
      RampingRateShape(
        startRate: 40,
        stages: [
          .init(rate: 120, duration: .seconds(2)), .init(rate: 200, duration: .zero),
          .init(rate: 200, duration: .seconds(1)),
        ], spacing: .even, warmUp: .seconds(1)))
    let outcome = try run(load(shape, think: .constant(0), threads: threads))
    #expect(outcome.slices.map(\.due) == [40, 60, 100, 200] && outcome.report.totals.addsUp)
    #expect(outcome.slices.allSatisfy { $0.users == Gauge() })
  }

  @Test func `transactions are recorded apart, and add up to the whole`() throws {
    let spec = LoadSpec(
      shape: users(4, warmUp: 1, seconds: 2), thinkTime: .constant(0.01),
      transactions: [
        Transaction(name: "good", weight: 3, sql: "SELECT 1"), Transaction(name: "bad", sql: assertion("false")),
        Transaction(name: "slow", sql: "SELECT pg_sleep(0.021)"),
      ])
    let outcome = try run(spec)
    let sums = outcome.slices.map { slice in
      (slice.parts.map(\.completed).reduce(0, +), slice.parts.map(\.failed).reduce(0, +))
    }
    #expect(zip(outcome.slices, sums).allSatisfy { $0.completed == $1.0 && $0.failures == $1.1 })
    let slow = outcome.slices.compactMap { slice in slice.parts.last?.latency.flatMap { Histogram(encoded: $0) } }
    #expect(outcome.slices.allSatisfy { $0.parts.map(\.name) == ["good", "bad", "slow"] && $0.parts[0].failed == 0 })
    #expect(outcome.slices.allSatisfy { $0.parts[1].completed == 0 && $0.parts[1].latency == nil })
    #expect((slow.compactMap { $0.range?.lowerBound }.min() ?? 0) >= 20_900_000)
  }
}

@Suite(.serialized) struct FlowLoadTests {
  private static let table = "flow_orders"

  private func withTable(_ body: () throws -> Void) throws {
    let admin = try TestCluster.admin()
    try admin.execute(
      """
      CREATE TABLE \(Self.table) (id bigserial PRIMARY KEY, visits int NOT NULL DEFAULT 0);
      GRANT ALL ON \(Self.table), \(Self.table)_id_seq TO PUBLIC
      """)
    defer { try? TestCluster.admin().execute("DROP TABLE \(Self.table)") }
    try body()
  }

  private func flow(_ shape: LoadShape, threads: Int = 1) -> LoadSpec {
    let id = Parameter(name: "id", values: .captured("order"))
    return LoadSpec(
      shape: shape, thinkTime: .exponential(mean: 0.02),
      transactions: [
        Transaction(
          name: "open", work: .sql("INSERT INTO \(Self.table) DEFAULT VALUES RETURNING id AS \"Order\""),
          captures: [Capture(name: "order", source: .column("Order"))]),
        Transaction(
          name: "work", work: .sql("UPDATE \(Self.table) SET visits = visits + 1 WHERE id = :id"), parameters: [id],
          pause: .exponential(mean: 0.01)),
        Transaction(
          name: "look", work: .sql("SELECT 1 / visits FROM \(Self.table) WHERE id = :id"), parameters: [id]),
      ], isFlow: true, writes: true, threads: threads)
  }

  /// Every visit works on the row that it opened: a value carried over to another one would make a row with two.
  @Test(arguments: [
    (users(12, seconds: 2), 1), (users(12, warmUp: 1, seconds: 1), 2),
    (.arrivalRate(rate: 60, spacing: .poisson, warmUp: .zero, duration: .seconds(2)), 1),
    (.iterations(IterationsShape(users: 6, iterations: 9, maxDuration: .seconds(20), warmUp: .zero)), 1),
  ]) func `a value goes from step to step within its visit, and the counts add up`(shape: LoadShape, threads: Int)
    throws
  {
    try withTable {
      let outcome = try run(flow(shape, threads: threads))
      let flows = outcome.slices.compactMap(\.flows).reduce(FlowCounts(), +)
      let rows = try TestCluster.admin().query(
        "SELECT count(*), count(*) FILTER (WHERE visits > 1), coalesce(sum(visits), 0) FROM \(Self.table)")
      let found = (rows.values.first ?? []).compactMap { $0.flatMap(Int.init) }
      let parts = (0..<3).map { index in outcome.slices.map { $0.parts[index].completed }.reduce(0, +) }
      let durations = Histogram.merged(
        outcome.slices.compactMap { $0.histograms[.flow].flatMap { Histogram(encoded: $0) } })
      let underWay = flows.started - flows.ended
      #expect(found.count == 3 && found[1] == 0 && outcome.report.totals.failures == 0 && outcome.report.totals.addsUp)
      // What was sent at the very end was done, and not counted any more.
      #expect((parts[0]...flows.started).contains(found[0]) && (0...12).contains(found[2] - parts[1]))
      #expect(flows.failed == 0 && parts[2] == flows.completed && flows.completed == durations.count)
      #expect((0...20).contains(underWay) && flows.completed > 40 && parts[0] >= parts[1] && parts[1] >= parts[2])
      if case .iterations = shape { #expect(flows.started == 54 && flows.completed == 54 && underWay == 0) }
    }
  }

  @Test(arguments: [
    ("SELECT 1 AS id WHERE false", "id"), ("SELECT NULL::int AS id", "id"), ("SELECT 1 AS other", "id"),
    ("SELECT 1 AS id", "ID"),
  ]) func `an answer without the value that is captured fails its step, and the visit`(sql: String, column: String)
    throws
  {
    let steps = [
      Transaction(name: "a", work: .sql("SELECT 1")),
      Transaction(name: "b", work: .sql(sql), captures: [Capture(name: "id", source: .column(column))]),
      Transaction(
        name: "c", work: .sql("SELECT :id"), parameters: [Parameter(name: "id", values: .captured("id"))]),
    ]
    let outcome = try run(
      LoadSpec(
        shape: users(2, seconds: 0.5), thinkTime: .constant(0.01), transactions: steps, isFlow: true))
    let flows = outcome.slices.compactMap(\.flows).reduce(FlowCounts(), +)
    #expect(Set(outcome.report.totals.failed.keys) == [.valueMissing] && flows.completed == 0)
    #expect(flows.failed == outcome.report.totals.failures && flows.failed > 10)
    #expect(outcome.slices.allSatisfy { $0.parts[2].completed == 0 })
    // Two users need a second one only when they meet; none is lost to an answer that lacks a value.
    #expect((1...2).contains(outcome.sum(\.connectionsOpened)))
  }
}
