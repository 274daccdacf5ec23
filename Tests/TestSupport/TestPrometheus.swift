import Glibc
import Staging

/// A real Prometheus and Alertmanager on 127.0.0.1, and a webhook that hears of alerts.
package final class TestPrometheus: Sendable {
  /// What Alertmanager posted to the webhook, as far as tests ask.
  package struct Notification: Decodable, Sendable {
    package struct Alert: Decodable, Sendable {
      /// `firing` or `resolved`.
      package var status: String
      package var labels: [String: String]
      package var annotations: [String: String]
    }
    package var alerts: [Alert]
  }

  /// Where both say that they listen.
  private static let listening = "\"Listening on\" address=127.0.0.1:"

  /// Alertmanager's.
  package let managerPort: Int
  private let webhook: TestWebhook
  private let manager: TestProcess
  private let prometheus: TestProcess

  /// Looks at 127.0.0.1:`port` and at the rules once a second. Returns when both are ready.
  /// - Parameter token: shown to the target.
  package init(scraping port: UInt16, token: String? = nil, rules: String) throws {
    webhook = try TestWebhook()
    (manager, managerPort) = try Self.alertmanager(telling: webhook)
    prometheus = try Self.prometheus(scraping: port, token: token, rules: rules, telling: managerPort)
  }

  private static func alertmanager(telling webhook: TestWebhook) throws -> (TestProcess, port: Int) {
    let home = TemporaryFolder()
    try home.write(
      """
      route: { receiver: hook, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
      receivers: [ { name: hook, webhook_configs: [ { url: "\(webhook.url)", send_resolved: true } ] } ]

      """, to: "alertmanager.yml")
    let program = try TestProcess.listening(
      [
        "/usr/bin/prometheus-alertmanager", "--config.file=\(home.path)/alertmanager.yml",
        "--storage.path=\(home.path)/data", "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
      ], in: home, telling: Self.listening)
    waitUntilReady(program.port)
    return program
  }

  private static func prometheus(
    scraping port: UInt16, token: String?, rules: String, telling manager: Int
  ) throws -> TestProcess {
    let home = TemporaryFolder()
    try home.write(rules, to: "rules.yml")
    if let token { try home.write(token, to: "token") }
    try home.write(
      """
      global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
      rule_files: [ rules.yml ]
      scrape_configs:
        - job_name: poolops
          static_configs: [ { targets: [ "127.0.0.1:\(port)" ] } ]
          \(token == nil ? "" : "authorization: { credentials_file: token }")
      alerting: { alertmanagers: [ { static_configs: [ { targets: [ "127.0.0.1:\(manager)" ] } ] } ] }

      """, to: "prometheus.yml")
    let program = try TestProcess.listening(
      [
        "/usr/bin/prometheus", "--config.file=\(home.path)/prometheus.yml", "--storage.tsdb.path=\(home.path)/data",
        "--web.listen-address=127.0.0.1:0",
      ], in: home, telling: Self.listening)
    waitUntilReady(program.port)
    return program.0
  }

  private static func waitUntilReady(_ port: Int) {
    let url = "http://127.0.0.1:\(port)/-/ready"
    for _ in 0..<1000 where (try? TestFetcher().get(url, within: .seconds(1)))?.status != 200 { usleep(20_000) }
  }

  /// What the webhook has heard so far, in order.
  package var notifications: [Notification] { webhook.heard.compactMap { $0.decoded() } }

  /// The first alert of this name that was heard of with this status; nil when none comes within the limit.
  package func alert(_ name: String, _ status: String, within limit: Duration) -> Notification.Alert? {
    let end = ContinuousClock.now + limit
    while true {
      let heard = notifications.flatMap(\.alerts)
      if let alert = heard.first(where: { $0.labels["alertname"] == name && $0.status == status }) { return alert }
      if ContinuousClock.now >= end { return nil }
      usleep(50_000)
    }
  }

  /// What both have written, for the message of a test that failed.
  package var log: String { manager.log + prometheus.log }
}
