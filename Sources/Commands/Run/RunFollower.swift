import Glibc
import Model
import Report
import Store

/// Watches a run that another process measures. It reads and nothing else, and opens the file anew each time, so that the
/// writer can end as if nobody were there. Signals have their usual effect: they end the watching.
struct RunFollower {
  private let run: RunID
  private let project: Project
  private let world: World

  /// What was there before is not told again, but for the last seconds.
  private static let secondsBefore = 10
  private static let pause: UInt32 = 250_000
  /// Without a new second for so long, the reader is told; the other run of the execution may have its turn.
  private static let patience = Duration.seconds(60)

  init(_ run: RunID, _ project: Project, _ world: World) {
    self.run = run
    self.project = project
    self.world = world
  }

  func watch(json: Bool) throws(Failure) -> ExitStatus {
    var last = 0
    var lastSeen = world.now()
    var isFirst = true
    while true {
      let (recorded, seconds) = try look(after: &last)
      for second in isFirst ? seconds.suffix(Self.secondsBefore) : seconds[...] {
        show(second, of: recorded, json: json)
      }
      isFirst = false
      if recorded.status != .running { return end(recorded) }
      if !seconds.isEmpty { lastSeen = world.now() }
      if world.now().duration(since: lastSeen) >= Self.patience {
        lastSeen = world.now()
        world.note(
          "\(run): nothing was recorded for a minute; the other run may have its turn, or the execution was killed "
            + "(poolops experiment recover)")
      }
      usleep(Self.pause)
    }
  }

  private func look(after last: inout Int) throws(Failure) -> (Run, [ResultsStore.NewSecond]) {
    let store = try ResultsStore.reading(project)
    defer { store.close() }
    guard let recorded = try store.ask({ () throws(StoreError) in try store.run(run) }) else {
      throw try store.missing(run)
    }
    var mark = last
    let seconds = try store.ask { () throws(StoreError) in try store.newSeconds(of: run, after: &mark) }
    last = mark
    return (recorded, seconds)
  }

  private func show(_ second: ResultsStore.NewSecond, of run: Run, json: Bool) {
    let line = FollowLine(second.slice, of: second.block, pool: run.poolUnderLoad)
    world.output(json ? line.json.line + "\n" : line.text(world.style) + "\n")
  }

  private func end(_ recorded: Run) -> ExitStatus {
    world.note("\(run): \(recorded.status.rawValue). Next: poolops run show \(run)")
    return .go
  }
}
