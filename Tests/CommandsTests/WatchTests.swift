import EventLoop
import Glibc
import Model
import Monitor
import Probes
import Synchronization
import Testing

@testable import Commands

/// Sources on threads of their own: one that hangs holds up nobody.
@Suite struct WatchTests {
  /// What a source does can be changed while it is read.
  private final class Script: Sendable {
    enum Act { case tells(Double), fails(String), hangs }
    struct State {
      var act: Act
      var reads = 0
    }
    let state: Mutex<State>
    init(_ act: Act) { state = Mutex(State(act: act)) }
    func become(_ act: Act) { state.withLock { $0.act = act } }
    var reads: Int { state.withLock(\.reads) }

    func source(_ name: String) -> WatchedSource {
      WatchedSource(name: name, kind: .app) { [self] in Reader(self) }
    }
  }

  private final class Reader: SourceReader {
    private let script: Script
    init(_ script: Script) { self.script = script }

    func read() throws(SourceFault) -> SourceReading {
      let act = script.state.withLock { state in
        state.reads += 1
        return state.act
      }
      switch act {
      case .tells(let waiting):
        return SourceReading(pools: [PoolReport(name: "pool", gauges: PoolGauges([.waiting: waiting]))])
      case .fails(let reason): throw SourceFault(reason)
      case .hangs:
        // Until somebody lets it go.
        while case .hangs = script.state.withLock(\.act) { usleep(5000) }
        throw SourceFault("it hung")
      }
    }
  }

  private func wait(until holds: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      if holds() { return true }
      usleep(5000)
    }
    return false
  }

  @Test func `each source is read at its own pace, and one that hangs holds up nobody`() throws {
    let (good, bad) = (Script(.tells(3)), Script(.hangs))
    let watch = try Watch([bad.source("bad"), good.source("good")], .init(interval: .milliseconds(20)))
    #expect(wait { good.reads > 20 })
    #expect(bad.reads == 1 && !watch.hasHeardAll)
    let snapshot = watch.snapshot
    #expect(snapshot.sources.map(\.fault) == ["it has not told anything yet", nil])
    #expect(snapshot.pools.map(\.source) == ["good"])
    bad.become(.fails("connection refused"))
    #expect(wait { watch.snapshot.sources[0].fault == "connection refused" } && watch.hasHeardAll)
    bad.become(.tells(1))
    #expect(wait { watch.snapshot.pools.count == 2 }, "it is back by itself")
    watch.stop()
    usleep(50_000)
    let reads = good.reads
    usleep(100_000)
    #expect(good.reads == reads, "its threads end")
  }

  @Test func `a watch ends with its last reference, also while a source hangs`() throws {
    let script = Script(.hangs)
    let start = ContinuousClock.now
    do {
      let watch = try Watch([script.source("bad")], .init(interval: .milliseconds(20)))
      #expect(wait { script.reads == 1 })
      withExtendedLifetime(watch) {}
    }
    #expect(ContinuousClock.now - start < .seconds(20))
    script.become(.tells(0))
    usleep(100_000)
    #expect(script.reads == 1)
  }
}
