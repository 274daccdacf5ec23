import Glibc
import Load
import Model
import Postgres
import Staging
import Statistics
import TestSupport
import Testing

@Suite(.serialized) struct LoadGeneratorTests {
  @Test func `a closed system keeps Little's law`() throws {
    let outcome = try run(
      ["SELECT pg_sleep(0.02)"], users(100, warmUp: 1, seconds: 6), settings { $0.maxSize = 5 })
    let throughput = Double(outcome.report.totals.completed) / 6
    let service = try #require(outcome.histogram(.query).mean) / 1e9
    let response = try #require(outcome.histogram(.latency).mean) / 1e9
    #expect(abs(throughput / (5 / service) - 1) < 0.03)
    #expect(abs(response / (100 / throughput) - 1) < 0.03)
    #expect(outcome.slices.filter { $0.second >= 0 }.allSatisfy { $0.active.mean > 4.9 && $0.waiting.max == 95 })
  }

  @Test(arguments: [
    users(20, warmUp: 1.5, seconds: 3),
    .arrivalRate(rate: 120, spacing: .poisson, warmUp: .seconds(1), duration: .seconds(3)),
    .arrivalRate(rate: 300, spacing: .even, warmUp: .zero, duration: .seconds(2)),
  ]) func `counts add up, second by second and in all`(shape: LoadShape) throws {
    // The third is an overload: many requests are in flight at the end.
    let limits = settings {
      $0.maxSize = 2
      $0.acquireTimeout = .milliseconds(120)
    }
    let outcome = try run(["SELECT pg_sleep(0.01)"], shape, limits)
    let totals = outcome.report.totals
    let seconds = outcome.slices.map(\.second)
    #expect(totals.addsUp && outcome.report.isComplete && outcome.report.effective == limits)
    #expect(totals.due == outcome.sum(\.due) && totals.completed == outcome.sum(\.completed))
    #expect(totals.failures == outcome.sum(\.failures) && totals.completed > 100)
    #expect(seconds == Array((seconds.first ?? 0)..<Int(shape.duration.seconds)))
    #expect(outcome.histogram(.latency).count == totals.completed)
    if case .arrivalRate(let rate, .even, _, _) = shape { #expect(totals.due == Int(rate * shape.duration.seconds)) }
  }

  @Test func `who outwaits acquire_timeout fails with that class, and none waits longer`() throws {
    let limits = settings {
      $0.maxSize = 1
      $0.acquireTimeout = .milliseconds(150)
    }
    let outcome = try run(["SELECT pg_sleep(0.1)"], users(5, seconds: 3), limits)
    let waits = outcome.histogram(.wait)
    let longest = try #require(waits.range?.upperBound)
    let usual = try #require(waits.quantile(0.9))
    #expect(Set(outcome.report.totals.failed.keys) == [.acquireTimeout])
    #expect(outcome.report.totals.failures > 20 && outcome.report.totals.completed > 20)
    // The machine may be held up for a moment; the pool may not.
    #expect(longest >= 150_000_000 && longest < 650_000_000 && usual < 160_000_000)
  }

  @Test func `max_waiting refuses at once`() throws {
    let limits = settings {
      $0.maxSize = 1
      $0.maxWaiting = 2
    }
    let shape = LoadShape.arrivalRate(rate: 50, spacing: .even, warmUp: .zero, duration: .seconds(2))
    let outcome = try run(["SELECT pg_sleep(0.1)"], shape, limits)
    #expect(Set(outcome.report.totals.failed.keys) == [.queueFull] && outcome.report.totals.failures > 60)
  }

  @Test(arguments: [false, true]) func `a statement timeout is told apart, and the connection goes on`(
    usesLibpq: Bool
  ) throws {
    let outcome = try run(
      ["SELECT pg_sleep(5)"], users(2, seconds: 1), settings { $0.maxSize = 2 }, statementTimeout: .milliseconds(50),
      usesLibpq: usesLibpq)
    #expect(Set(outcome.report.totals.failed.keys) == [.statementTimeout])
    #expect(outcome.report.totals.failures > 20 && outcome.sum(\.connectionsOpened) == 2)
  }

  @Test(arguments: [false, true]) func `terminated connections are classified, and the pool recovers`(
    usesLibpq: Bool
  ) throws {
    let outcome = try run(
      ["SELECT pg_sleep(0.02)"], users(8, seconds: 4), settings { $0.maxSize = 4 }, usesLibpq: usesLibpq
    ) { generator in
      waitForSecond(generator)
      try terminateLoad(where: "query LIKE '%pg_sleep(0.02)%'")
    }
    let last = try #require(outcome.slices.last)
    #expect(outcome.report.totals.failed == [.serverGone: 4] && outcome.report.totals.addsUp)
    #expect(last.completed > 100 && last.failures == 0 && outcome.sum(\.connectionsOpened) == 8)
  }

  @Test func `slots that are used up are told apart from a full pool`() throws {
    let admin = try TestCluster.admin()
    try admin.execute("CREATE ROLE limited LOGIN CONNECTION LIMIT 2")
    defer { try? TestCluster.admin().execute("DROP ROLE limited") }
    var server = try TestCluster.running().admin
    server["user"] = "limited"
    let limits = settings {
      $0.maxSize = 6
      $0.acquireTimeout = .milliseconds(150)
    }
    let outcome = try run(["SELECT pg_sleep(0.1)"], users(6, seconds: 2), limits, server: server)
    #expect(Set(outcome.report.totals.failed.keys) == [.tooManyConnections] && outcome.report.totals.completed > 20)
    #expect(Set(outcome.report.totals.connectFailures.keys) == [.tooManyConnections])
    #expect(outcome.slices.allSatisfy { $0.active.max <= 2 })
    try admin.execute("ALTER ROLE limited CONNECTION LIMIT 0")
    #expect(throws: LoadError.self) { try run(["SELECT 1"], users(1, seconds: 1), limits, server: server) }
  }

  @Test func `in the open loop a stall shows in the latency, which counts from when each request was due`() throws {
    let shape = LoadShape.arrivalRate(rate: 100, spacing: .even, warmUp: .zero, duration: .seconds(3))
    let outcome = try run(["SELECT count(*) FROM pgbench_branches"], shape, settings { $0.maxSize = 3 }) { generator in
      waitForSecond(generator)
      try TestCluster.admin().execute(
        "BEGIN; LOCK TABLE pgbench_branches IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.6); COMMIT")
    }
    let slowLatencies = outcome.histogram(.latency).count(above: 200_000_000)
    let slowQueries = outcome.histogram(.query).count(above: 200_000_000)
    // Of 60 requests due during the stall, those of its first 0.4 s wait longer than 0.2 s; three of them in the server.
    #expect(outcome.report.totals.due == 300 && outcome.report.totals.failures == 0)
    #expect((30...50).contains(slowLatencies) && slowQueries <= 3.01)
  }

  @Test(arguments: [0, 1, 2, 100]) func `statements are kept as far as statement_cache allows`(cache: Int) throws {
    let kept = "(SELECT count(*) FROM pg_prepared_statements)"
    let sql = (0..<4).map { assertion("\(kept) <= \(cache) AND \($0) >= 0") }
    let outcome = try run(
      sql, users(3, seconds: 1),
      settings {
        $0.maxSize = 2
        $0.statementCache = cache
      })
    #expect(outcome.report.totals.failed == [:] && outcome.report.totals.completed > 50)
  }

  @Test func `sessions are read-only and carry the load's name, and an error goes by its SQLSTATE`() throws {
    let session = assertion(
      "current_setting('transaction_read_only') = 'on' AND current_setting('application_name') = 'poolops-load'")
    let good = try run([session], users(1, seconds: 0.5), PoolSettings())
    let bad = try run([assertion("false")], users(1, seconds: 0.5), PoolSettings())
    #expect(good.report.totals.failed == [:] && good.report.totals.completed > 10)
    #expect(Set(bad.report.totals.failed.keys) == [.sql("22012")] && bad.report.totals.completed == 0)
    #expect(bad.sum(\.connectionsOpened) == 1)
  }

  @Test(arguments: [
    (ParameterValues.number(.constant(0.05)), "0.050000000"), (.number(.constant(-1.5)), "-1.500000000"),
    (.number(.constant(12_345_678_901)), "12345678901.0"), (.number(.constant(0)), "0.000000000"),
    (.integers(low: 0, high: 0), "0"), (.integers(low: 7, high: 7), "7"), (.integers(low: 10, high: 10), "10"),
    (.integers(low: -100, high: -100), "-100"), (.integers(low: .min, high: .min), "-9223372036854775808"),
    (.text("it's"), "it''s"),
  ]) func `parameters arrive as they were drawn`(values: ParameterValues, text: String) throws {
    let outcome = try run(
      [assertion(":x::text = '\(text)'")], users(1, seconds: 0.2), PoolSettings(),
      parameters: [Parameter(name: "x", values: values)])
    #expect(outcome.report.totals.failed == [:] && outcome.report.totals.completed > 0)
  }

  @Test func `a stopped load ends at once and leaves no statement running`() throws {
    let start = ContinuousClock.now
    let outcome = try run(["SELECT pg_sleep(30)"], users(3, seconds: 60), settings { $0.maxSize = 2 }) { generator in
      waitForSecond(generator)
      generator.stop()
    }
    let running = try TestCluster.admin().query(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'poolops-load' AND state = 'active'")
    #expect(ContinuousClock.now - start < .seconds(4) && !outcome.report.isComplete)
    #expect(outcome.report.totals.inFlightAtEnd == 3 && outcome.report.totals.addsUp)
    #expect(running.scalar == "0")
  }

  @Test func `an unreachable server and a wrong password are told at once, and apart`() throws {
    let nowhere = ConnectionInfo(["host": "/tmp/poolops-no-such-folder", "user": "nobody"])
    var stranger = try TestCluster.running().connection
    stranger["host"] = "127.0.0.1"
    stranger["password"] = "wrong-7Hq2"
    let faults = [nowhere, stranger].map { server in
      #expect(throws: LoadError.self) { try run(["SELECT 1"], users(1, seconds: 1), PoolSettings(), server: server) }
    }
    #expect(faults.map { $0?.code } == [.cannotConnect(.connectionRefused), .cannotConnect(.authentication)])
    #expect(faults.allSatisfy { $0?.message.contains("7Hq2") == false })
  }
}
