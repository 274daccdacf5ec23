import Model
import Monitor
import Report
import Store

/// Keeps what is watched in results.db: every ten seconds what was worst in them, and each alert at its own moment.
final class MonitorRecorder: MonitorListener {
  private let store: ResultsStore
  private let watch: Int
  private let stretchLength: Duration
  private let say: (String) -> Void
  private var stretch = WatchStretch()
  private var begun: Timestamp?
  private var last: Timestamp?
  private var alerts: [(at: Timestamp, subject: String, level: Int, text: String)] = []
  private var isFailing = false

  private static let shortest = Duration.seconds(10)

  init(_ project: Project, _ options: MonitorOptions, started: Timestamp, say: @escaping (String) -> Void)
    throws(Failure)
  {
    let store = try ResultsStore.writing(project)
    self.store = store
    self.say = say
    stretchLength = max(Self.shortest, options.interval)
    watch = try store.ask { () throws(StoreError) in
      try store.beginWatch(started: started, interval: options.interval, poolops: Poolops.version)
    }
  }

  func take(_ moment: MonitorMoment) {
    let snapshot = moment.snapshot
    stretch.take(snapshot)
    for change in moment.changes {
      alerts.append(
        (
          change.at, MonitorWords.title(change.subject), change.level.rawValue, MonitorWords.line(change, snapshot)
        ))
    }
    let begun = self.begun ?? snapshot.at
    (self.begun, last) = (begun, snapshot.at)
    if snapshot.at.duration(since: begun) >= stretchLength { keep(snapshot.at) }
  }

  func close() {
    if let last { keep(last) }
    store.close()
  }

  private func keep(_ end: Timestamp) {
    let samples = stretch.all.map { subject, figures in
      WatchSample(
        kind: subject.kind.rawValue, source: subject.source, name: subject.name, level: figures.level.rawValue,
        figures: [
          figures.capacity, figures.used, figures.idle, figures.waiting, figures.oldestWait, figures.rate,
          figures.timeouts,
        ])
    }
    do throws(StoreError) {
      if !samples.isEmpty || !alerts.isEmpty { try store.recordWatch(watch, at: end, samples, alerts: alerts) }
      isFailing = false
      alerts = []
    } catch {
      // The stretch is lost, what changed is kept for the next one.
      if !isFailing { say("what is watched cannot be recorded: \(error.description)") }
      isFailing = true
    }
    stretch = WatchStretch()
    begun = end
  }
}
