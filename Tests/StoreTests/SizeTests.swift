import Model
import Statistics
import Testing

@testable import Store

/// What an hour of one soak takes on disk, through the calls of a real run.
@Suite struct SizeTests {
  let folder = TemporaryFolder()

  /// A second of 400 requests with a mean of 48 ms. One in twenty waits, as in a pool that is large enough.
  private static func slice(_ random: inout RandomSource) -> Slice {
    var slice = Slice(second: 0)
    (slice.due, slice.completed) = (400, 400)
    let queries = (0..<400).map { _ in random.exponential(mean: 0.048) }.sorted(by: >)
    let waits = queries.map { _ in random.uniform() < 0.05 ? random.exponential(mean: 0.005) : 0 }
    let slips = queries.map { _ in random.exponential(mean: 0.000_05) }
    let kinds: [(HistogramKind, [Double])] = [
      (.query, queries), (.wait, waits), (.slip, slips), (.service, zip(queries, waits).map(+)),
      (.latency, zip(zip(queries, waits).map(+), slips).map(+)),
    ]
    for (kind, seconds) in kinds { slice.histograms[kind] = Histogram(seconds.map { Int64($0 * 1e9) }).encoded() }
    (slice.active, slice.idle) = (
      Gauge(mean: 19.3 + random.uniform(), max: 38), Gauge(mean: 20 + random.uniform(), max: 30)
    )
    slice.generatorCPU = 0.03 + 0.02 * random.uniform()
    return slice
  }

  private static func sample(_ second: Int, _ random: inout RandomSource) -> ProbeSample {
    var values: [ProbeGauge: Double] = [:]
    for gauge in ProbeGauge.allCases { values[gauge] = 1000 * random.uniform() }
    // Whole numbers, and those that are read every five seconds.
    for gauge in [ProbeGauge.backendsActive, .backendsIdle, .sessions, .sessionsFatal] {
      values[gauge] = Double(second % 60)
    }
    // Read only where a guard or a check names them.
    (values[.replicationLag], values[.freeSlots]) = (nil, nil)
    if second % 5 > 0 { (values[.backendMemory], values[.generatorMemory]) = (nil, nil) }
    return ProbeSample(second: Double(second) + 0.003 * random.uniform(), values: values)
  }

  @Test func `an hour of a soak takes less than 6.5 MB`() throws {
    var random = RandomSource(seed: 5)
    let drawn = (0..<120).map { _ in Self.slice(&random) }
    try withStore(folder.database) { store throws in
      let (_, run) = try Sample().record(in: store)
      let block = try store.beginBlock(run: run, pair: 9, position: 99, at: moment(0))
      for second in stride(from: 0, to: 3600, by: 10) {
        let slices = (second..<second + 10).map { second in
          var slice = drawn[(second * 7) % 120]
          slice.second = second
          return slice
        }
        try store.append(slices: slices, samples: slices.map { Self.sample($0.second, &random) }, toBlock: block)
      }
      try store.finishBlock(block, status: .finished, effective: nil, inFlightAtEnd: 0, at: moment(3600))
    }
    let parts = try withStore(folder.database, .readOnly) { store throws in
      let pages =
        "SELECT name || ' ' || sum(pgsize) FROM dbstat GROUP BY name HAVING sum(pgsize) > 20000 ORDER BY sum(pgsize) DESC"
      return (try? store.database.rows(pages) { $0.text(0) }) ?? []
    }
    let size = read(folder.database).count
    print("an hour of 400 requests a second: \(size) bytes; \(parts.joined(separator: ", "))")
    #expect(size < 6_500_000)
  }
}
