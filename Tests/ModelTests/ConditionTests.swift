import Model
import Testing

@Suite struct ConditionTests {
  struct Readable: Sendable {
    var text: String
    var metric: Metric
    var comparator: Condition.Comparator
    var bound: Condition.Bound
  }

  @Test(arguments: [
    Readable(text: "p(95) < 400ms", metric: .latency(95), comparator: .less, bound: .absolute(0.4)),
    Readable(text: "p(99.9)<=1s", metric: .latency(99.9), comparator: .lessOrEqual, bound: .absolute(1)),
    Readable(text: "wait_p(95) < 5ms", metric: .wait(95), comparator: .less, bound: .absolute(0.005)),
    Readable(text: "error_rate < 1%", metric: .errorRate, comparator: .less, bound: .absolute(0.01)),
    Readable(text: "error_rate < 0.01", metric: .errorRate, comparator: .less, bound: .absolute(0.01)),
    Readable(text: "acquire_timeouts == 0", metric: .acquireTimeouts, comparator: .equal, bound: .absolute(0)),
    Readable(text: "throughput > 413", metric: .throughput, comparator: .greater, bound: .absolute(413)),
    Readable(
      text: "backend_memory <= 10MB", metric: .backendMemory, comparator: .lessOrEqual, bound: .absolute(10_485_760)),
    Readable(
      text: "connections_used <= 80%", metric: .connectionsUsed, comparator: .lessOrEqual, bound: .shareOfMaximum(0.8)),
    Readable(
      text: "connections_used <= 40", metric: .connectionsUsed, comparator: .lessOrEqual, bound: .absolute(40)),
    Readable(text: "server_cpu < 50%", metric: .serverCPU, comparator: .less, bound: .absolute(0.5)),
    Readable(
      text: "p(95) <= baseline * 1.10", metric: .latency(95), comparator: .lessOrEqual,
      bound: .baseline(factor: 1.1, margin: 0)),
    Readable(
      text: "p(95) <= baseline * 1.10 + 5ms", metric: .latency(95), comparator: .lessOrEqual,
      bound: .baseline(factor: 1.1, margin: 0.005)),
    Readable(
      text: "error_rate <= baseline + 0.5%", metric: .errorRate, comparator: .lessOrEqual,
      bound: .baseline(factor: 1, margin: 0.005)),
  ])
  func `a condition is read`(test: Readable) throws {
    let condition = try Condition(parsing: test.text)
    let expected = Condition(metric: test.metric, comparator: test.comparator, bound: test.bound, text: test.text)
    #expect(condition == expected)
  }

  @Test(
    arguments: [
      ("", "a metric such as p(95) or error_rate is missing", 0),
      ("eror_rate < 1%", "no metric is called 'eror_rate'; did you mean 'error_rate'?", 0),
      ("p(95) <", "a limit is missing", 7),
      ("p(95) ~ 400ms", "one of < <= > >= ==", 6),
      ("p(95) < 400", "'400' is no limit for p(95); write a duration with its unit", 8),
      ("p(95) < -4ms", "'-4ms' is no limit for p(95)", 8),
      ("error_rate < many", "'many' is no limit for error_rate; write a share such as 1% or 0.01", 13),
      ("p(100) < 1s", "no metric is called 'p(100)'", 0),
      ("p(95) <= baseline * x", "'x' is no factor", 20),
      ("p(95) = 400ms", "'=' is no comparison; did you mean '=='?", 6),
      ("p(95) => 400ms", "'=>' is no comparison; did you mean '>='?", 6),
      ("p(95) <= baselin * 1.1", "'baselin' is no limit; did you mean 'baseline'?", 9),
      ("p(95) <= baseline * 1.1 + 5", "'5' is no limit for p(95); write a duration", 26),
      ("connections_used <= x%", "'x%' is no limit for connections_used; write a share of max_size such as 80%", 20),
      ("connections_used <= many", "a number of at least 0, or a share of max_size such as 80%", 20),
      ("waiting <= 80%", "'80%' is no limit for waiting; write a number of at least 0", 11),
      ("server_cpuu < 50%", "did you mean 'server_cpu'?", 0),
      ("p(95) < 1s or else", "'or' is not expected here", 11),
    ] as [(String, String, Int)])
  func `a condition that cannot be read says why and where`(text: String, message: String, offset: Int) {
    let fault = #expect(throws: ExpressionFault.self) { try Condition(parsing: text) }
    #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
    #expect(fault?.offset == offset)
  }

  @Test func `a guard holds for a while, and for a second where nothing is said`() throws {
    #expect(try Guard(parsing: "error_rate > 20% for 10s").hold == .seconds(10))
    #expect(try Guard(parsing: "error_rate > 20%").hold == .seconds(1))
    #expect(throws: ExpressionFault.self) { try Guard(parsing: "error_rate > 20% for 10") }
  }

  @Test func `a drift has a fixed limit, and guards nothing`() throws {
    let drift = try Condition(parsing: "p95_drift < 5%")
    #expect(drift.metric == .latencyDrift && drift.bound == .absolute(0.05))
    #expect(throws: ExpressionFault.self) { try Condition(parsing: "p95_drift <= baseline * 1.1") }
    #expect(throws: ExpressionFault.self) { try Guard(parsing: "memory_drift > 5% for 10s") }
  }

  @Test func `the hard stop reads as it is written`() throws {
    #expect(try Guard(parsing: Guard.hardStop.text) == Guard.hardStop)
  }

  @Test func `every metric is read back from its own word`() {
    let metrics = Metric.named + [.latency(50), .latency(99.9), .wait(95), .query(99)]
    #expect(metrics.map { Metric(word: $0.word) } == metrics)
  }
}
