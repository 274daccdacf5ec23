import Glibc
import Model
import Telemetry
import TestSupport
import Testing

@testable import Monitor
@testable import Report

@Suite struct ExpositionTests {
  /// What a page is made of, by hand: one pool that queues, one at rest that tells little, a PgBouncer's, a server, machines, and a source that is gone.
  static func snapshot() -> MonitorSnapshot {
    let now = Fixtures.after(30)
    func source(_ name: String, _ kind: SourceKind, fault: String? = nil) -> SourceState {
      SourceState(name: name, kind: kind, fault: fault, lastTold: fault == nil ? now : Fixtures.after(12))
    }
    return MonitorSnapshot(
      at: now,
      sources: [
        source("api", .app), source("bouncer", .pgBouncer), source("db", .postgreSQL),
        source("billing", .app, fault: "connection refused"), source("workers", .processes),
        SourceState(
          name: "reports-db", kind: .postgreSQL, fault: "the server has no connection slot left", isFull: true,
          lastTold: Fixtures.after(20)),
        SourceState(name: "db-host", kind: .nodeExporter, fault: "it has not told anything yet"),
      ],
      pools: [
        PoolState(
          name: "orders", source: "api",
          gauges: PoolGauges([
            .max: 20, .total: 20, .inUse: 20, .idle: 0, .waiting: 7, .oldestWait: 2.75, .timeouts: 3,
            .acquireSeconds: 1234.5, .acquisitions: 88_910,
          ]),
          acquireTimeout: .seconds(5),
          outlook: .init(
            level: .alert, age: 2.75, isAgeInferred: false, predictedWait: .infinity, exhaustionETA: 2.25),
          lead: .seconds(1.5)),
        PoolState(
          name: "reports \"nightly\" \\ two\nlines", source: "api",
          gauges: PoolGauges([.max: 5, .total: 1, .inUse: 1, .idle: 0, .acquisitions: 12]), acquireTimeout: nil,
          outlook: .init(level: .calm, age: nil, isAgeInferred: false, predictedWait: nil, exhaustionETA: nil),
          lead: .none(.waitsForEver)),
        PoolState(
          name: "app/web", source: "bouncer",
          gauges: PoolGauges([
            .max: 25, .total: 6, .inUse: 2, .idle: 4, .waiting: 0, .oldestWait: 0, .acquireSeconds: 0.25,
            .acquisitions: 1e6,
          ]),
          acquireTimeout: .seconds(120),
          outlook: .init(level: .calm, age: 0, isAgeInferred: false, predictedWait: 0, exhaustionETA: nil),
          lead: .seconds(59)),
      ],
      servers: [
        ServerState(
          source: "db", slots: 100, reservedSlots: 3, usedSlots: 41,
          sessions: ["idle": 20, "active": 19, "idle in transaction": 2], hiddenSessions: 3, transactionRate: 418.5,
          holders: [
            ConnectionHolder(pid: 4711, application: "api", user: "app", state: "active", seconds: 12.5),
            ConnectionHolder(pid: 4712, application: "api", user: "app", state: "active", seconds: 0.1),
          ])
      ],
      machines: [
        MachineState(source: "workers", cpu: 0.125, memory: 3.5e8)
      ])
  }

  /// Before anything was told.
  static func first() -> MonitorSnapshot {
    MonitorSnapshot(
      at: Fixtures.start,
      sources: [SourceState(name: "api", kind: .app, fault: "it has not told anything yet")])
  }

  static func page(_ snapshot: MonitorSnapshot) -> String { MetricsPage(snapshot, version: "0.1.0").text }

  @Test func `a page says what is watched`() {
    expectSnapshot(Self.page(Self.snapshot()), "metrics.prom")
    expectSnapshot(Self.page(Self.first()), "metrics-first.prom")
  }

  @Test func `of a source that is gone nothing is left but that it is gone`() {
    var snapshot = Self.snapshot()
    snapshot.sources[0].fault = "connection refused"
    snapshot.sources[2].fault = "the server is full"
    let read = PrometheusText(Array(Self.page(snapshot).utf8))
    for (index, isUp) in [false, true, false, false, true, false, false].enumerated() {
      let of = read.samples.filter { $0["source"] == snapshot.sources[index].name }
      #expect(of.first { $0.name == "poolops_source_up" }?.value == (isUp ? 1 : 0))
      let rest = of.map(\.name).filter { !$0.hasPrefix("poolops_source_") }
      #expect(snapshot.sources[index].isFull ? rest == ["poolops_server_full"] : rest.isEmpty == !isUp)
    }
  }

  @Test func `what a page says is read back by poolops itself`() throws {
    let snapshot = Self.snapshot()
    let page = Array(Self.page(snapshot).utf8)
    let read = PrometheusText(page)
    #expect(read.faults == [] && read.isComplete)
    for sample in read.samples {
      let family = ["_sum", "_count"].reduce(sample.name) { name, suffix in
        name.hasPrefix("db_client_connection_wait_time") && name.hasSuffix(suffix)
          ? String(name.dropLast(suffix.count)) : name
      }
      #expect(read.kinds[family] != nil && read.helps[family]?.isEmpty == false, "\(sample.name)")
    }
    for pool in snapshot.pools {
      let endpoint = PoolEndpoint(
        url: "http://127.0.0.1:9187/metrics", scheme: .openTelemetry,
        labels: ["db_client_connection_pool_name": pool.name, "source": pool.source])
      let reading = try PoolReader(endpoint).read(page)
      var expected = pool.gauges
      // A count of acquisitions without their time is no summary.
      if expected[.acquireSeconds] == nil { expected[.acquisitions] = nil }
      #expect(reading.gauges == expected)
      #expect(reading.pools == [pool.name])
    }
    let recognised = try PoolReader(PoolEndpoint(url: "http://127.0.0.1:9187/metrics")).read(page)
    #expect(recognised.scheme == .openTelemetry)
    #expect(recognised.pools.count == 3)
  }

  @Test func `promtool finds nothing to say about a page`() throws {
    for snapshot in [Self.first(), Self.snapshot()] {
      let answer = try promtool(Self.page(snapshot))
      #expect(answer.output == "")
      #expect(answer.status == 0)
    }
    // It would find something.
    let other = try promtool("# TYPE db_client_connection_count gauge\ndb_client_connection_count 1\n")
    #expect(other.status != 0)
  }

  private func promtool(_ page: String) throws -> (status: Int32, output: String) {
    var template = Array("/tmp/poolops-page-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    try #require(file >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Array(page.utf8)
    #expect(write(file, bytes, bytes.count) == bytes.count)
    close(file)
    let pipe = try #require(popen("promtool check metrics <\(path) 2>&1", "r"))
    var output: [UInt8] = []
    while case let byte = fgetc(pipe), byte != EOF { output.append(UInt8(truncatingIfNeeded: byte)) }
    return (pclose(pipe), String(decoding: output, as: UTF8.self))
  }

  @Test(arguments: [
    (0.0, "0"), (20, "20"), (-3, "-3"), (0.125, "0.125"), (1e6, "1000000"), (1_795_200_030.25, "1795200030.25"),
    (1e300, "1e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
  ])
  func `numbers are written as Prometheus reads them`(value: Double, text: String) {
    #expect(MetricFamily.number(value) == text)
  }

  @Test(
    arguments: [
      // Level, age, predicted wait, time to exhaustion, acquire timeout; then warning, alert and the time on the page.
      (WarningLevel.calm, 0.0, 0.0, nil, 5, [0, 0], Double.infinity),
      (.warning, 1.5, 4, 9, 5, [1, 0], 9), (.alert, 4, 9, 0.5, 5, [1, 1], 0.5),
      (.calm, 0.2, nil, nil, 5, [0, 0], nil), (.calm, nil, nil, nil, 5, [], nil),
      (.calm, 40, .infinity, nil, nil, [], nil),
    ] as [(WarningLevel, Double?, Double?, Double?, Int?, [Double], Double?)])
  func `the early warning is told where there is something to warn of`(
    level: WarningLevel, age: Double?, predicted: Double?, eta: Double?, timeout: Int?, levels: [Double], told: Double?
  ) {
    var snapshot = Self.snapshot()
    snapshot.pools = [snapshot.pools[0]]
    snapshot.pools[0].acquireTimeout = timeout.map { .seconds($0) }
    snapshot.pools[0].outlook = .init(
      level: level, age: age, isAgeInferred: true, predictedWait: predicted, exhaustionETA: eta)
    let read = PrometheusText(Array(Self.page(snapshot).utf8)).samples
    let warnings = read.filter { $0.name == "poolops_early_warning" }
    #expect(warnings.map(\.value) == levels)
    #expect(warnings.map { $0["level"] } == (levels.isEmpty ? [] : ["warning", "alert"]))
    #expect(read.first { $0.name == "poolops_exhaustion_eta_seconds" }?.value == told)
  }
}
