import Model
import Report
import Synchronization
import TestSupport
import Testing

@testable import Exporter
@testable import Monitor

@Suite struct PrometheusTests {
  private static let rules = """
    groups:
      - name: poolops
        rules:
          - alert: PoolNearExhaustion
            expr: poolops_early_warning{level="alert"} == 1
            labels: { severity: page }
            annotations:
              summary: "{{ $labels.db_client_connection_pool_name }} of {{ $labels.source }} is about to refuse requests"
    """

  @Test func `Prometheus scrapes with the token, the alert fires, Alertmanager delivers it, and it is resolved`() throws
  {
    let level = Mutex(WarningLevel.calm)
    let token = "a-token-of-some-length"
    let server = try ExporterServer(at: ListenAddress("0"), token: BearerToken(file: Array(token.utf8))) { _ in
      let page = MetricsPage(Self.snapshot(level.withLock(\.self)), version: "0.1.0").text
      return ExporterAnswer(status: 200, contentType: MetricsPage.contentType, body: Array(page.utf8))
    }
    let prometheus = try TestPrometheus(scraping: server.address.port, token: token, rules: Self.rules)
    #expect(prometheus.notifications.isEmpty)
    level.withLock { $0 = .alert }
    let firing = try #require(prometheus.alert("firing", within: .seconds(60)), "\(prometheus.log)")
    #expect(firing.labels["db_client_connection_pool_name"] == "orders \"new\"")
    #expect(firing.labels["severity"] == "page")
    #expect(firing.annotations["summary"] == "orders \"new\" of api is about to refuse requests")
    level.withLock { $0 = .calm }
    #expect(prometheus.alert("resolved", within: .seconds(60)) != nil, "\(prometheus.log)")
  }

  private static func snapshot(_ level: WarningLevel) -> MonitorSnapshot {
    let now = Timestamp(microseconds: 1_795_200_000_000_000)
    let outlook = EarlyWarning.Outlook(
      level: level, age: level == .calm ? 0 : 3, isAgeInferred: false, predictedWait: 0, exhaustionETA: nil)
    return MonitorSnapshot(
      at: now, sources: [SourceState(name: "api", kind: .app, lastTold: now)],
      pools: [
        PoolState(
          name: "orders \"new\"", source: "api", gauges: PoolGauges([.max: 20, .inUse: 20, .waiting: 4]),
          acquireTimeout: .seconds(5), outlook: outlook, lead: .seconds(1.5))
      ])
  }
}
