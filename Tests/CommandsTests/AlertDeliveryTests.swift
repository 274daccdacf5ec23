import EventLoop
import Glibc
import Model
import Monitor
import Store
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// Alerts that leave the process: to a webhook that fails at first, to one that hangs, and to a real Alertmanager.
@Suite(.serialized) struct AlertDeliveryTests {
  private static func at(_ second: Int64) -> Timestamp { Timestamp(microseconds: 1_000_000 * (1_800_000_000 + second)) }

  /// A pool of this level, and what has changed since another one.
  private static func moment(_ second: Int64, _ level: WarningLevel, _ book: inout AlertBook, start: Timestamp? = nil)
    -> MonitorMoment
  {
    let outlook = EarlyWarning.Outlook(
      level: level, age: 3, isAgeInferred: false, predictedWait: nil, exhaustionETA: level == .alert ? 2.5 : nil)
    let pool = PoolState(
      name: "orders", source: "app", gauges: PoolGauges([.max: 5, .inUse: 5, .waiting: 9]),
      acquireTimeout: .seconds(5), outlook: outlook, lead: .seconds(1.5))
    let when = start.map { Timestamp(microseconds: $0.microseconds + second * 1_000_000) } ?? at(second)
    let snapshot = MonitorSnapshot(at: when, sources: [SourceState(name: "app", kind: .app)], pools: [pool])
    let changes = book.take(snapshot)
    return MonitorMoment(
      snapshot: snapshot, alerts: book.active, changes: changes, worst: level, isFirst: false, isLast: false)
  }

  /// Keeps what is posted, a line each; answers 503 the first two times, or never.
  private static let receiver = """
    import http.server, sys, time
    folder, manner = sys.argv[1:3]
    failures = [503, 503] if manner == "fails" else []
    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if manner == "hangs":
                time.sleep(3600)
            status = failures.pop() if failures else 200
            with open(folder + "/heard", "a") as heard:
                heard.write(f"{status} {self.headers['Content-Type']} {body}\\n")
            self.send_response(status)
            self.end_headers()
        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    with open(folder + "/port", "w") as file:
        file.write(f"{server.server_port}\\n")
    server.serve_forever()
    """

  private static func receive(_ folder: TemporaryFolder, _ manner: String) throws -> (Program, url: String) {
    let program = try Program("/usr/bin/python3", ["-c", receiver, folder.path, manner])
    try program.wait { text(of: folder.path + "/port")?.hasSuffix("\n") == true }
    let port = (text(of: folder.path + "/port") ?? "").filter(\.isNumber)
    return (program, "http://127.0.0.1:\(port)/hooks/T0PS3CRET")
  }

  private static func heard(_ folder: TemporaryFolder) -> [String] {
    (text(of: folder.path + "/heard") ?? "").split(separator: "\n").map(String.init)
  }

  private final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    func say(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func `a webhook hears of each change in order, also where it fails at first, and nobody waits for it`() throws {
    let folder = TemporaryFolder()
    let (program, url) = try Self.receive(folder, "fails")
    let said = Said()
    let delivery = try AlertDelivery(Webhook(url: url, name: "the webhook 127.0.0.1")) { said.say($0) }
    var book = AlertBook()
    let start = ContinuousClock.now
    for (second, level) in [WarningLevel.warning, .alert, .alert, .calm].enumerated() {
      delivery.take(Self.moment(Int64(second), level, &book))
    }
    #expect(ContinuousClock.now - start < .seconds(1), "it only puts them into a queue")
    try program.wait { Self.heard(folder).count >= 5 }
    delivery.close()
    let heard = Self.heard(folder)
    #expect(heard.map { $0.prefix(3) } == ["503", "503", "200", "200", "200"], "\(heard)")
    let levels = heard.suffix(3).map {
      $0.contains(#""level":"warning""#) ? "w" : $0.contains(#""level":"alert""#) ? "a" : "c"
    }
    #expect(levels == ["w", "a", "c"] && heard.allSatisfy { $0.contains(" application/json {") }, "\(heard)")
    #expect(heard[3].contains(#""pool":{"name":"orders","source":"app","level":"alert""#), "\(heard[3])")
    #expect(
      said.all == [
        "the webhook 127.0.0.1 cannot be told: it answers with status 503; it is tried again",
        "the webhook 127.0.0.1 is told again",
      ])
  }

  @Test func `a webhook that hangs holds nobody up, not even the end`() throws {
    let folder = TemporaryFolder()
    let (program, url) = try Self.receive(folder, "hangs")
    let delivery = try AlertDelivery(Webhook(url: url, name: "x")) { _ in }
    var book = AlertBook()
    delivery.take(Self.moment(0, .alert, &book))
    let start = ContinuousClock.now
    delivery.close()
    #expect(ContinuousClock.now - start < .seconds(8))
    withExtendedLifetime(program) {}
  }

  @Test func `Alertmanager takes an alert, and hears that it is over`() throws {
    let prometheus = try TestPrometheus(scraping: 1, rules: "groups: []\n")
    let base = "http://127.0.0.1:\(prometheus.managerPort)/"
    let said = Said()
    let delivery = try AlertDelivery(Alertmanager(base: base, name: "the Alertmanager")) { said.say($0) }
    var book = AlertBook()
    // An end that is still to come would not end it.
    let start = Timestamp(microseconds: WallClock.now / 1000 - 5_000_000)
    delivery.take(Self.moment(0, .alert, &book, start: start))
    let firing = try #require(
      prometheus.alert("PoolNearExhaustion", "firing", within: .seconds(30)), "\(prometheus.log) \(said.all)")
    #expect(
      firing.labels == ["alertname": "PoolNearExhaustion", "severity": "critical", "source": "app", "pool": "orders"])
    #expect(
      firing.annotations["description"]
        == "orders (app): first timeout in about 2.5 s unless fewer come or connections free up")
    delivery.take(Self.moment(1, .calm, &book, start: start))
    #expect(
      prometheus.alert("PoolNearExhaustion", "resolved", within: .seconds(30))?.labels["pool"] == "orders",
      "\(said.all)")
    delivery.close()
    #expect(said.all == [])
  }

  @Test func `the command tells a webhook of what it sees, keeps it, and quotes no secret of its URL`() throws {
    let project = TestProject()
    let folder = TemporaryFolder()
    let (program, url) = try Self.receive(folder, "fine")
    let ending = project.command(
      "monitor pg=NOWHERE --interval 500ms --for 8s --record --webhook HOOK",
      variables: ["NOWHERE": "postgresql://u@127.0.0.1:1/x", "HOOK": url])
    #expect(
      ending.status == 0 && !ending.error.contains("T0PS3CRET") && !ending.error.contains("cannot be"), "\(ending)")
    let heard = Self.heard(folder)
    #expect(heard.count == 1 && heard[0].contains(#""subject":"NOWHERE""#) && heard[0].contains("refused"), "\(heard)")
    let results = try project.results()
    #expect(try results.watchSamples(1, kind: "pool", source: "x", name: "").isEmpty)
    let refused = project.command("monitor pid=1 --once --webhook https://u:T0PS3CRET@h/x")
    #expect(refused.status == Exit.usage.rawValue && !refused.error.contains("T0PS3CRET"), "\(refused)")
    let away = project.command(
      "monitor pg=NOWHERE --interval 500ms --for 6s --webhook http://127.0.0.1:1/hooks/T0PS3CRET",
      variables: ["NOWHERE": "postgresql://u@127.0.0.1:1/x"])
    #expect(away.status == 0 && away.error.contains("the webhook 127.0.0.1:1 cannot be told: "), "\(away)")
    #expect(!away.error.contains("T0PS3CRET"))
    withExtendedLifetime(program) {}
  }
}
