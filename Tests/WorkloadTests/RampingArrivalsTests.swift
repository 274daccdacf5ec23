import Model
import Statistics
import Testing

@testable import Workload

private let s: Int64 = 1_000_000_000

private func shape(
  _ start: Double, _ stages: [(rate: Double, seconds: Double)], _ spacing: ArrivalSpacing = .even, warmUp: Double = 0
) -> RampingRateShape {
  RampingRateShape(
    startRate: start, stages: stages.map { .init(rate: $0.rate, duration: .ofSeconds($0.seconds)) }, spacing: spacing,
    warmUp: .ofSeconds(warmUp))
}

private func dues(_ shape: RampingRateShape, seed: UInt64 = 1, start: Int64 = 0) -> [Int64] {
  let length = LoadShape.rampingArrivalRate(shape).duration + shape.warmUp
  var source = RampingArrivals(
    shape, start: start, end: start + length.nanoseconds, random: RandomSource(seed: seed))
  var dues: [Int64] = []
  while source.nextDue != .max, let request = source.take(dueAt: source.nextDue) { dues.append(request.due - start) }
  return dues
}

/// Requests that should have come by `time`, seconds: the area below the rate, by adding up a million strips of it.
private func area(_ shape: RampingRateShape, _ time: Double) -> Double {
  var corners = [(0.0, shape.startRate), (shape.warmUp.seconds, shape.startRate)]
  for stage in shape.stages { corners.append((corners[corners.count - 1].0 + stage.duration.seconds, stage.rate)) }
  return zip(corners, corners.dropFirst()).reduce(0) { sum, line in
    let (begin, end) = line
    let length = min(max(time - begin.0, 0), end.0 - begin.0)
    guard length > 0 else { return sum }
    let rate = begin.1 + (end.1 - begin.1) * length / (end.0 - begin.0)
    return sum + (begin.1 + rate) / 2 * length
  }
}

@Suite struct RampingArrivalsTests {
  /// Where the area is a whole number: t = sqrt(2 k / slope) on a rise from 0.
  @Test(arguments: [
    (shape(2, [(2, 2)]), [0, 0.5, 1, 1.5]),
    (shape(0, [(4, 2)]), [0, 1, 1.414213562, 1.732050807]),
    (shape(4, [(0, 2)]), [0, 0.267949192, 0.585786437, 1]),
    // 1, then a jump to 4, then a pause, in which nothing is due, then 2.
    (shape(1, [(4, 0), (4, 0.5), (0, 0), (0, 1), (2, 0), (2, 1)], warmUp: 1), [0, 1, 1.25, 2.5, 3]),
    (shape(0, [(0, 3), (1, 0), (1, 2)]), [3, 4]),
  ]) func `an even schedule has a request where the area below the rate is a whole number`(
    shape: RampingRateShape, expected: [Double]
  ) {
    #expect(dues(shape, start: 77) == expected.map { Int64(($0 * 1e9).rounded()) })
  }

  @Test(arguments: 0..<20) func `no request comes before its area, however long and steep`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let stages = (0..<random.integer(in: 1...5)).map { _ in
      (rate: random.coin() ? 0 : random.uniform(in: 0..<400), seconds: random.coin() ? 0 : random.uniform(in: 0..<8))
    }
    let shape = shape(random.uniform(in: 0..<400), stages, warmUp: random.uniform(in: 0..<2))
    let found = dues(shape)
    // Times are whole nanoseconds, which at 400/s are 4e-7 requests.
    let offsets = found.enumerated().map { abs(area(shape, Double($0.element) / 1e9) - Double($0.offset)) }
    let whole = area(shape, 1e6)
    #expect((offsets.max() ?? 0) < 1e-5 && abs(Double(found.count) - whole.rounded(.up)) < 1.001)
    #expect(found == found.sorted())
  }

  @Test func `a day at a steady rate does not drift`() {
    var source = RampingArrivals(
      shape(3, [(3, 86_400)]), start: 0, end: 86_400 * s, random: RandomSource(seed: 1))
    var last: Int64 = -1
    var count = 0
    while let request = source.take(dueAt: .max - 1) {
      last = request.due
      count += 1
    }
    #expect(count == 259_200 && abs(last - Int64(259_199.0 / 3 * 1e9)) <= 16)
  }

  @Test(arguments: [ArrivalSpacing.even, .poisson]) func `the threads together have the requests of the whole`(
    spacing: ArrivalSpacing
  ) {
    let whole = LoadShape.rampingArrivalRate(shape(50, [(400, 10), (100, 5)], spacing, warmUp: 1))
    let parts = (0..<3).flatMap { index -> [Int64] in
      guard case .rampingArrivalRate(let part) = whole.part(index, of: 3) else { return [] }
      return dues(part, seed: UInt64(index + 1))
    }
    guard case .rampingArrivalRate(let shape) = whole else { return }
    if spacing == .even { #expect(parts.sorted() == dues(shape)) }
    // 3,549 expected; the count of independent clients has a standard deviation of 60.
    #expect(abs(parts.count - 3550) < 240)
  }

  @Test func `independent arrivals on a line are as many in each part as the area says`() {
    let found = (1...200).flatMap { dues(shape(0, [(100, 4)], .poisson), seed: $0) }
    let quarters = (0..<4).map { quarter in found.count { Int($0 / s) == quarter } }
    // 12.5, 37.5, 62.5, 87.5 requests in each of 200 runs; standard deviations of the sums are 50, 87, 112, 132.
    #expect(zip(quarters, [2500, 7500, 12_500, 17_500]).allSatisfy { abs($0 - $1) < 400 })
  }

  @Test(arguments: [2, 3, 7]) func `a steady even rate over threads has the beats of one`(threads: Int) {
    let whole = LoadShape.arrivalRate(rate: 90, spacing: .even, warmUp: .zero, duration: .seconds(2))
    var source = ArrivalSchedule(rate: 90, spacing: .even, start: 0, end: 2 * s, random: RandomSource(seed: 1))
    var expected: [Int64] = []
    while let request = source.take(dueAt: .max) { expected.append(request.due) }
    let parts = (0..<threads).flatMap { index -> [Int64] in
      if case .rampingArrivalRate(let part) = whole.part(index, of: threads) { dues(part) } else { [] }
    }
    #expect(zip(parts.sorted(), expected).allSatisfy { abs($0 - $1) <= 1 } && parts.count == expected.count)
  }
}
