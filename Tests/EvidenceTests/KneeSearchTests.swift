import Statistics
import TestSupport
import Testing

@testable import Evidence

/// A service of input/output and a few cores behind a pool, asked by users who think: throughput over pool size, exactly.
///
/// The closed network of both stations by convolution gives what `n` busy connections complete; put in the place of the pool
/// it makes a chain of births and deaths over the users.
private struct Service: Decodable {
  var k: Int
  var ioOverCpu: Double
  var kappa: Double
  var n: Int
  var z: Double
  var knee95: Int
  var tpMax: Double
  var tp: [String: Double]

  enum CodingKeys: String, CodingKey {
    case k, ioOverCpu, kappa, n = "N", z = "Z", knee95, tpMax, tp
  }

  /// Seconds of CPU of a request; each further one on the cores makes all slower by `kappa`.
  private static let cpu = 0.010

  /// Throughput by pool size, from 1 to `largest`.
  func curve(to largest: Int) -> [Double] {
    let busy = completions(upTo: largest)
    return (1...largest).map { throughput(size: $0, busy) }
  }

  private func completions(upTo most: Int) -> [Double] {
    var (cores, waits) = ([0.0], [0.0])
    for count in 1...most {
      let slowing = 1 + kappa * Double(max(0, count - k))
      cores.append(cores[count - 1] + logarithm(Self.cpu * slowing / Double(min(count, k))))
      waits.append(waits[count - 1] + logarithm(Self.cpu * ioOverCpu / Double(count)))
    }
    let states = (0...most).map { count in logarithmOfSum((0...count).map { waits[count - $0] + cores[$0] }) }
    return (1...most).map { exponential(states[$0 - 1] - states[$0]) }
  }

  private func throughput(size: Int, _ busy: [Double]) -> Double {
    var weights = [0.0]
    for users in 1...n {
      let rate = logarithm(Double(n - users + 1) / z) - logarithm(busy[min(users, size) - 1])
      weights.append(weights[users - 1] + rate)
    }
    let total = logarithmOfSum(weights)
    return (1...n).reduce(0) { $0 + exponential(weights[$1] - total) * busy[min($1, size) - 1] }
  }
}

private func logarithmOfSum(_ values: [Double]) -> Double {
  let most = values.max() ?? 0
  return most + logarithm(values.reduce(0) { $0 + exponential($1 - most) })
}

private struct Simulated: Decodable {
  var noise: Double
  var alg: String
  var runsMean: Double
  var runsMax: Double
  var within25pct: Double
}

@Suite struct KneeSearchTests {
  private static let oracles = ReferenceData(folder: "Oracles")
  private static let curves = Result { () throws -> [(knee: Int, goodput: [Double])] in
    try oracles.json("pool_curves.json", as: [Service].self).map { ($0.knee95, $0.curve(to: 128)) }
  }

  @Test func `the curves are those of the reference`() throws {
    for service in try Self.oracles.json("pool_curves.json", as: [Service].self) {
      let curve = service.curve(to: 128)
      let wrong = service.tp.filter { !isClose(curve[(Int($0.key) ?? 0) - 1], $0.value, relative: 1e-9) }
      let knee = curve.firstIndex { $0 >= 0.95 * service.tpMax }.map { $0 + 1 }
      #expect(wrong.isEmpty && knee == service.knee95, "k \(service.k), \(service.n) users: \(wrong), \(knee ?? 0)")
    }
  }

  /// The figures of the reference: 100, 92 and 64 % within a quarter of the true knee, in 6.6 measurements. Within two
  /// standard errors of 1,080 trials.
  @Test(arguments: [(0.0, 1), (0.02, 20), (0.05, 20)])
  func `the knee is found as often, and in as few measurements, as in the reference`(noise: Double, trials: Int) throws
  {
    let all = try Self.oracles.json("pool_search_sim.json", as: [Simulated].self)
    let reference = try #require(all.first { $0.alg.hasPrefix("ladder") && $0.noise == noise })
    var random = RandomSource(seed: 7)
    var (found, measured, most, count) = (0, 0, 0, 0)
    for (knee, goodput) in try Self.curves.get() {
      for _ in 0..<trials {
        var search = KneeSearch(limit: 128)
        while let size = search.next {
          let factor = exponential(noise * Normal.quantile(random.uniform(in: 1e-12..<1)))
          search.take(.init(size: size, goodput: goodput[size - 1] * factor, keepsChecks: true))
        }
        let ratio = Double(try #require(search.knee)) / Double(knee)
        found += ratio >= 0.8 && ratio <= 1.25 ? 1 : 0
        measured += search.points.count
        most = max(most, search.points.count)
        count += 1
      }
    }
    let share = Double(found) / Double(count)
    let error = 2 * (reference.within25pct * (1 - reference.within25pct) / Double(count)).squareRoot()
    #expect(share >= reference.within25pct - error, "\(share), reference \(reference.within25pct)")
    #expect(Double(measured) / Double(count) <= reference.runsMean + 0.2, "\(Double(measured) / Double(count))")
    #expect(most <= 10)
  }

  private struct Case: CustomTestStringConvertible {
    var name: String
    var limit = 96
    var goodput: @Sendable (Int) -> Double
    var keeps: @Sendable (Int) -> Bool = { _ in true }
    var asked: [Int]
    var knee: Int?
    var testDescription: String { name }
  }

  private static let cases: [Case] = [
    Case(name: "a knee at 20", goodput: { Double(min($0, 20)) }, asked: [4, 8, 16, 32, 64, 96, 23, 19], knee: 19),
    Case(name: "a limit below the knee", limit: 12, goodput: { Double($0) }, asked: [4, 8, 12, 10], knee: 12),
    Case(name: "a limit below the first rung", limit: 3, goodput: { Double($0) }, asked: [3, 1, 2], knee: 3),
    Case(name: "one connection is enough", goodput: { _ in 50 }, asked: [4, 8, 16, 2, 1], knee: 1),
    Case(
      name: "too many are worse", goodput: { 100 - Double(abs($0 - 16)) }, asked: [4, 8, 16, 32, 11, 9], knee: 9),
    Case(
      name: "checks need more than goodput does", goodput: { Double(min($0, 8)) }, keeps: { $0 >= 30 },
      asked: [4, 8, 16, 32, 23, 27], knee: 32),
    Case(
      name: "no size keeps the checks", goodput: { Double(min($0, 8)) }, keeps: { _ in false },
      asked: [4, 8, 16, 32, 6, 7], knee: 8),
    Case(
      name: "small pools let nothing through", goodput: { $0 < 20 ? 0 : 100 }, asked: [4, 8, 16, 32, 64, 96, 23, 19],
      knee: 23),
    Case(name: "nothing comes through at all", limit: 16, goodput: { _ in 0 }, asked: [4, 8, 16], knee: nil),
  ]

  @Test(arguments: cases) private func `the search asks for`(_ example: Case) {
    var search = KneeSearch(limit: example.limit)
    var asked: [Int] = []
    while let size = search.next {
      let ahead = search.mostAhead
      asked.append(size)
      search.take(.init(size: size, goodput: example.goodput(size), keepsChecks: example.keeps(size)))
      if ahead <= search.mostAhead, search.next != nil, asked.count > 20 { break }
    }
    #expect(asked == example.asked)
    #expect(search.knee == example.knee && search.mostAhead == 0)
  }

  @Test func `a search goes on from its points whatever order they come in`() {
    var search = KneeSearch(limit: 96)
    var points: [KneeSearch.Point] = []
    while let size = search.next {
      let point = KneeSearch.Point(size: size, goodput: Double(min(size, 20)), keepsChecks: true)
      points.append(point)
      search.take(point)
    }
    for count in points.indices {
      var again = KneeSearch(limit: 96)
      for point in points[..<count].reversed() { again.take(point) }
      #expect(again.next == points[count].size)
    }
  }
}
