import EventLoop
import Glibc
import Model
import Monitor
import Probes

/// Shows what is watched, interval by interval, until the time is over or somebody ends it.
struct MonitorLoop {
  private let watch: Watch
  private let options: MonitorOptions
  private let face: any MonitorFace
  private let listeners: [any MonitorListener]
  private let interval: Int64

  /// Longest that a first word of all sources is waited for.
  private static let patience = Int64(4_000_000_000)

  init(_ watch: Watch, _ options: MonitorOptions, _ face: any MonitorFace, _ listeners: [any MonitorListener] = []) {
    self.watch = watch
    self.options = options
    self.face = face
    self.listeners = listeners
    interval = options.interval.nanoseconds
  }

  func run() -> ExitStatus {
    let status = watched()
    face.close()
    for listener in listeners { listener.close() }
    return status
  }

  private func watched() -> ExitStatus {
    waitForAll()
    var book = AlertBook()
    var worst = WarningLevel.calm
    let start = MonotonicClock.now
    let end = options.time.map { start + $0.nanoseconds }
    var due = start
    while true {
      if let status = Self.interrupted { return status }
      let snapshot = watch.snapshot
      let changes = book.take(snapshot)
      worst = max(worst, book.level)
      let isLast = end.map { due >= $0 } ?? false
      let moment = MonitorMoment(
        snapshot: snapshot, alerts: book.active, changes: changes, worst: worst, isFirst: due == start, isLast: isLast)
      face.show(moment)
      for listener in listeners { listener.take(moment) }
      if let threshold = options.exitOn, worst >= threshold.level { return .noGo }
      if isLast { return face.status(moment) }
      due = max(due + interval, MonotonicClock.now)
      if let end, due > end { due = end }
      if !face.wait(until: due) { return .go }
    }
  }

  /// Sources answer at their own pace; a look that came before the first answer would say that all are gone.
  private func waitForAll() {
    let end = MonotonicClock.now + Self.patience
    while !watch.hasHeardAll, MonotonicClock.now < end, Self.interrupted == nil { usleep(10_000) }
  }

  private static var interrupted: ExitStatus? {
    guard let last = Signals.last else { return nil }
    return last == SIGINT ? .interrupted : .terminated
  }
}

/// What is known at one interval, and what has changed since the one before.
struct MonitorMoment {
  var snapshot: MonitorSnapshot
  var alerts: [Alert]
  var changes: [AlertChange]
  /// Since the watching began.
  var worst: WarningLevel
  var isFirst: Bool
  var isLast: Bool
}

/// Where a person or a program sees it.
protocol MonitorFace {
  func show(_ moment: MonitorMoment)
  /// Returns at that moment of the monotonic clock, or when a signal arrives; false when a person has ended it.
  func wait(until due: Int64) -> Bool
  /// Whether somebody is there to see it.
  var isSeen: Bool { get }
  /// Of a watching whose time is over.
  func status(_ last: MonitorMoment) -> ExitStatus
  /// Leaves everything as it was.
  func close()
}

extension MonitorFace {
  func wait(until due: Int64) -> Bool {
    while Signals.pending == 0 {
      let left = due - MonotonicClock.now
      guard left > 0 else { break }
      guard isSeen else { return false }
      usleep(UInt32(min(left / 1000 + 1, 50_000)))
    }
    return true
  }

  var isSeen: Bool { true }

  func status(_ last: MonitorMoment) -> ExitStatus { .go }
  func close() {}
}

/// Is told of every interval, beside the one that shows it. Never waits.
protocol MonitorListener {
  func take(_ moment: MonitorMoment)
  func close()
}
