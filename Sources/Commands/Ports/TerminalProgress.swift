import Model
import Report
import Runner

/// Shows an execution while it goes on: one line that renews itself on a terminal, plain lines in a pipe.
final class TerminalProgress: Observer {
  private let world: World
  private let isQuiet: Bool
  private let pairs: Int
  private let isRamp: Bool
  private let block: Duration
  private var total: Duration
  private let started: Timestamp
  private var stage = Stage.preflight
  private var lineIsOpen = false
  /// Of a pipe; a terminal's line renews itself as the figures do.
  private var pace = ProgressPace()
  private var lastShown: Timestamp?

  private static let liveInterval = Duration.milliseconds(250)

  init(_ world: World, quiet: Bool, experiment: Experiment) {
    self.world = world
    isQuiet = quiet
    let estimate = PlanEstimate(experiment)
    pairs = estimate.pairs
    isRamp = experiment.isExhaustion
    block = estimate.block
    total = estimate.longest
    started = world.now()
  }

  /// One line about something that is not a stage: the cluster being made.
  func say(_ text: String) {
    guard !isQuiet else { return }
    closeLine()
    world.note(text)
  }

  func began(_ execution: ExecutionID) {
    let layout =
      isRamp ? "a ramp until a request fails" : pairs == 1 ? "a plain before and after" : "\(pairs) pairs of blocks"
    let besides = isRamp ? "" : ", but for blocks that are measured again"
    say("\(execution): \(layout), at most \(ProgressLine.clock(total))\(besides)")
  }

  func began(_ stage: Stage, note: String) {
    self.stage = stage
    lastShown = nil
    guard !isQuiet, isLive else { return }
    show(ProgressLine(stage: stage, pairs: pairs, elapsed: elapsed, total: total))
  }

  func finished(_ stage: Stage, _ outcome: StageOutcome, note: String) {
    guard !isQuiet else { return }
    let isBlock = stage == .baseline || stage == .retest
    let isRoutine = stage == .apply || stage == .verify
    // On a terminal routine steps pass in the live line; a pipe keeps a trace of each.
    if outcome == .passed, isRoutine, isLive { return }
    if outcome == .passed, isBlock { return closeLine() }
    // Nothing has begun then, and the command itself says why at its end.
    if outcome == .failed, stage == .preflight { return closeLine() }
    closeLine()
    let word = outcome == .passed ? "" : " \(outcome.rawValue)"
    let line = "\(stage.rawValue)\(word)\(note.isEmpty ? "" : ": \(note)")"
    world.error((world.errorIsTerminal ? world.errorStyle.paragraph(line, hanging: 2) : line) + "\n")
  }

  func live(_ figures: LiveFigures, block: PlannedBlock) {
    guard !isQuiet else { return }
    let line = line(figures, block)
    guard isLive else {
      // Before its first second a block has nothing to say.
      if figures.rate > 0, pace.isDue(line) { world.error(line.plain + "\n") }
      return
    }
    let now = world.now()
    if let lastShown, now.duration(since: lastShown) < Self.liveInterval { return }
    lastShown = now
    show(line)
  }

  func measuresAgain(_ block: PlannedBlock, reason: String) {
    total += self.block
    say("pair \(block.pair + 1), \(block.arm.rawValue) is measured again: \(reason) (limit 2 %)")
  }

  private func line(_ figures: LiveFigures, _ block: PlannedBlock) -> ProgressLine {
    let isStep = stage == .rollout || stage == .ramp
    return ProgressLine(
      stage: stage, pair: isStep ? nil : block.pair + 1, pairs: pairs, arm: isStep ? nil : block.arm,
      isWarmUp: figures.isWarmUp, elapsed: elapsed,
      total: total, rate: figures.rate, p95: figures.p95, errors: figures.errors, active: figures.active,
      idle: figures.idle, waiting: figures.waiting, level: figures.level)
  }

  /// Whether a line can renew itself.
  private var isLive: Bool { world.wantsColour(onTerminal: world.errorIsTerminal) }
  private var elapsed: Duration { world.now().duration(since: started) }

  private func show(_ line: ProgressLine) {
    world.error("\r\u{1B}[K" + line.live(world.errorStyle))
    lineIsOpen = true
  }

  /// Ends the live line, so that what follows starts a line of its own.
  func closeLine() {
    guard lineIsOpen else { return }
    world.error("\r\u{1B}[K")
    lineIsOpen = false
  }
}
