import EventLoop
import Glibc
import Model
import Runner

/// SIGINT, SIGTERM and SIGHUP as requests to stop.
final class SignalInterrupts: InterruptPort {
  init() { Signals.install() }

  var requested: ExitStatus? {
    guard let last = Signals.last else { return nil }
    return last == SIGINT ? .interrupted : .terminated
  }
}
