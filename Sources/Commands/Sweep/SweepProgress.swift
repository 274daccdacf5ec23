import Model
import Report
import Runner

/// Shows a sweep while it goes on: one line that renews itself on a terminal, plain lines in a pipe.
final class SweepProgress: SweepObserver {
  private let world: World
  private let isQuiet: Bool
  private let spec: SweepSpec
  private let started: Timestamp
  private var name = ""
  private var total = Duration.zero
  private var lineIsOpen = false
  private var pace = ProgressPace()
  private var lastShown: Timestamp?

  private static let liveInterval = Duration.milliseconds(250)

  init(_ world: World, quiet: Bool, spec: SweepSpec) {
    self.world = world
    isQuiet = quiet
    self.spec = spec
    started = world.now()
  }

  /// One line about something that is not a cell: the cluster being made.
  func say(_ text: String) {
    guard !isQuiet else { return }
    closeLine()
    world.error((world.errorIsTerminal ? world.errorStyle.paragraph(text, hanging: 2) : text) + "\n")
  }

  func began(_ id: ExecutionID, measured: Int, ahead: Int) {
    let what = spec.repeats == 1 ? "cell" : "block"
    let most = spec.mode == .knee ? "at most " : ""
    let count = "\(most)\(ahead) \(what)\(ahead == 1 ? "" : "s")"
    let time =
      "\(spec.mode == .knee ? "at most" : "about") \(ProgressLine.clock(SweepPlanReport.time(ahead, of: spec)))"
    let again =
      spec.again == 0
      ? "" : "; unsteady cells are measured again, at most \(spec.again) time\(spec.again == 1 ? "" : "s")"
    say(
      (measured == 0 ? "\(id): \(count), \(time)" : "\(id) goes on: \(measured) measured, \(count) to come, \(time)")
        + again)
  }

  func began(_ block: SweepBlock, measured: Int, ahead: Int) {
    let number = measured + 1
    let of = spec.mode == .knee ? "\(number), at most \(max(0, ahead - 1)) more" : "\(number)/\(measured + ahead)"
    let round =
      block.round >= spec.repeats
      ? "block \(of), once more"
      : spec.repeats == 1 ? "cell \(of)" : "block \(of), round \(block.round + 1)/\(spec.repeats)"
    name = "\(round)  pool \(block.size), \(block.level.text)"
    total = elapsed + SweepPlanReport.time(ahead, of: spec)
    lastShown = nil
  }

  func live(_ figures: LiveFigures) {
    guard !isQuiet else { return }
    let line = ProgressLine(
      stage: .cell, pairs: 0, isWarmUp: figures.isWarmUp, elapsed: elapsed, total: total, rate: figures.rate,
      p95: figures.p95, errors: figures.errors, active: figures.active, idle: figures.idle, waiting: figures.waiting,
      name: name)
    guard isLive else {
      // Before its first second a block has nothing to say.
      if figures.rate > 0, pace.isDue(line) { world.error(line.plain + "\n") }
      return
    }
    let now = world.now()
    if let lastShown, now.duration(since: lastShown) < Self.liveInterval { return }
    lastShown = now
    world.error("\r\u{1B}[K" + line.live(world.errorStyle))
    lineIsOpen = true
  }

  func finished(_ block: SweepBlock, cutOff: String) {
    guard !cutOff.isEmpty else { return closeLine() }
    say("pool \(block.size), \(block.level.text): cut off, as \(cutOff)")
  }

  /// Whether a line can renew itself.
  private var isLive: Bool { world.wantsColour(onTerminal: world.errorIsTerminal) }
  private var elapsed: Duration { world.now().duration(since: started) }

  /// Ends the live line, so that what follows starts a line of its own.
  func closeLine() {
    guard lineIsOpen else { return }
    world.error("\r\u{1B}[K")
    lineIsOpen = false
  }
}

/// What an execution would be told: a sweep has its own words.
extension SweepProgress: Observer {
  func began(_ execution: ExecutionID) {}
  func began(_ stage: Stage, note: String) {}

  /// Routine steps pass in the live line; what failed, and what was put back, is said.
  func finished(_ stage: Stage, _ outcome: StageOutcome, note: String) {
    let isRoutine = stage != .rollback && stage != .confirm
    if outcome == .passed, isRoutine { return }
    let word = outcome == .passed ? "" : " \(outcome.rawValue)"
    say("\(stage.rawValue)\(word)\(note.isEmpty ? "" : ": \(note)")")
  }

  func live(_ figures: LiveFigures, block: PlannedBlock) {}
  func measuresAgain(_ block: PlannedBlock, reason: String) {}
}
