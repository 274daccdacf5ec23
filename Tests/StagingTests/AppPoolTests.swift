import EventLoop
import Glibc
import Model
import Staging
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Probes

@Suite struct AppPoolTests {
  /// An app in memory: what it answers can be changed while it is asked.
  final class Stage: PageSource {
    enum Act: Sendable {
      case page(Int, String)
      case fault(String)
      /// Answers only after so many seconds, whatever the limit.
      case late(Double)
    }
    struct State {
      var act: Act
      var asked = 0
      var headers: [String] = []
    }
    let state: Mutex<State>
    init(_ act: Act) { state = Mutex(State(act: act)) }

    func page(
      _ url: String, headers: [(name: String, value: String)], timeout: Duration, limit: Int
    ) throws(PageFault) -> Page {
      let act = state.withLock { state in
        state.asked += 1
        state.headers = headers.map { "\($0.name): \($0.value)" }
        return state.act
      }
      switch act {
      case .page(let status, let body): return Page(status: status, body: Array(body.utf8))
      case .fault(let text): throw PageFault(text)
      case .late(let seconds):
        usleep(UInt32(seconds * 1e6))
        throw PageFault("no answer")
      }
    }

    func become(_ act: Act) { state.withLock { $0.act = act } }
  }

  private static let good = #"{"totalCount":3,"idleCount":1,"waitingCount":4,"max":5}"#

  private func wait(_ seconds: Double = 5, until holds: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if holds() { return true }
      usleep(10_000)
    }
    return holds()
  }

  @Test func `an endpoint is asked again and again, and is told as gone with its reason until it is back`() throws {
    let stage = Stage(.page(200, Self.good))
    let endpoint = PoolEndpoint(url: "http://app.test/pool", format: .json)
    let app = try AppPool(endpoint, source: stage, token: "hunter2")
    #expect(wait { app.fault == nil })
    let first = try #require(app.take().first)
    #expect(first.pool.gauges[.inUse] == 2 && first.pool.scheme == .nodePostgres && app.take() == [])
    #expect(
      stage.state.withLock(\.headers) == ["Accept: application/json, */*;q=0.1", "Authorization: Bearer hunter2"])
    for (act, reason) in [
      (Stage.Act.fault("connection refused"), "connection refused"), (.page(500, "oops"), "it answers with status 500"),
      (.page(200, "<html>"), "the answer is no JSON: line 1, column 1: no value begins like this"),
      (.late(0.3), "no answer"),
    ] {
      stage.become(act)
      #expect(wait { app.fault == reason }, "\(app.fault ?? "-")")
      #expect(!(app.fault ?? "").contains("hunter2"))
    }
    _ = app.take()
    stage.become(.page(200, Self.good))
    #expect(wait { app.fault == nil } && app.take().count == 1)
  }

  @Test func `readings are a second apart, and slow ones do not come in a heap`() throws {
    let stage = Stage(.page(200, Self.good))
    let app = try AppPool(PoolEndpoint(url: ""), source: stage)
    let start = AppPool.clockSeconds()
    #expect(wait { stage.state.withLock(\.asked) >= 3 })
    #expect(AppPool.clockSeconds() - start >= 1.9)
    stage.become(.late(2.2))
    usleep(3_500_000)
    stage.become(.page(200, Self.good))
    #expect(wait { app.fault == nil })
    let asked = stage.state.withLock(\.asked)
    usleep(500_000)
    #expect(stage.state.withLock(\.asked) - asked <= 1)
  }

  @Test func `an app that hangs holds up no other probe, and its thread ends with it`() throws {
    let running = try TestCluster.running()
    let stage = Stage(.late(1.5))
    do {
      let app = try AppPool(PoolEndpoint(url: ""), source: stage)
      let probes = ProbeSet(running.admin, postmasterPID: running.postmasterPID, loadName: "nobody", app: app)
      _ = probes.samples(second: 0)
      let start = AppPool.clockSeconds()
      let samples = probes.samples(second: 1)
      #expect(AppPool.clockSeconds() - start < 0.5)
      #expect(samples.count == 1 && samples[0].values[.machineTotalSeconds] != nil)
      #expect(probes.gone == ["app_pool"] && app.fault == "it has not answered yet")
    }
    #expect(wait { stage.state.withLock(\.asked) == 1 })
    usleep(2_500_000)
    #expect(stage.state.withLock(\.asked) == 1)
  }

  @Test func `what was told has its own moment in the block`() throws {
    let running = try TestCluster.running()
    let stage = Stage(.page(200, Self.good))
    let app = try AppPool(PoolEndpoint(url: ""), source: stage)
    let probes = ProbeSet(running.admin, postmasterPID: nil, loadName: "nobody", app: app)
    #expect(wait { app.fault == nil })
    usleep(300_000)
    let samples = probes.samples(second: 7)
    #expect(samples.count == 2 && samples[0].tellsOfPoolOnly && samples[1].second == 7 && probes.gone == [])
    #expect(samples[0].second > 4 && samples[0].second < 6.75)
    #expect(
      samples[0].values == [.poolMax: 5, .poolInUse: 2, .poolIdle: 1, .poolWaiting: 4] && !samples[1].tellsOfPool)
  }
}
