import Model
import Monitor
import Report

/// Plain lines: all of it at first and every ten seconds, and at once what changes.
final class LineFace: MonitorFace {
  private let world: World
  private let isOnce: Bool
  private let isQuiet: Bool
  private var lastShown: Timestamp?
  private var faults: [String: String] = [:]
  private var hinted: Set<String> = []

  private static let pace = Duration.seconds(10)

  init(_ world: World, once: Bool, quiet: Bool) {
    self.world = world
    isOnce = once
    isQuiet = quiet
  }

  var isSeen: Bool { !world.readerIsGone() }

  func show(_ moment: MonitorMoment) {
    guard !isOnce || moment.isLast else { return }
    let snapshot = moment.snapshot
    tell(moment)
    let isDue = lastShown.map { snapshot.at.duration(since: $0) >= Self.pace } ?? true
    guard isDue || moment.isLast else { return }
    lastShown = snapshot.at
    for line in MonitorLines.text(snapshot) { world.output(stamp(snapshot) + line + "\n") }
  }

  private func stamp(_ snapshot: MonitorSnapshot) -> String { isOnce ? "" : snapshot.at.text + "  " }

  private func tell(_ moment: MonitorMoment) {
    guard !isQuiet, !isOnce else { return }
    let snapshot = moment.snapshot
    for change in moment.changes {
      world.note("\(snapshot.at.text)  \(MonitorWords.line(change, snapshot))")
    }
    for pool in snapshot.pools where hinted.insert(MonitorWords.title(pool)).inserted {
      if let hint = MonitorWords.hint(pool) { world.note("\(MonitorWords.title(pool)): \(hint)") }
    }
    for source in snapshot.sources where faults[source.name] != source.fault {
      if let fault = source.fault {
        world.note("\(snapshot.at.text)  gone: \(source.name): \(fault)")
      } else {
        world.note("\(snapshot.at.text)  back: \(source.name)")
      }
      faults[source.name] = source.fault
    }
  }
}

/// One JSON object a line.
struct JSONFace: MonitorFace {
  private let world: World
  private let isOnce: Bool

  init(_ world: World, once: Bool) {
    self.world = world
    isOnce = once
  }

  var isSeen: Bool { !world.readerIsGone() }

  func show(_ moment: MonitorMoment) {
    if !isOnce || moment.isLast { world.output(MonitorJSON.value(moment.snapshot).line + "\n") }
  }
}

/// One line and a status at the end, as monitoring plugins give them.
struct NagiosFace: MonitorFace {
  private let world: World

  init(_ world: World) { self.world = world }

  func show(_ moment: MonitorMoment) {
    if moment.isLast { world.output(report(moment).line + "\n") }
  }

  func status(_ last: MonitorMoment) -> ExitStatus {
    switch report(last).status {
    case .ok: .go
    case .warning: .unexpected
    case .critical: .noGo
    case .unknown: .inconclusive
    }
  }

  private func report(_ moment: MonitorMoment) -> NagiosReport { NagiosReport(moment.snapshot, worst: moment.worst) }
}
