import Evidence
import Model
import Testing

@Suite struct RunSeriesTests {
  private static let load = Synthetic(blocks: 3, seconds: 6, warmUp: 2, rate: 200, timeouts: 0.1)

  @Test func `every second of every block is there, with its own latencies and counts`() throws {
    let recorded = Self.load.run(.baseline)
    let series = RunSeries(recorded)
    #expect(series.blocks.map(\.position) == [0, 2, 4])
    #expect(series.blocks.allSatisfy { $0.seconds.map(\.second) == Array(-2..<6) && $0.warmUp == 2 })
    for (block, source) in zip(series.blocks, recorded.blocks) {
      for (second, slice) in zip(block.seconds, source.slices) {
        #expect(second.answered == slice.completed && second.failed == slice.failures)
        #expect(second.active == slice.active.mean && second.waiting == slice.waiting.mean)
        let (p50, p95) = (try #require(second.p50), try #require(second.p95))
        #expect(p50 > 0 && p95 > p50)
      }
    }
    // Warm-up is ten times slower in what was made here, so that a mix-up shows.
    let first = try #require(series.blocks.first)
    #expect(try #require(first.seconds.first?.p50) > 3 * (try #require(first.seconds.last?.p50)))
  }

  @Test func `requests that gave up are slower than the whole curve`() throws {
    let recorded = Self.load.run(.baseline)
    let measured = recorded.blocks.flatMap(\.slices).filter { !$0.isWarmUp }
    let timeouts = measured.reduce(0) { $0 + $1.failures }
    let curve = try #require(RunSeries(recorded).latency)
    #expect(curve.requests == measured.reduce(timeouts) { $0 + $1.completed })
    #expect(curve.cutOff == Double(timeouts) / Double(curve.requests))
    #expect(curve.points.first?.slower == 1 && abs((curve.points.last?.slower ?? 0) - curve.cutOff) < 1e-12)
    let pairs = zip(curve.points, curve.points.dropFirst())
    #expect(pairs.allSatisfy { $0.seconds <= $1.seconds && $0.slower >= $1.slower })
    // An exponential time of 50 ms on average: half of those answered take longer than 35 ms.
    let half = try #require(curve.points.first { $0.slower <= 0.45 + 0.1 })
    #expect(abs(half.seconds - 0.035) < 0.005, "\(half)")
  }

  @Test func `a block that was cut off is drawn, and is not in the distribution`() {
    var load = Self.load
    load.status = .aborted
    let series = RunSeries(load.run(.retest))
    #expect(series.blocks.count == 3 && series.blocks[0].seconds.count == 8)
    #expect(series.latency == nil)
  }

  @Test func `a second without an answer has no latency, and damaged histograms are none`() {
    var recorded = Self.load.run(.baseline)
    recorded.blocks[0].slices[3].histograms = [:]
    recorded.blocks[0].slices[4].histograms = [.latency: [9, 9, 9]]
    let seconds = RunSeries(recorded).blocks[0].seconds
    #expect(seconds[3].p50 == nil && seconds[4].p95 == nil && seconds[5].p50 != nil)
  }

  @Test func `server CPU is the difference between readings, and unknown where a counter fell`() {
    var recorded = Self.load.run(.baseline)
    func sample(_ second: Double, _ server: Double, _ machine: Double) -> ProbeSample {
      ProbeSample(second: second, values: [.serverCPUSeconds: server, .machineTotalSeconds: machine])
    }
    recorded.blocks[0].samples = [
      sample(-1, 10, 100), sample(0.01, 10.5, 102), sample(1, 11.5, 104), sample(2, 1, 106), sample(3, 1.2, 108),
    ]
    let cpu = RunSeries(recorded).blocks[0].seconds.map { $0.serverCPU.map { Int(($0 * 100).rounded()) } }
    #expect(cpu == [nil, 25, 50, nil, 10, nil, nil, nil])
  }
}
