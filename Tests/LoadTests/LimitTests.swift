import Load
import Model
import Statistics
import Testing

@Suite(.serialized) struct LimitTests {
  @Test(arguments: [false, true])
  func `a request without an answer is given up at request_timeout, and its connection with it`(usesLibpq: Bool) throws
  {
    // The server notices only when it wants to answer that nobody listens any more: each statement holds its slot till then.
    defer { try? terminateLoad(where: "query LIKE '%pg_sleep(2)%'") }
    let outcome = try run(
      ["SELECT pg_sleep(2)", "SELECT 1"], users(8, seconds: 2), settings { $0.maxSize = 8 }, usesLibpq: usesLibpq,
      requestTimeout: .milliseconds(300))
    let totals = outcome.report.totals
    #expect(totals.addsUp)
    #expect(Set(totals.failed.keys) == [.requestTimeout])
    // Each of the 8 users can wait in vain six times at most in 2 s, and asks many times in between.
    #expect((20...48).contains(totals.failures))
    #expect(outcome.sum(\.connectionsClosed) >= totals.failures)
    #expect(totals.completed > 20)
  }

  @Test func `sessions may write only where the load says so`() throws {
    let sql = ["CREATE TEMP TABLE IF NOT EXISTS t (n int)"]
    let denied = try run(sql, users(1, seconds: 0.3), settings { $0.maxSize = 1 })
    #expect(denied.report.totals.completed == 0)
    #expect(denied.report.totals.failed.keys.contains(.sql("25006")))
    let allowed = try run(sql, users(1, seconds: 0.3), settings { $0.maxSize = 1 }, writes: true)
    #expect(allowed.report.totals.failures == 0)
    #expect(allowed.report.totals.completed > 0)
  }

  @Test(arguments: [
    users(11, warmUp: 0.5, seconds: 2),
    .arrivalRate(rate: 150, spacing: .even, warmUp: .milliseconds(500), duration: .seconds(2)),
  ]) func `several threads share a load, and their seconds add up exactly`(shape: LoadShape) throws {
    let outcome = try run(["SELECT pg_sleep(0.02)"], shape, settings { $0.maxSize = 5 }, threads: 3)
    let totals = outcome.report.totals
    #expect(totals.addsUp)
    #expect(outcome.slices.map(\.second) == [-1, 0, 1])
    #expect(outcome.sum(\.due) == totals.due)
    #expect(outcome.histogram(.latency).count == totals.completed)
    #expect(outcome.slices.allSatisfy { $0.active.mean + $0.idle.mean <= 5.001 })
    if case .arrivalRate = shape { #expect((298...302).contains(totals.due)) }
    if case .constant = shape { #expect(outcome.slices.contains { $0.active.mean > 4 }) }
  }
}
