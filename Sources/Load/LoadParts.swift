internal import Model
internal import Statistics

extension LoadPlan {
  /// The part of thread `index`: its share of users or rate, of connections and waiting places, with random numbers of its own.
  func part(_ index: Int, of threads: Int) -> LoadPlan {
    guard threads > 1 else { return self }
    var part = self
    part.load.shape = load.shape.part(index, of: threads)
    part.settings.maxSize = share(settings.maxSize, index, threads)
    part.settings.minSize = share(settings.minSize, index, threads)
    part.settings.maxWaiting = settings.maxWaiting.map { share($0, index, threads) }
    if case .http(var http) = load.carrier, let connections = http.connections {
      http.connections = share(connections, index, threads)
      part.load.carrier = .http(http)
      part.settings.maxSize = min(part.settings.maxSize, share(connections, index, threads) * http.streams)
    }
    part.requestLimit = requestLimit.map { share($0, index, threads) }
    part.seed = seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    return part
  }
}

/// Whole things dealt out in turn: the shares of all threads add up to `count`.
private func share(_ count: Int, _ index: Int, _ threads: Int) -> Int {
  count / threads + (index < count % threads ? 1 : 0)
}

/// Puts the seconds of several lanes together: counts are added, histograms merged, both exactly. The largest value of a gauge
/// is the sum of the lanes' largest, which they need not have had at the same moment. The generator's CPU is that of the
/// busiest lane, since the limit is one core each.
struct SliceMerge: Sendable {
  private let lanes: Int
  private var waiting: [Int: (slice: FinishedSlice, lanes: Int)] = [:]

  init(lanes: Int) { self.lanes = lanes }

  mutating func add(_ slices: [FinishedSlice], of lane: Int) {
    for slice in slices {
      guard let known = waiting[slice.slice.second] else {
        waiting[slice.slice.second] = (slice, 1)
        continue
      }
      waiting[slice.slice.second] = (known.slice.merged(with: slice), known.lanes + 1)
    }
  }

  /// The seconds that every lane has finished, in order; all that are there when no lane goes on.
  mutating func take(all: Bool) -> [FinishedSlice] {
    let ready = waiting.filter { all || $0.value.lanes == lanes }.sorted { $0.key < $1.key }
    for (second, _) in ready { waiting[second] = nil }
    return ready.map(\.value.slice)
  }
}

extension FinishedSlice {
  fileprivate func merged(with other: FinishedSlice) -> FinishedSlice {
    var sum = self
    sum.slice.due += other.slice.due
    sum.slice.completed += other.slice.completed
    sum.slice.failed.merge(other.slice.failed) { $0 + $1 }
    sum.slice.connectionsOpened += other.slice.connectionsOpened
    sum.slice.connectionsClosed += other.slice.connectionsClosed
    let length = max(slice.length, other.slice.length)
    let add = { (gauge: KeyPath<Slice, Gauge>) in
      slice[keyPath: gauge].over(slice.length, of: length)
        .adding(other.slice[keyPath: gauge].over(other.slice.length, of: length))
    }
    sum.slice.length = length
    sum.slice.active = add(\.active)
    sum.slice.idle = add(\.idle)
    sum.slice.waiting = add(\.waiting)
    sum.slice.users = add(\.users)
    if let flows = slice.flows, let others = other.slice.flows { sum.slice.flows = flows + others }
    sum.parts = zip(parts, other.parts).map { $0.merged(with: $1) }
    sum.slice.generatorCPU = max(slice.generatorCPU, other.slice.generatorCPU)
    sum.histograms = histograms.map { kind, histogram in
      var merged = histogram
      for (otherKind, other) in other.histograms where otherKind == kind { merged.merge(other) }
      return (kind, merged)
    }
    return sum
  }
}

extension Gauge {
  /// Of a lane that was over after `part` of a period of `whole`: nothing was there in the rest.
  fileprivate func over(_ part: Double, of whole: Double) -> Gauge {
    part == whole || whole <= 0 ? self : Gauge(mean: mean * part / whole, max: max)
  }

  fileprivate func adding(_ other: Gauge) -> Gauge { Gauge(mean: mean + other.mean, max: max + other.max) }
}

extension LoadTotals {
  /// - Parameter slice: a second of the measured part; `inFlight` as it ended.
  mutating func add(_ slice: Slice, inFlight: Int) {
    due += slice.due
    completed += slice.completed
    failed.merge(slice.failed) { $0 + $1 }
    inFlightAtEnd = inFlight
  }

  mutating func add(_ other: LoadTotals) {
    inFlightAtStart += other.inFlightAtStart
    due += other.due
    completed += other.completed
    failed.merge(other.failed) { $0 + $1 }
    inFlightAtEnd += other.inFlightAtEnd
    connectFailures.merge(other.connectFailures) { $0 + $1 }
  }
}

extension LoadProgress {
  /// Of several lanes. The p95 is the largest of theirs, which is shown live and never stored.
  init(merging parts: [LoadProgress]) {
    self = parts[0]
    for part in parts.dropFirst() {
      elapsed = min(elapsed, part.elapsed)
      rate += part.rate
      errors += part.errors
      active += part.active
      idle += part.idle
      waiting += part.waiting
      p95 = [p95, part.p95].compactMap { $0 }.max()
    }
  }
}
