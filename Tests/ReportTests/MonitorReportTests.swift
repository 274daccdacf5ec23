import Model
import Monitor
import TestSupport
import Testing

@testable import Report

private let noon = Timestamp(microseconds: 1_796_126_400_000_000)

private func pool(
  _ name: String, source: String = "127.0.0.1:8080/pool", _ gauges: [PoolFigure: Double], timeout: Double? = 5,
  level: WarningLevel = .calm, age: Double? = nil, inferred: Bool = false, predicted: Double? = nil, eta: Double? = nil,
  rates: PoolRates = PoolRates(), note: String? = nil, history: [PoolPoint] = []
) -> PoolState {
  PoolState(
    name: name, source: source, gauges: PoolGauges(gauges), acquireTimeout: timeout.map(Duration.ofSeconds),
    outlook: .init(level: level, age: age, isAgeInferred: inferred, predictedWait: predicted, exhaustionETA: eta),
    lead: timeout.map { .seconds($0 / 2 - 1) } ?? .none(.waitsForEver), rates: rates, note: note, history: history)
}

private func ramp(_ seconds: Int) -> [PoolPoint] {
  (0..<seconds).map { PoolPoint(at: Double($0), inUse: 20, waiting: max(0, Double($0 - 200)), rate: 400) }
}

private let orders = pool(
  "orders", [.max: 20, .inUse: 20, .idle: 0, .waiting: 99], level: .alert, age: 2.6, inferred: true, predicted: 7.2,
  eta: 3.7, rates: PoolRates(acquisitions: 412, meanWait: 0.031), history: ramp(300))
private let reports = pool(
  "reports", [.max: 10, .inUse: 2, .idle: 3, .waiting: 0], age: 0, predicted: 0,
  rates: PoolRates(acquisitions: 4.2, meanWait: 0.0002))
private let shop = pool(
  "app/shop", source: "PGBOUNCER_URL", [.max: 40, .inUse: 0, .idle: 12, .waiting: 3, .oldestWait: 30], timeout: 120,
  level: .warning, age: 30, rates: PoolRates(acquisitions: 0), note: "paused")

private let server = ServerState(
  source: "DATABASE_URL", slots: 100, reservedSlots: 3, usedSlots: 92,
  sessions: ["idle": 60, "active": 28, "idle in transaction": 2], hiddenSessions: 1,
  applications: [
    ApplicationSessions(name: "shop", sessions: 70, active: 26), ApplicationSessions(name: "", sessions: 20, active: 2),
  ], transactionRate: 12_412,
  holders: [
    ConnectionHolder(pid: 4711, application: "shop", user: "app", state: "idle in transaction", seconds: 131),
    ConnectionHolder(pid: 4712, application: "", user: "cron", state: "active", seconds: 4.2),
  ])

private let busy = MonitorSnapshot(
  at: noon,
  sources: [
    SourceState(name: "127.0.0.1:8080/pool", kind: .app, lastTold: noon),
    SourceState(name: "PGBOUNCER_URL", kind: .pgBouncer, lastTold: noon),
    SourceState(name: "DATABASE_URL", kind: .postgreSQL, lastTold: noon),
    SourceState(
      name: "db1:9100/metrics", kind: .nodeExporter, fault: "http://db1:9100: connection refused",
      lastTold: Timestamp(microseconds: noon.microseconds - 61_000_000)),
    SourceState(name: "pid 1234", kind: .processes, lastTold: noon),
  ], pools: [reports, orders, shop], servers: [server],
  machines: [MachineState(source: "pid 1234", cpu: 0.431, memory: 312_000_000)])

private let alerts = [
  Alert(subject: .pool(name: "app/shop", source: "PGBOUNCER_URL"), level: .warning, since: noon),
  Alert(subject: .pool(name: "orders", source: "127.0.0.1:8080/pool"), level: .alert, since: noon),
]

private let full = MonitorSnapshot(
  at: noon,
  sources: [
    SourceState(
      name: "DATABASE_URL", kind: .postgreSQL,
      fault: "no connection slot is left: FATAL:  sorry, too many clients already",
      isFull: true)
  ])

@Suite struct MonitorReportTests {
  private static let events = ["11:59:58  warning: orders (127.0.0.1:8080/pool): requests wait long"]

  private func screen(_ snapshot: MonitorSnapshot, rows: Int = 24, _ style: Style = Style(width: 80)) -> [String] {
    MonitorView(snapshot, alerts: alerts, events: Self.events, rows: rows, style: style).lines
  }

  @Test(arguments: [
    ("screen-80x24", 24, Style(width: 80)), ("screen-80x50", 50, Style(width: 80)),
    ("screen-ascii", 40, Style(unicode: false, width: 80)), ("screen-wide", 50, Style(width: 140)),
    ("screen-colour", 24, Style(colour: true, width: 80)), ("screen-tiny", 8, Style(width: 40)),
  ])
  func `the screen shows what is urgent first, and fits`(name: String, rows: Int, style: Style) {
    let lines = screen(busy, rows: rows, style)
    let plain = lines.map { $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") }
    #expect(lines.count <= rows - 1 && plain.allSatisfy { $0.count < style.width }, "\(plain)")
    expectSnapshot(lines.joined(separator: "\n") + "\n", "monitor-\(name).txt")
  }

  @Test func `a screen of a hundred pools and one without any fit too`() {
    var many = busy
    many.pools = (1...100).map { pool("pool-\($0)", [.max: 10, .inUse: 1, .waiting: 0]) } + [orders]
    let lines = screen(many)
    #expect(lines.count <= 23 && lines[2].hasPrefix("orders") || lines[3].hasPrefix("orders"), "\(lines)")
    #expect(lines.contains { $0.hasPrefix("and ") && $0.hasSuffix(" more pools, none worse") }, "\(lines)")
    for rows in [1, 4, 9, 24, 40] {
      for width in [1, 20, 33, 80] {
        for snapshot in [busy, many, full, MonitorSnapshot(at: noon)] {
          let lines = screen(snapshot, rows: rows, Style(width: width))
          #expect(lines.count <= max(3, rows - 1) && lines.allSatisfy { $0.count < max(20, width) })
        }
      }
    }
  }

  @Test(arguments: [
    (80, "q quits   metrics at http://127.0.0.1:9187/metrics"), (45, "q quits  http://127.0.0.1:9187/metrics"),
    (30, "q quits  127.0.0.1:9187"), (20, "q quits  :9187"),
  ]) func `where metrics are served stands in the foot, in what room there is`(width: Int, foot: String) {
    let style = Style(width: width)
    let view = MonitorView(busy, alerts: alerts, events: Self.events, serving: "127.0.0.1:9187", rows: 24, style: style)
    #expect(view.lines.last == foot && view.lines.count <= 23, "\(view.lines)")
    #expect(MonitorView(busy, rows: 24, style: style).lines.last == "q quits")
  }

  @Test func `lines, JSON and Nagios say the same`() {
    expectSnapshot(MonitorLines.text(busy).joined(separator: "\n") + "\n", "monitor-lines.txt")
    expectSnapshot(MonitorJSON.value(busy).text, "monitor.json")
    expectSnapshot([busy, full].map { NagiosReport($0).line + "\n" }.joined(), "monitor-nagios.txt")
  }

  @Test func `a plugin's status is the worst that was seen, and unknown where nothing worse is known`() {
    var calm = busy
    calm.pools = [reports]
    calm.servers = []
    var gone = calm
    calm.sources[3].fault = nil
    #expect(NagiosReport(calm).status == .ok && NagiosReport(calm, worst: .warning).status == .warning)
    #expect(NagiosReport(calm, worst: .alert).line.contains("calm now, but alert within the time that was watched"))
    #expect(NagiosReport(gone).status == .unknown && NagiosReport(busy).status == .critical)
    gone.pools = [shop]
    #expect(NagiosReport(gone).status == .warning && NagiosReport(full).status == .critical)
    calm.pools[0].name = "it's|a=b\nc"
    #expect(NagiosReport(calm).line.contains("'it''s/a:b c used'=2;;;0;10"))
    calm.pools = [reports, pool("reports", source: "other", [.inUse: 7])]
    #expect(NagiosReport(calm).line.contains("'127.0.0.1:8080/pool reports used'=2;;;0;10"))
    #expect(NagiosReport(calm).line.contains("'other reports used'=7"))
  }

  private static let outlooks: [(pool: PoolState, words: String)] = [
    (reports, "nobody waits"),
    (orders, "first timeout in about 3.7 s unless fewer come or connections free up"),
    (shop, "requests wait long: 30 s of 2 min"),
    (pool("a", [.waiting: 2], age: 0.1, predicted: 0.3), "requests wait, and are served in time"),
    (
      pool("a", [.waiting: 0], level: .warning, age: 0),
      "nobody waits any more; a moment ago requests waited long"
    ),
    (pool("a", [.inUse: 2]), "it does not tell how many requests wait"),
    (pool("a", [.waiting: 9], age: 1, predicted: 3, eta: 400), "requests wait, and are served in time"),
    (
      pool("a", [.waiting: 9], age: 1, predicted: 3, eta: 9),
      "first timeout in about 9 s unless fewer come or connections free up"
    ),
    (
      pool("a", [.waiting: 9], level: .alert, age: 6, eta: 0),
      "the oldest request has waited its whole time: it fails now"
    ),
    (
      pool("a", [.waiting: 9], level: .alert, age: 5, eta: 0, rates: PoolRates(timeouts: 12)),
      "requests time out: 12 a second"
    ),
    (
      pool("a", [.waiting: 9], timeout: nil, age: 61, inferred: true),
      "the oldest request has waited at most 1 min 1 s; no acquire timeout is known"
    ),
    (pool("a", [.waiting: 0], timeout: nil, age: 0), "no acquire timeout is known: no warning can be given"),
    (
      pool("a", [.waiting: 9], level: .alert, age: 6, inferred: true, eta: 0),
      "the oldest request may have waited its whole time: it may fail now"
    ),
  ]

  @Test(arguments: outlooks) func `what is to come is said in words`(pool: PoolState, words: String) {
    #expect(MonitorWords.outlook(pool) == words)
  }

  @Test func `a change is one line, and an object for a webhook`() {
    let change = AlertChange(subject: alerts[1].subject, before: .warning, level: .alert, at: noon)
    #expect(MonitorWords.line(change, busy) == "alert: orders (127.0.0.1:8080/pool): \(MonitorWords.outlook(orders))")
    let json = MonitorJSON.change(change, busy).line
    #expect(
      json.hasPrefix(#"{"at":"2026-12-01T12:00:00Z","level":"alert","before":"warning","subject":"orders ("#), "\(json)"
    )
    let calm = AlertChange(subject: .slots(source: "DATABASE_URL"), before: .warning, level: .calm, at: noon)
    #expect(
      MonitorWords.line(calm, busy).hasPrefix("calm again: connection slots of DATABASE_URL: 5 of 100 slots free"))
    let gone = AlertChange(subject: .source("db1:9100/metrics"), before: .calm, level: .warning, at: noon)
    #expect(
      MonitorWords.line(gone, busy)
        == "warning: db1:9100/metrics: nothing can be seen of it: http://db1:9100: connection refused")
  }

  @Test func `bars and curves are of the length that they are given`() {
    let bars = MonitorBars(unicode: false)
    for (used, idle, text) in [
      (0.0, 0.0, "....."), (10, 0, "#####"), (1, 1, "#=..."), (9, 9, "####="), (0.01, 0, "#...."),
    ] {
      let bar = bars.bar(used: used, idle: idle, most: 10, width: 5)
      #expect(bar.used + bar.idle + bar.free == text)
    }
    let points = (0..<10).map { (at: Double($0), value: Double($0)) }
    #expect(
      bars.sparkline(points, seconds: 10, width: 5).text == ".,-=#"
        && bars.sparkline([], seconds: 10, width: 3).text == "   ")
  }
}
