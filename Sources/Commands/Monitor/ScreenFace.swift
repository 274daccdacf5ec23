import EventLoop
import Model
import Monitor
import Report

/// A screen that renews itself, until somebody types `q`.
final class ScreenFace: MonitorFace {
  private let terminal: Terminal
  private let style: Style
  private let serving: String?
  private var latest: MonitorMoment?
  private var events: [String] = []
  private var drawnSize = (columns: 0, rows: 0)

  private static let mostEvents = 50
  /// From one look at the size of the terminal to the next.
  private static let look = Int64(100_000_000)

  /// - Parameter serving: the address and port where metrics are to be had.
  init(_ world: World, serving: String?) {
    self.serving = serving
    style = world.style
    terminal = Terminal(write: world.output)
  }

  func show(_ moment: MonitorMoment) {
    let clock = moment.snapshot.at.text.dropFirst(11).dropLast()
    events += moment.changes.map { "\(clock)  \(MonitorWords.line($0, moment.snapshot))" }
    events = events.suffix(Self.mostEvents)
    latest = moment
    draw()
  }

  func wait(until due: Int64) -> Bool {
    while Signals.pending == 0 {
      let left = due - MonotonicClock.now
      guard left > 0 else { break }
      if let key = terminal.key(nanoseconds: min(left, Self.look)), Self.ends(key) { return false }
      if terminal.size != drawnSize { draw() }
    }
    return true
  }

  /// `q`, `Q`, and the end of what is typed.
  private static func ends(_ key: UInt8) -> Bool { [0x71, 0x51, 0x04].contains(key) }

  func close() { terminal.close() }

  private func draw() {
    guard let latest else { return }
    drawnSize = terminal.size
    var style = style
    style.width = max(20, drawnSize.columns)
    let view = MonitorView(
      latest.snapshot, alerts: latest.alerts, events: events, serving: serving, rows: drawnSize.rows, style: style)
    terminal.draw(view.lines)
  }
}
