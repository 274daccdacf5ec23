internal import Model
internal import Statistics

/// A finished second before its histograms are encoded, which costs too much for the loop.
struct FinishedSlice: Sendable {
  var slice: Slice
  var histograms: [(kind: HistogramKind, histogram: Histogram)]
  var parts: [FinishedPart] = []

  /// The slice as others take it.
  func encoded() -> Slice {
    var slice = slice
    for (kind, histogram) in histograms where !histogram.isEmpty { slice.histograms[kind] = histogram.encoded() }
    slice.parts = parts.map { $0.encoded() }
    return slice
  }
}

/// A count over time: its time-weighted mean and its largest value.
struct GaugeRecorder: BitwiseCopyable {
  private(set) var value = 0
  private var area: Int64 = 0
  private var largest = 0

  /// The value was what it was for `elapsed` nanoseconds, and now is `next`.
  @inline(__always)
  mutating func advance(_ elapsed: Int64, to next: Int) {
    area &+= Int64(value) &* elapsed
    value = next
    largest = max(largest, next)
  }

  /// The gauge of a period of `length` nanoseconds that ends now; starts the next one.
  mutating func take(length: Int64) -> Gauge {
    defer {
      area = 0
      largest = value
    }
    return Gauge(mean: length > 0 ? Double(area) / Double(length) : Double(value), max: largest)
  }
}

/// A histogram of durations that are often 0: a wait where a connection is free, a slip where the loop is on time.
/// Zeros are only counted, which costs a fifth of recording them, and join the others when the second is over.
struct ZeroHeavyRecorder: ~Copyable {
  private var recorder = HistogramRecorder()
  private var zeros = 0

  @inline(__always)
  mutating func record(_ nanoseconds: Int64) {
    if nanoseconds <= 0 { zeros &+= 1 } else { recorder.record(nanoseconds) }
  }

  mutating func takeSnapshot() -> Histogram {
    var taken = recorder.takeSnapshot()
    taken.record(0, times: zeros)
    zeros = 0
    return taken
  }
}

/// Collects one second; `take` ends it and starts the next.
struct SliceRecorder: ~Copyable {
  private var latency = HistogramRecorder()
  private var service = HistogramRecorder()
  private var query = HistogramRecorder()
  /// Of requests that were sent at the moment when they were due: latency, service and query in one, so it is recorded once
  /// and joins all three when the second is over. At saturation these are all there are.
  private var prompt = HistogramRecorder()
  var wait = ZeroHeavyRecorder()
  var connect = HistogramRecorder()
  var slip = ZeroHeavyRecorder()
  var due = 0
  var completed = 0
  var failed: [ErrorClass: Int] = [:]
  var opened = 0
  var closed = 0
  /// The transactions of a mixed load apart.
  var parts: PartTable
  private var active = GaugeRecorder()
  private var idle = GaugeRecorder()
  private var waiting = GaugeRecorder()
  private var usersGauge = GaugeRecorder()
  private var users = 0
  private var usersSince: Int64
  private var begin: Int64
  private var observed: Int64

  init(_ transactions: [Transaction], begin: Int64) {
    parts = PartTable(transactions)
    self.begin = begin
    observed = begin
    usersSince = begin
  }

  /// The pool's gauges from `now` on. Most events leave them as they were, and then nothing has to be summed up yet.
  @inline(__always)
  mutating func observe(active: Int, idle: Int, waiting: Int, at now: Int64) {
    if active == self.active.value, idle == self.idle.value, waiting == self.waiting.value { return }
    advance(active, idle, waiting, now)
  }

  @inline(__always)
  private mutating func advance(_ active: Int, _ idle: Int, _ waiting: Int, _ now: Int64) {
    let elapsed = max(now &- observed, 0)
    observed = max(now, observed)
    self.active.advance(elapsed, to: active)
    self.idle.advance(elapsed, to: idle)
    self.waiting.advance(elapsed, to: waiting)
  }

  /// A request was answered at `now`.
  @inline(__always)
  mutating func complete(_ request: Request, at now: Int64) {
    completed &+= 1
    let latency = now &- request.due
    parts.complete(request.transaction, latency: latency)
    guard request.sent > request.due else { return prompt.record(latency) }
    self.latency.record(latency)
    service.record(now &- request.acted)
    query.record(now &- request.sent)
  }

  /// Users from `now` on. They seldom change, so nothing is reckoned until they do.
  @inline(__always)
  mutating func observe(users next: Int, at now: Int64) {
    if next != users { advanceUsers(to: next, at: now) }
  }

  private mutating func advanceUsers(to next: Int, at now: Int64) {
    usersGauge.advance(max(now &- usersSince, 0), to: next)
    usersSince = max(now, usersSince)
    users = next
  }

  mutating func fail(_ error: ErrorClass, of transaction: Int32) {
    failed[error, default: 0] += 1
    parts.fail(transaction)
  }

  /// Ends the period at `end`.
  mutating func take(second: Int, end: Int64, generatorCPU: Double) -> FinishedSlice {
    advance(active.value, idle.value, waiting.value, end)
    var slice = Slice(second: second)
    slice.length = Double(end - begin) / 1e9
    slice.due = due
    slice.completed = completed
    slice.failed = failed
    slice.connectionsOpened = opened
    slice.connectionsClosed = closed
    slice.active = active.take(length: end - begin)
    slice.idle = idle.take(length: end - begin)
    slice.waiting = waiting.take(length: end - begin)
    advanceUsers(to: users, at: end)
    slice.users = usersGauge.take(length: end - begin)
    slice.generatorCPU = generatorCPU
    begin = end
    due = 0
    completed = 0
    failed = [:]
    opened = 0
    closed = 0
    let prompt = prompt.takeSnapshot()
    return FinishedSlice(
      slice: slice,
      histograms: [
        (.latency, latency.takeSnapshot(with: prompt)), (.service, service.takeSnapshot(with: prompt)),
        (.wait, wait.takeSnapshot()), (.query, query.takeSnapshot(with: prompt)), (.connect, connect.takeSnapshot()),
        (.slip, slip.takeSnapshot()),
      ], parts: parts.take())
  }
}

extension HistogramRecorder {
  /// What was recorded since the last one, together with `other`.
  fileprivate mutating func takeSnapshot(with other: Histogram) -> Histogram {
    var taken = takeSnapshot()
    taken.merge(other)
    return taken
  }
}
