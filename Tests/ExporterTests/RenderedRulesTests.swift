import Model
import Report
import Synchronization
import TestSupport
import Testing

@testable import Exporter
@testable import Monitor

/// What `poolops alerts render` writes for poolops's own exporter, read by a real Prometheus that scrapes one.
@Suite struct RenderedRulesTests {
  private static let timeout = Duration.seconds(2)

  @Test func `rendered rules fire on the exporter's page, say what they rest on, and clear`() throws {
    let source = try #require(AlertSource.named("poolops"))
    let plan = AlertPlan(
      timeout: .init(.seconds(30), origin: "assumed"), interval: .seconds(1), runbook: "https://wiki.example/pool",
      keepsFiring: false)
    let began = Mutex(ContinuousClock.Instant?.none)
    let server = try ExporterServer(at: ListenAddress("0"), token: nil) { _ in
      let waited = began.withLock(\.self).map { min(.now - $0, Self.timeout) }
      let page = MetricsPage(Self.snapshot(waited: waited ?? .zero), version: "0.1.0").text
      return ExporterAnswer(status: 200, contentType: MetricsPage.contentType, body: Array(page.utf8))
    }
    let prometheus = try TestPrometheus(scraping: server.address.port, rules: AlertFiles([source], plan).rules)
    began.withLock { $0 = .now }
    let fired = try #require(
      prometheus.alert("PoolExhaustionAhead", "firing", within: .seconds(60)), "\(prometheus.log)")
    // By the pool's own timeout, which the page tells: the plan's is far away.
    #expect(fired.labels["severity"] == "critical" && fired.labels["exporter"] == "poolops")
    #expect(fired.annotations["summary"] == "Pool orders of api: requests are about to fail for want of a connection")
    #expect(fired.annotations["evidence"]?.hasPrefix("Not proven here:") == true, "\(fired.annotations)")
    #expect(fired.annotations["runbook_url"] == "https://wiki.example/pool")
    began.withLock { $0 = nil }
    #expect(
      prometheus.alert("PoolExhaustionAhead", "resolved", within: .seconds(60)) != nil, "\(prometheus.log)")
  }

  private static func snapshot(waited: Duration) -> MonitorSnapshot {
    let now = Timestamp(microseconds: 1_795_200_000_000_000)
    let isCalm = waited == .zero
    let outlook = EarlyWarning.Outlook(
      level: isCalm ? .calm : .alert, age: waited.seconds, isAgeInferred: false, predictedWait: 0, exhaustionETA: nil)
    return MonitorSnapshot(
      at: now, sources: [SourceState(name: "api", kind: .app, lastTold: now)],
      pools: [
        PoolState(
          name: "orders", source: "api",
          gauges: PoolGauges([.max: 20, .inUse: isCalm ? 5 : 20, .waiting: isCalm ? 0 : 4]),
          acquireTimeout: timeout, outlook: outlook, lead: .none(.sampledTooSeldom))
      ])
  }
}
