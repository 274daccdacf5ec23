import Glibc
import Load
import Model
import Postgres
import Statistics
import TestSupport
import Testing

/// One row: requests that hold the server's only connection for about `hold`, 100 of them a second.
private struct StallCase: Sendable, CustomTestStringConvertible {
  /// Seconds.
  var hold: Double
  /// Whether the backlog is worked off before the end, so that theory holds below the p99 too.
  var isWorkedOff = true
  var testDescription: String { "held for \(hold * 1000) ms" }
}

/// Coordinated omission: who waits for an answer before asking again does not ask while the server stands still, and so does
/// not notice. Latencies here count from when each request was due.
@Suite(.serialized) struct OmissionTests {
  private static let rate = 100.0
  private static let window = 10.0
  private static let cases = [
    StallCase(hold: 0.001), StallCase(hold: 0.005), StallCase(hold: 0.009, isWorkedOff: false),
  ]

  @Test(arguments: cases)
  fileprivate func `a server that stands still for a second shows as theory says, and not to who waits for answers`(
    example: StallCase
  ) throws {
    let seen = try standUndisturbed(example)
    print(
      "stall \(digits(seen.length)) s, service \(digits(seen.service)) s, held up besides \(digits(seen.heldUp)) s; "
        + "seconds: theory, from due, from send, from send filled up")
    for row in seen.rows { print(row) }
    #expect(seen.outcome.report.totals.due == 1000 && seen.outcome.report.totals.completed >= 900)
    // The p99 within 5 %, as it is asked of; of the others a moment's hold-up of the machine is a larger part. What held statements up
    // besides is in the backlog too, where that is not worked off.
    let (felt, theory) = (seen.rows[2].felt, seen.rows[2].theory)
    #expect(felt > theory * 0.95 && felt < (theory + (example.isWorkedOff ? 0 : seen.heldUp)) * 1.05)
    #expect(!example.isWorkedOff || seen.rows.allSatisfy { abs($0.felt - $0.theory) < 0.06 })
    // One request in a thousand was on the way when the server stopped.
    #expect(seen.rows[2].sent < 0.02 && seen.outcome.histogram(.query).range?.upperBound ?? 0 > 900_000_000)
  }

  /// Again, up to five times, where the machine held the generator or the server up besides: what is to be seen is our stall.
  private func standUndisturbed(_ example: StallCase) throws -> Stall {
    var seen = try stand(example)
    for _ in 1..<5 where seen.isDisturbed(hold: example.hold) { seen = try stand(example) }
    return seen
  }

  private func stand(_ example: StallCase) throws -> Stall {
    let shape = LoadShape.arrivalRate(rate: Self.rate, spacing: .even, warmUp: .zero, duration: .ofSeconds(Self.window))
    var stood = 0.0
    let outcome = try run(
      ["SELECT pg_sleep(\(example.hold))"], shape, settings { $0.maxSize = 1 }
    ) { generator in
      while generator.progress.elapsed < .milliseconds(200) { usleep(5000) }
      stood = try standStill(microseconds: 1_000_000)
    }
    return try Stall(outcome, stood: stood, rate: Self.rate, window: Self.window)
  }

  /// Stops the backends of the load; returns for how many seconds they really stood.
  private func standStill(microseconds: UInt32) throws -> Double {
    let rows = try TestCluster.admin().query("SELECT pid FROM pg_stat_activity WHERE application_name = 'poolops-load'")
    let pids = (0..<rows.count).compactMap { rows[$0, "pid"].flatMap { Int32($0) } }
    let begin = ContinuousClock.now
    for pid in pids { kill(pid, SIGSTOP) }
    usleep(microseconds)
    for pid in pids { kill(pid, SIGCONT) }
    return (ContinuousClock.now - begin).seconds
  }
}

/// A load on one connection whose server stood still.
private struct Stall {
  let outcome: Outcome
  /// How long it stood, and how long the median statement took; seconds.
  let length: Double
  let service: Double
  /// What statements took beyond the median in all, our stall left out; seconds.
  let heldUp: Double
  let rows: [Row]

  init(_ outcome: Outcome, stood: Double, rate: Double, window: Double) throws {
    self.outcome = outcome
    length = stood
    let felt = outcome.histogram(.latency)
    // With one connection a request is sent when the one before is answered, as a closed loop of one user would send it.
    let sent = outcome.histogram(.query)
    let service = try #require(sent.quantile(0.5)) / 1e9
    let filledUp = Self.filledUp(sent, every: 1 / rate)
    self.service = service
    heldUp = max(0, Double(sent.sum) / 1e9 - Double(sent.count) * service - stood)
    rows = try [0.9, 0.95, 0.99].map { quantile in
      Row(
        quantile: quantile,
        // Of a stall of length D in a window T, at utilisation rho and service time s: p_q = D - (1 - q)(1 - rho) T + s, since
        // the requests due in the stall wait for its end, and those due while the backlog is worked off for their turn.
        theory: stood - (1 - quantile) * (1 - rate * service) * window + service,
        felt: try #require(felt.quantile(quantile)) / 1e9, sent: try #require(sent.quantile(quantile)) / 1e9,
        filledUp: try #require(filledUp.quantile(quantile)) / 1e9)
    }
  }

  func isDisturbed(hold: Double) -> Bool {
    let slip = outcome.histogram(.slip).quantile(0.99) ?? 0
    return slip > 5e6 || service > hold + 0.001 || rows[1].sent > hold + 0.004 || length > 1.02
  }

  /// What HdrHistogram calls corrected: for each value those that a request at every interval would have seen meanwhile.
  /// It knows nothing of the backlog.
  private static func filledUp(_ histogram: Histogram, every interval: Double) -> Histogram {
    let step = Int64(interval * 1e9)
    var filled = histogram
    for bucket in histogram.buckets {
      var missing = bucket.values.upperBound - step
      while missing >= step {
        filled.record(missing, times: bucket.count)
        missing -= step
      }
    }
    return filled
  }
}

private struct Row: CustomStringConvertible {
  var quantile: Double
  var theory: Double
  var felt: Double
  var sent: Double
  var filledUp: Double

  var description: String {
    "  p\(Int((quantile * 100).rounded()))  \(digits(theory))  \(digits(felt))  \(digits(sent))  \(digits(filledUp))"
  }
}

private func digits(_ seconds: Double) -> String {
  let thousandths = Int((seconds * 1000).rounded())
  return "\(thousandths / 1000)." + "\(1000 + thousandths % 1000)".dropFirst()
}
