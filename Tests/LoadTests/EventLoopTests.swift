import EventLoop
import Glibc
import Synchronization
import Testing

private final class Sleeper: ThreadBody {
  let threadName = "poolops-test"
  let wake: WakeUp
  private let woken = Atomic<Bool>(false)
  var isWoken: Bool { woken.load(ordering: .relaxed) }

  init() throws { wake = try WakeUp() }

  func run() {
    woken.store(waitUntilReady(wake.descriptor, output: false, nanoseconds: 5_000_000_000), ordering: .relaxed)
  }
}

struct EventLoopTests {
  @Test func `a wait ends at its time to the nanosecond's order, not the millisecond's, and never early`() throws {
    var poller = try Poller()
    setTimerSlack(nanoseconds: 1)
    var lateness: [Int64] = []
    for _ in 0..<50 {
      let begin = MonotonicClock.now
      #expect(try poller.wait(nanoseconds: 300_000) == 0)
      lateness.append(MonotonicClock.now - begin - 300_000)
    }
    lateness.sort()
    // A millisecond timeout would end 0.7 ms late every time.
    #expect((lateness.first ?? -1) >= 0 && lateness[10] < 500_000)
  }

  @Test func `an alarm ends a wait without end, at its time and not before, once`() throws {
    var poller = try Poller()
    let alarm = try Alarm()
    try poller.add(alarm.descriptor, token: 7)
    let moment = MonotonicClock.now + 20_000_000
    alarm.set(at: moment)
    let seen = try poller.wait()
    let lateness = MonotonicClock.now - moment
    #expect(seen == 1 && poller[0].token == 7 && lateness >= 0)
    alarm.clear()
    #expect(try poller.wait(nanoseconds: 0) == 0)
  }

  @Test func `a wake-up is seen until it is cleared, under its token`() throws {
    var poller = try Poller()
    let wake = try WakeUp()
    try poller.add(wake.descriptor, token: .max)
    wake.signal()
    wake.signal()
    let seen = try poller.wait(nanoseconds: 1_000_000_000)
    let token = poller[0].token
    wake.clear()
    #expect(seen == 1 && token == .max)
    #expect(try poller.wait(nanoseconds: 0) == 0)
  }

  @Test func `a thread runs its body and can be joined, also twice`() throws {
    let body = try Sleeper()
    let thread = try WorkerThread(body)
    body.wake.signal()
    thread.join()
    thread.join()
    #expect(body.isWoken)
  }

  @Test func `signals are counted instead of obeyed`() {
    Signals.install()
    let before = Signals.pending
    kill(getpid(), SIGHUP)
    raise(SIGPIPE)
    while Signals.pending == before { usleep(1000) }
    #expect(Signals.pending == before + 1 && Signals.last == SIGHUP)
  }

  @Test func `a descriptor that the poller cannot watch is an error with the call's name`() throws {
    let poller = try Poller()
    let error = #expect(throws: SystemError.self) { try poller.add(-1, token: 0) }
    #expect(error?.description == "epoll_ctl: Bad file descriptor")
  }
}
