import Advice
import Testing

/// The closed forms against tables from other programs, and simulations where there is no closed form.
@Suite struct SizingModelTests {
  @Test(arguments: [
    // users, size, service, think; throughput, utilisation, mean wait, response p95
    (100, 10, 0.05, 0.5, 176.80, 0.88398, 0.015625, 0.17221),
    (500, 20, 0.04, 0.36, 500.0, 1.0, 0.6, 0.74436),
    (500, 20, 0.04, 0.96, 485.58, 0.97117, 0.029688, 0.16218),
    (500, 20, 0.04, 1, 472.70, 0.9454, 0.017757, 0.14499),
    (500, 50, 0.04, 0.36, 1218.1, 0.97451, 0.010461, 0.13194),
    (500, 20, 0.1, 0.9, 200.0, 1.0, 1.5, 1.8609),
    (500, 50, 0.1, 0.9, 487.26, 0.97451, 0.026153, 0.32986),
  ]) func `users who think`(row: (Int, Int, Double, Double, Double, Double, Double, Double)) throws {
    let load = try #require(ClosedLoad(users: row.0, thinkTime: row.3, serviceTime: row.2, acquireTimeout: nil))
    let found = try #require(load.forecast(row.1))
    let pairs = [
      (found.throughput, row.4), (found.utilisation, row.5), (found.meanWait, row.6), (found.responseP95, row.7),
    ]
    #expect(pairs.allSatisfy { abs($0 / $1 - 1) < 2e-4 }, "\(pairs)")
    #expect(found.timeoutShare == nil)
  }

  /// Erlang C, and the mean wait in service times.
  @Test(arguments: [
    (1, 0.9, 0.9, 9.0), (5, 4, 0.554113, 0.554113), (10, 5, 0.036105, 0.007221), (10, 9, 0.668732, 0.668732),
    (20, 16, 0.256078, 0.064019), (20, 19, 0.755401, 0.755401), (50, 40, 0.086953, 0.008695),
    (50, 48, 0.694456, 0.347228), (100, 95, 0.506457, 0.101291),
  ]) func `independent arrivals`(size: Int, busy: Double, waits: Double, wait: Double) throws {
    let load = try #require(OpenLoad(rate: busy / 0.05, serviceTime: 0.05, acquireTimeout: nil))
    let found = try #require(load.forecast(size))
    #expect(abs(found.waitShare - waits) < 1e-6 && abs(found.meanWait / 0.05 - wait) < 1e-4, "\(found)")
    #expect(abs(found.utilisation - busy / Double(size)) < 1e-12)
  }

  @Test(arguments: [
    (10, 100.0, 0.05, 0.1, 8.196e-7), (10, 180, 0.05, 0.1, 0.00985284), (10, 200, 0.05, 0.1, 0.0405511),
    (10, 300, 0.05, 0.1, 0.333336), (20, 500, 0.04, 1, 0.00197514), (20, 510, 0.04, 30, 0.0196078),
    (1, 0.8, 1, 2, 0.187832),
  ]) func `independent arrivals that give up`(
    size: Int, rate: Double, service: Double, timeout: Double, share: Double
  ) throws {
    let load = try #require(OpenLoad(rate: rate, serviceTime: service, acquireTimeout: timeout))
    let found = try #require(load.forecast(size))
    #expect(abs((found.timeoutShare ?? 0) / share - 1) < 1e-3, "\(found)")
    #expect(abs(found.throughput - rate * (1 - share)) < 1e-3 * rate)
    #expect((rate * service < Double(size)) == found.meanWait.isFinite, "overload has no end for the patient")
  }

  /// 10,000 users for pauses of 1, 5, 10 and 30 s: utilisation below 80 % alone asks for 481, 100, 50 and 17.
  @Test(arguments: [(1.0, 481), (5, 100), (10, 50), (30, 17)])
  func `the same users need many or few`(think: Double, size: Int) throws {
    let load = try #require(ClosedLoad(users: 10_000, thinkTime: think, serviceTime: 0.04, acquireTimeout: nil))
    #expect(abs(load.busy / 0.8 - Double(size)) < 1)
    let fewest = try #require(load.fewest)
    #expect(fewest >= size && fewest < size + 8)
    #expect(load.suffices(fewest) && !load.suffices(fewest - 1))
    let most = load.mostWorthwhile
    let shares = [load.waitShare(most), load.waitShare(most - 1)].map { $0 ?? 1 }
    #expect(shares[0] <= SizeForecast.nobodyWaits && shares[1] > SizeForecast.nobodyWaits)
  }

  @Test(arguments: [(0.0, 0.05), (10, 0), (-1, 1), (.nan, 1), (1, .infinity)])
  func `nonsense is no load`(rate: Double, service: Double) {
    #expect(OpenLoad(rate: rate, serviceTime: service, acquireTimeout: nil) == nil)
  }

  @Test func `a pool of none serves nobody`() {
    #expect(OpenLoad(rate: 1, serviceTime: 1, acquireTimeout: nil)?.forecast(0) == nil)
    #expect(ClosedLoad(users: 1, thinkTime: 1, serviceTime: 1, acquireTimeout: nil)?.forecast(0) == nil)
  }
}
