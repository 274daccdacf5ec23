import Statistics
import TestSupport
import Testing

/// Coordinated omission: one server that stands still for a second of ten, and what each way to count makes of it.
struct StallTests {
  struct Oracle: Decodable {
    let stall: [Row]
    let tene: Tene
    struct Tene: Decodable {
      let corrected: Row
    }
    enum CodingKeys: String, CodingKey {
      case stall = "stall1SIn10S"
      case tene
    }
  }

  /// Requests due every 1/rate seconds, served one after the other in `service` seconds; from 4.5 s to 5.5 s nothing is served.
  private static func latencies(rate: Double, service: Double) -> (fromDue: [Double], fromSend: [Double]) {
    var free = 0.0
    var fromDue: [Double] = []
    var fromSend: [Double] = []
    for index in 0..<Int(10 * rate) {
      let due = Double(index) / rate
      let start = max(due, free)
      // Who is about to be served when the stall begins is served after it.
      let sent = start >= 4.5 && start < 5.5 ? 5.5 : start
      free = sent + service
      fromDue.append(free - due)
      fromSend.append(free - sent)
    }
    return (fromDue, fromSend)
  }

  @Test func `latency from when a request was due shows the stall as theory has it`() throws {
    for row in try oracles.json("coordinated_omission.json", as: Oracle.self).stall {
      let rate = row.number("rate")
      let service = row.number("service")
      let (fromDue, fromSend) = Self.latencies(rate: rate, service: service)
      let histogram = Histogram(fromDue.map { Int64($0 * 1e9) })
      #expect(fromDue.count == row.whole("n_intended"))
      for q in [0.5, 0.9, 0.95, 0.99, 0.999] {
        let name = "p\(q == 0.999 ? "99.9" : "\(Int(q * 100))")"
        let expected = row.number("intended_\(name)")
        // One request more or less stands at the rank, depending on how it is rounded.
        #expect(isClose(Summary.quantile(q, of: fromDue), expected, relative: 1e-6, absolute: 1 / rate), "\(q) \(row)")
        #expect(isClose(histogram.quantile(q).map { $0 / 1e9 }, expected, relative: 1.0 / 128, absolute: 1 / rate))
        #expect(isClose(Summary.quantile(q, of: fromSend), row.number("from_actual_send_\(name)")))
      }
      #expect(isClose(Summary.mean(fromDue), row.number("mean_intended"), relative: 0.005))
    }
  }

  /// 100 s at 100 requests a second of 1 ms, then 100 s in which nothing is answered.
  @Test func `Tene's example`() throws {
    let row = try oracles.json("coordinated_omission.json", as: Oracle.self).tene.corrected
    let calm = [Double](repeating: 0.001, count: 10_000)
    let frozen = (1..<10_000).map { 100 - Double($0 - 1) * 0.01 }
    let all = calm + frozen
    #expect(all.count == row.whole("n") && isClose(Summary.mean(all), row.number("mean"), relative: 1e-3))
    for (q, name) in [(0.5, "p50"), (0.75, "p75"), (0.99, "p99"), (0.9999, "p99_99")] {
      #expect(
        isClose(Summary.quantile(q, of: all), row[name], relative: 1e-3), "\(name) \(row)")
    }
  }
}
