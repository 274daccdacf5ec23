import Glibc
import Model
import Runner

/// What is to happen at a named call of the runner, from the environment.
///
/// A place is `STAGE:CALL:N`: the n-th such call within that stage, counted over the whole execution, for instance
/// `rollback:revert:1`. Nothing but a call changes anything, so before and after each call are all the moments that differ.
///
/// - `KILL_AT=place`: SIGKILL to itself before the call.
/// - `KILL_AFTER=place`: SIGKILL to itself when the call has returned, before anything else is done.
/// - `INTERRUPT_AT=place`: SIGINT to itself.
/// - `SLEEP_AT=place`: sleeps until a signal ends the process.
/// - `STOP_AT=place`: SIGSTOP to itself; SIGCONT lets it go on.
/// - `TRACE=file`: each place is appended as a line before its call.
final class Breakpoints {
  private let kill: String?
  private let killAfter: String?
  private let interrupt: String?
  private let sleep: String?
  private let stop: String?
  private let trace: Int32
  private var counts: [String: Int] = [:]
  private var stage = Stage.preflight

  init(_ variables: [String: String]) {
    kill = variables["KILL_AT"]
    killAfter = variables["KILL_AFTER"]
    interrupt = variables["INTERRUPT_AT"]
    sleep = variables["SLEEP_AT"]
    stop = variables["STOP_AT"]
    trace = variables["TRACE"].map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) } ?? -1
  }

  func between(runnerAnd ports: RunnerPorts) -> RunnerPorts {
    RunnerPorts(
      staging: HaltingStaging(ports.staging, self), watch: ports.watch, load: HaltingLoad(ports.load, self),
      record: HaltingRecord(ports.record, self), observer: ports.observer, interrupts: ports.interrupts)
  }

  func enter(_ stage: Stage) { self.stage = stage }

  /// - Parameter function: `apply(_:)` is the call `apply`.
  func around<Value>(_ function: String, _ act: () throws(Failure) -> Value) throws(Failure) -> Value {
    let place = before(String(function.prefix { $0 != "(" }))
    let value = try act()
    if place == killAfter { Glibc.kill(getpid(), SIGKILL) }
    return value
  }

  private func before(_ call: String) -> String {
    let name = "\(stage.rawValue):\(call)"
    counts[name, default: 0] += 1
    let place = "\(name):\(counts[name, default: 0])"
    if trace >= 0 {
      let line = Array("\(place)\n".utf8)
      _ = write(trace, line, line.count)
    }
    if place == interrupt { Glibc.kill(getpid(), SIGINT) }
    if place == stop { Glibc.kill(getpid(), SIGSTOP) }
    if place == sleep { while true { Glibc.sleep(60) } }
    if place == kill { Glibc.kill(getpid(), SIGKILL) }
    return place
  }
}
