import Model
import Statistics
import Testing

@testable import Evidence

@Suite struct CalibrationTests {
  private static func calibrate(_ staging: NoisyStaging, seed: UInt64 = 5) throws -> Calibration {
    let runs = staging.record(seed: seed)
    return try #require(Calibration(runs.baseline, runs.retest, environment: "d", shape: nil))
  }

  @Test func `the noise is the spread of what the comparison compares`() throws {
    let runs = NoisyStaging.cloud.record(seed: 5)
    let calibration = try #require(Calibration(runs.baseline, runs.retest, environment: "d", shape: nil))
    let metrics = [Metric.latency(95)]
    let pairs = Pair.of(Measurement(runs.baseline, metrics: metrics), Measurement(runs.retest, metrics: metrics))
    let ratios = pairs.compactMap { pair in
      pair.before[.latency(95)].flatMap { before in pair.after[.latency(95)].map { logarithm($0 / before) } }
    }
    let noise = try #require(calibration[.latency(95)])
    #expect(ratios.count == 8 && noise.pairs == 8 && calibration.pairs == 8)
    #expect(Summary.standardDeviation(ratios).map { abs($0 - noise.deviation) < 1e-12 } ?? false)
    #expect(SignedRank.hodgesLehmann(ratios) == noise.estimate && noise.scale == .ratio)
    #expect(calibration[.errorRate]?.scale == .absolute && calibration[.errorRate]?.deviation == 0)
    #expect(calibration[.acquireTimeouts] == nil, "a total over a run is no value of a block")
    #expect(calibration.blockSeconds == 20 && abs(calibration.pairSeconds - 59.4) < 1)
    #expect(calibration.execution == runs.baseline.run.execution)
  }

  @Test func `a noisier machine sees less, and needs longer`() throws {
    let quiet = try Self.calibrate(.quiet)
    let noisy = try Self.calibrate(.noisy)
    let outlooks = [CalibrationOutlook(quiet), CalibrationOutlook(noisy)]
    let noises = try [quiet, noisy].map { try #require($0[.latency(95)]) }
    let smallest = zip(outlooks, noises).map { $0.smallestDifferences($1) }
    for index in CalibrationOutlook.pairs.indices { #expect(smallest[0][index] < smallest[1][index]) }
    #expect(smallest.allSatisfy { $0 == $0.sorted(by: >) }, "more pairs see smaller differences")
    let pairs = try zip(outlooks, noises).map { try #require($0.pairs(seeing: 0.05, $1)) }
    #expect(pairs[0] < pairs[1] && pairs[0] >= Comparison.pairsForFinding)
    #expect(outlooks[0].time(pairs: 10).seconds == 10 * quiet.pairSeconds)
  }

  /// `oracles/pairs_needed.csv`; never fewer than the exact test needs.
  @Test(arguments: [(0.02, 6, 6, 6), (0.05, 14, 6, 16), (0.1, 47, 14, 57), (0, 6, 6, 6)])
  func `pairs follow from the noise`(deviation: Double, five: Int, ten: Int, none: Int) throws {
    let noise = MetricNoise(
      metric: .latency(95), scale: .ratio, level: 0.1, deviation: deviation, estimate: 0, pairs: 8,
      isFalseAlarm: false)
    let outlook = CalibrationOutlook(try Self.calibrate(.quiet))
    #expect(outlook.pairs(seeing: 0.05, noise) == five && outlook.pairs(seeing: 0.1, noise) == ten)
    #expect(outlook.pairsForNoDifference(noise) == none)
    var absolute = noise
    absolute.scale = .absolute
    #expect(outlook.pairs(seeing: 0.05, absolute) == nil && outlook.pairsForNoDifference(absolute) == nil)
    #expect(outlook.smallestDifferences(absolute).allSatisfy { $0 >= 0 && $0 < 2 * max(deviation, 1e-9) })
  }

  /// As though the second arm had not been the same after all.
  @Test func `what was called different is a false alarm, by name`() throws {
    let runs = NoisyStaging.quiet.record(.slower(0.3), seed: 9)
    let calibration = try #require(Calibration(runs.baseline, runs.retest, environment: "d", shape: nil))
    #expect(calibration[.latency(95)]?.isFalseAlarm == true && calibration[.throughput]?.isFalseAlarm == false)
    #expect(calibration[.latency(95)]?.relativeEstimate.map { abs($0 - 0.3) < 0.05 } ?? false)
  }

  @Test func `without a whole pair there is no noise`() {
    var runs = NoisyStaging.quiet.record(seed: 1)
    for index in runs.retest.blocks.indices { runs.retest.blocks[index].block.status = .aborted }
    #expect(Calibration(runs.baseline, runs.retest, environment: "d", shape: nil) == nil)
  }

  @Test func `an environment is told by every fact but the commit`() {
    var facts = ["cores": "2", "load": "8 users", "git_commit": "abc"]
    let text = Calibration.environmentText(facts)
    facts["git_commit"] = "def"
    #expect(Calibration.environmentText(facts) == text)
    facts["cores"] = "4"
    #expect(Calibration.environmentText(facts) != text)
  }
}
