import Glibc
import Load
import Model
import Testing

/// What a load's own pool tells whoever asks from outside of it.
@Suite struct PoolTellingTests {
  /// A pool of two naps, ten users: eight wait, the oldest nearly four naps long.
  @Test(arguments: [1, 2]) func `the pool tells of itself while the load is on, and of nothing after it`(threads: Int)
    throws
  {
    let limits = settings {
      $0.maxSize = 2
      $0.acquireTimeout = .seconds(5)
    }
    var told: [PoolTelling] = []
    let outcome = try run(["SELECT pg_sleep(0.1)"], users(10, seconds: 3), limits, threads: threads) { generator in
      while !generator.isFinished {
        if let telling = generator.askPool(within: .milliseconds(500)) { told.append(telling) }
        usleep(50_000)
      }
      #expect(generator.askPool(within: .seconds(5)) == nil)
    }
    #expect(told.count > 5 && zip(told, told.dropFirst()).allSatisfy { $0.at < $1.at && $0.second < $1.second })
    let counts = told.compactMap { $0.gauges[.acquisitions] }
    #expect(counts.count == told.count && zip(counts, counts.dropFirst()).allSatisfy { $0 <= $1 }, "\(counts)")
    let most = Double(outcome.report.totals.completed + 2)
    #expect(counts.last.map { $0 > 10 && $0 <= most } == true, "\(counts) of \(most)")
    let late = told.filter { $0.second > 1 && $0.second < 2.5 }
    for telling in late {
      let gauges = telling.gauges
      #expect(gauges[.max] == 2 && gauges[.inUse] == 2 && gauges[.idle] == 0 && gauges[.timeouts] == 0)
      #expect(gauges[.waiting].map { (7...8).contains($0) } == true, "\(gauges)")
      #expect(gauges[.oldestWait].map { $0 > 0.1 && $0 < 4 } == true, "\(gauges)")
    }
    #expect(!late.isEmpty && told.allSatisfy { $0.firstFailure == nil } && outcome.report.firstFailure == nil)
  }

  @Test func `the first failure is told at once, to its moment and with its cause`() throws {
    let limits = settings {
      $0.maxSize = 1
      $0.acquireTimeout = .milliseconds(300)
    }
    var told: FirstFailure?
    let outcome = try run(["SELECT pg_sleep(0.2)"], users(4, seconds: 2), limits) { generator in
      while told == nil, !generator.isFinished {
        told = generator.askPool(within: .milliseconds(500))?.firstFailure
        usleep(5000)
      }
    }
    let failure = try #require(told)
    #expect(failure.error == .acquireTimeout && failure == outcome.report.firstFailure)
    #expect(failure.second >= 0.3, "nobody had waited so long before")
  }
}
