import Model
import Statistics
import Testing

@testable import Load

private let ms: Int64 = 1_000_000

/// What a recorder is told of, and the same kept naively.
private struct Happenings {
  var requests: [(request: Request, now: Int64)] = []
  var gauges: [(now: Int64, active: Int)] = []

  init(seed: UInt64, count: Int) {
    var random = RandomSource(seed: seed)
    var now: Int64 = 0
    for _ in 0..<count {
      now += Int64(random.integer(below: 1000)) * 1000
      // Half of them are sent when they are due; others late, or after they waited.
      let slip = random.coin() ? 0 : Int64(random.integer(below: 3)) * ms
      let wait = random.coin() ? 0 : Int64(random.integer(below: 5)) * ms
      var request = Request()
      request.due = now
      request.acted = now + slip
      request.sent = request.acted + wait
      requests.append((request, request.sent + Int64(random.integer(below: 9)) * ms + 1))
      if random.integer(below: 3) == 0 { gauges.append((now, random.integer(below: 4))) }
    }
  }

  func record(_ recorder: inout SliceRecorder) {
    for (request, now) in requests {
      for gauge in gauges where gauge.now == request.due {
        recorder.observe(active: gauge.active, idle: 0, waiting: 0, at: gauge.now)
      }
      recorder.complete(request, at: now)
    }
  }

  func histogram(_ value: (Request, Int64) -> Int64) -> Histogram {
    Histogram(requests.map { value($0.request, $0.now) })
  }

  func mean(until end: Int64) -> Double {
    var (area, value, since) = (0.0, 0, Int64(0))
    for gauge in gauges {
      area += Double(value) * Double(gauge.now - since)
      (value, since) = (gauge.active, gauge.now)
    }
    return (area + Double(value) * Double(end - since)) / Double(end)
  }
}

struct SliceRecorderTests {
  @Test(arguments: 1...6) func `what is recorded once or not reckoned at once is in the slice all the same`(
    seed: UInt64
  ) {
    let happenings = Happenings(seed: seed, count: 500)
    var recorder = SliceRecorder([], begin: 0)
    happenings.record(&recorder)
    let end = (happenings.requests.last?.now ?? 0) + ms
    let slice = recorder.take(second: 0, end: end, generatorCPU: 0)
    let found = Dictionary(uniqueKeysWithValues: slice.histograms.map { ($0.kind, $0.histogram) })
    #expect(found[.latency] == happenings.histogram { $1 - $0.due })
    #expect(found[.service] == happenings.histogram { $1 - $0.acted })
    #expect(found[.query] == happenings.histogram { $1 - $0.sent })
    #expect(abs(slice.slice.active.mean - happenings.mean(until: end)) < 1e-9)
    let next = recorder.take(second: 1, end: end + 1000 * ms, generatorCPU: 0)
    #expect(next.histograms.allSatisfy { $0.histogram.isEmpty } && next.slice.completed == 0)
    #expect(next.slice.active.mean == Double(happenings.gauges.last?.active ?? 0))
  }

  @Test(arguments: 2...4) func `seconds of several lanes are what one lane would have recorded`(lanes: Int) {
    var merge = SliceMerge(lanes: lanes)
    var whole = SliceRecorder([], begin: 0)
    var parts: [FinishedSlice] = []
    for lane in 0..<lanes {
      let happenings = Happenings(seed: UInt64(10 + lane), count: 200 + lane)
      var recorder = SliceRecorder([], begin: 0)
      happenings.record(&recorder)
      for (request, now) in happenings.requests { whole.complete(request, at: now) }
      parts.append(recorder.take(second: 3, end: 1000 * ms, generatorCPU: Double(lane)))
    }
    for (lane, part) in parts.enumerated().dropLast() { merge.add([part], of: lane) }
    let early = merge.take(all: false)
    merge.add([parts[lanes - 1]], of: lanes - 1)
    let merged = merge.take(all: false)
    let expected = whole.take(second: 3, end: 1000 * ms, generatorCPU: 0)
    #expect(early.isEmpty && merged.count == 1 && merge.take(all: true).isEmpty)
    #expect(merged.first?.histograms.map(\.histogram) == expected.histograms.map(\.histogram))
    #expect(merged.first?.slice.completed == expected.slice.completed)
    #expect(merged.first?.slice.generatorCPU == Double(lanes - 1))
  }
}
