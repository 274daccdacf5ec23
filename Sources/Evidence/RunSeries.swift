import Model
import Statistics

/// A run second by second, and how long its requests took: what charts are drawn from.
package struct RunSeries: Hashable, Sendable {
  package struct Second: Hashable, Sendable {
    /// Since the measured part began; negative during warm-up.
    package var second: Int
    /// Latency in seconds, of the requests answered in this second; nil where there were none.
    package var p50: Double?
    package var p95: Double?
    package var answered: Int
    package var failed: Int
    /// Connections in use and idle, and requests waiting for one: means over the second. Of an app's pool as it told
    /// within the second; nil where it did not.
    package var active: Double?
    package var idle: Double?
    package var waiting: Double?
    /// Share of the machine's cores that the database server used; nil where no probe read it.
    package var serverCPU: Double?
    package init(
      second: Int, p50: Double?, p95: Double?, answered: Int, failed: Int, active: Double?, idle: Double?,
      waiting: Double?, serverCPU: Double?
    ) {
      self.second = second
      self.p50 = p50
      self.p95 = p95
      self.answered = answered
      self.failed = failed
      self.active = active
      self.idle = idle
      self.waiting = waiting
      self.serverCPU = serverCPU
    }
  }

  /// One block with all its seconds; also one that was cut off, since what led there is worth seeing.
  package struct Block: Hashable, Sendable {
    package var pair: Int
    package var position: Int
    package var status: RecordStatus
    package var started: Timestamp
    package var seconds: [Second]
    package init(pair: Int, position: Int, status: RecordStatus, started: Timestamp, seconds: [Second]) {
      self.pair = pair
      self.position = position
      self.status = status
      self.started = started
      self.seconds = seconds
    }

    /// Seconds of load before the measured part.
    package var warmUp: Int { max(0, -(seconds.first?.second ?? 0)) }
  }

  package var run: Run
  /// In the order in which they were measured.
  package var blocks: [Block]
  /// Of the measured parts of finished blocks; nil where nothing was answered in them.
  package var latency: LatencyCurve?
  /// Whether it is what another run is compared with: the baseline, unless somebody named the sides.
  package var isBefore: Bool

  package init(run: Run, blocks: [Block], latency: LatencyCurve?) {
    self.run = run
    isBefore = run.arm == .baseline
    self.blocks = blocks
    self.latency = latency
  }

  package init(_ recorded: RecordedRun) {
    run = recorded.run
    isBefore = run.arm == .baseline
    var whole = Histogram()
    var timeouts = 0
    blocks = recorded.blocks.map { item in
      var measured: [Histogram] = []
      let isCounted = item.block.status == .finished
      let cpu = ServerCPU(item.samples)
      let told = recorded.run.poolUnderLoad.isTold ? AppPoolSeconds(item.samples) : nil
      let seconds = item.slices.map { slice in
        let latency = slice.histograms[.latency].flatMap(Histogram.init(encoded:)) ?? Histogram()
        if isCounted, !slice.isWarmUp {
          measured.append(latency)
          timeouts += slice.failed.reduce(0) { $0 + ($1.key.isTimeout ? $1.value : 0) }
        }
        var second = Second(slice, latency, serverCPU: cpu[slice.second])
        if let told { second.take(told[slice.second]) }
        return second
      }
      whole.merge(Histogram.merged(measured))
      return Block(
        pair: item.block.pair, position: item.block.position, status: item.block.status, started: item.block.started,
        seconds: seconds)
    }
    latency = LatencyCurve(whole, timeouts: timeouts)
  }

  private static func length(_ block: Block) -> Int64 { Int64(block.seconds.count) * 1_000_000 }

  /// Moved in time to begin where `other` ends: the time between two executions says nothing.
  package func following(_ other: RunSeries) -> RunSeries {
    let end = other.blocks.map { $0.started.microseconds + Self.length($0) }.max()
    guard let end, let start = blocks.map(\.started.microseconds).min() else { return self }
    var moved = self
    for index in blocks.indices { moved.blocks[index].started.microseconds += end - start }
    return moved
  }
}

extension RunSeries.Second {
  /// Of one second alone, without what probes read, to which an app's pool belongs.
  package init(_ slice: Slice, pool: PoolUnderLoad = .own) {
    self.init(slice, slice.histograms[.latency].flatMap(Histogram.init(encoded:)) ?? Histogram(), serverCPU: nil)
    if pool.isTold { take([:]) }
  }

  init(_ slice: Slice, _ latency: Histogram, serverCPU: Double?) {
    self.init(
      second: slice.second, p50: latency.quantile(0.5).map { $0 / 1e9 }, p95: latency.quantile(0.95).map { $0 / 1e9 },
      answered: slice.completed, failed: slice.failures, active: slice.active.mean, idle: slice.idle.mean,
      waiting: slice.waiting.mean, serverCPU: serverCPU)
  }
}

extension RunSeries.Second {
  /// What the slice counts are poolops's own connections to the app or pooler.
  fileprivate mutating func take(_ told: [ProbeGauge: Double]) {
    active = told[.poolInUse]
    idle = told[.poolIdle]
    waiting = told[.poolWaiting]
  }
}

/// What an app told of its pool, by the second in which it did.
private struct AppPoolSeconds {
  private var values: [Int: [ProbeGauge: Double]] = [:]

  init(_ samples: [ProbeSample]) {
    for sample in samples where sample.tellsOfPool { values[Int(sample.second.rounded(.down))] = sample.values }
  }

  subscript(second: Int) -> [ProbeGauge: Double] { values[second] ?? [:] }
}

/// The server's share of the machine between one reading and the next, by the second in which the reading fell.
private struct ServerCPU {
  private var shares: [Int: Double] = [:]

  init(_ samples: [ProbeSample]) {
    var last: (server: Double, machine: Double)?
    for sample in samples {
      guard let server = sample.values[.serverCPUSeconds], let machine = sample.values[.machineTotalSeconds] else {
        continue
      }
      // A counter that fell was started anew: nothing is known of the time between.
      if let last, server >= last.server, machine > last.machine {
        // A reading at the end of second 3 is stamped 4.0 or a little more.
        shares[Int((sample.second - 0.5).rounded(.down))] = (server - last.server) / (machine - last.machine)
      }
      last = (server, machine)
    }
  }

  subscript(second: Int) -> Double? { shares[second] }
}
