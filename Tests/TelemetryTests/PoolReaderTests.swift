import Model
import TestSupport
import Testing

@testable import Telemetry

@Suite struct PoolReaderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// A file of `Fixtures`, or the answer itself.
    var answer: String
    var endpoint = PoolEndpoint(url: "http://app.test/pool")
    var gauges: String
    var scheme: PoolScheme?
    var pools: [String] = []

    init(
      _ description: String, _ answer: String, _ gauges: String, _ scheme: PoolScheme? = nil, pools: [String] = [],
      _ change: (inout PoolEndpoint) -> Void = { _ in }
    ) {
      testDescription = description
      self.answer = answer
      self.gauges = gauges
      self.scheme = scheme
      self.pools = pools
      change(&endpoint)
    }

    var bytes: [UInt8] {
      get throws { Array((answer.hasSuffix(".prom") ? try Files.fixtures.text(answer) : answer).utf8) }
    }
  }

  private static let cases: [Case] = [
    Case(
      "Micrometer's names, two pools added up", "hikaricp-micrometer.prom",
      "max 15 total 13 in_use 10 idle 3 waiting 4 timeouts 12 acquire_seconds 22 acquisitions 4100", .hikaricp,
      pools: ["orders", "reports"]),
    Case(
      "one pool of two by its label", "hikaricp-micrometer.prom",
      "max 10 total 10 in_use 9 idle 1 waiting 4 timeouts 12 acquire_seconds 21.5 acquisitions 4000", .hikaricp,
      pools: ["orders"]
    ) { $0.labels = ["pool": "orders"] },
    Case(
      "HikariCP's own tracker, times in nanoseconds", "hikaricp-native.prom",
      "max 8 total 8 in_use 7 idle 1 waiting 3 timeouts 2 acquire_seconds 2.5 acquisitions 50", .hikaricp,
      pools: ["HikariPool-1"]),
    Case(
      "OpenTelemetry's names, a counter that one pool does not have yet", "opentelemetry.prom",
      "max 25 total 12 in_use 8 idle 4 waiting 2 timeouts 4 acquire_seconds 2 acquisitions 4", .openTelemetry,
      pools: ["orders", "reports"]),
    Case(
      "the pool without a timeout yet", "opentelemetry.prom",
      "max 5 total 2 in_use 1 idle 1 waiting 0 acquire_seconds 1 acquisitions 2", .openTelemetry, pools: ["reports"]
    ) { $0.labels = ["db_client_connection_pool_name": "reports"] },
    Case(
      "OpenTelemetry's older names as Python has them", "opentelemetry-sqlalchemy.prom", "total 3 in_use 2 idle 1",
      .openTelemetry, pools: ["orders"]),
    Case(
      "older names of Java, in milliseconds",
      """
      db_client_connections_usage{pool_name="a",state="idle"} 1
      db_client_connections_usage{pool_name="a",state="used"} 4
      db_client_connections_max{pool_name="a"} 5
      db_client_connections_pending_requests{pool_name="a"} 6
      db_client_connections_timeouts_total{pool_name="a"} 7
      db_client_connections_wait_time_milliseconds_sum{pool_name="a"} 1500
      db_client_connections_wait_time_milliseconds_count{pool_name="a"} 30

      """, "max 5 total 5 in_use 4 idle 1 waiting 6 timeouts 7 acquire_seconds 1.5 acquisitions 30", .openTelemetry,
      pools: ["a"]),
    Case(
      "names with dots in quotes, as Prometheus 3 takes them",
      """
      {"db.client.connection.count","db.client.connection.state"="used","db.client.connection.pool.name"="a"} 3
      {"db.client.connection.count","db.client.connection.state"="idle","db.client.connection.pool.name"="a"} 1
      # EOF

      """, "total 4 in_use 3 idle 1", .openTelemetry, pools: ["a"]),
    Case(
      "the exporter of a pooler", "pgbouncer-exporter.prom", "total 20 in_use 17 idle 3 waiting 35", .pgBouncer,
      pools: ["database=orders,user=app", "database=pgbouncer,user=pgbouncer"]),
    Case("no limit is no most", "go-sql.prom", "total 8 in_use 6 idle 2", .databaseSQL, pools: ["orders"]),
    Case(
      "pgxpool's collector", "pgxpool.prom",
      "max 4 total 4 in_use 3 idle 1 timeouts 5 acquire_seconds 0.9 acquisitions 1800", .pgxpool, pools: ["orders"]),
    Case("Prisma's metrics", "prisma.prom", "total 9 in_use 9 idle 0 waiting 14", .prisma),
    Case(
      "pgxpool.Stat as JSON, times in nanoseconds",
      #"{"AcquireCount":10,"AcquireDuration":2500000000,"AcquiredConns":2,"CanceledAcquireCount":1,"IdleConns":1,"MaxConns":4,"TotalConns":3}"#,
      "max 4 total 3 in_use 2 idle 1 timeouts 1 acquire_seconds 2.5 acquisitions 10", .pgxpool),
    Case(
      "sql.DBStats as JSON",
      #"{"MaxOpenConnections":10,"OpenConnections":4,"InUse":3,"Idle":1,"WaitCount":7,"WaitDuration":12}"#,
      "max 10 total 4 in_use 3 idle 1", .databaseSQL),
    Case(
      "everyday words, under a name",
      #"{"memory":{"used":5,"max":9},"threadPool":{"max":200,"active":3},"redis":{"pool":{"max":5,"idle":1}},"db":{"max":10,"active":8,"idle":2,"waiting":0}}"#,
      "max 10 total 10 in_use 8 idle 2 waiting 0", .plain, pools: ["db"]),
    Case(
      "a map of pools, chosen by its key", #"{"pools":{"a":{"max":4,"busy":1},"b":{"max":6,"busy":5}}}"#,
      "max 6 in_use 5", .plain, pools: ["pools.b"]
    ) { $0.labels = ["pool": "b"] },
    Case(
      "one of a list of pools, by its name",
      #"{"pools":[{"name":"a","max":4,"busy":1},{"name":"b","max":6,"busy":5}]}"#,
      "max 6 in_use 5", .plain, pools: ["b"]
    ) { $0.labels = ["pool": "b"] },
    Case(
      "a gauge that only one pool tells is none of the sum",
      #"{"pools":[{"name":"a","max":4,"busy":1,"waiting":3},{"name":"b","max":6,"busy":5}]}"#, "max 10 in_use 6",
      .plain,
      pools: ["a", "b"]),
    Case(
      "places in JSON", #"{"cfg":{"pool_max":"20"},"p":[{"used":3,"n":1},{"used":4,"n":2}]}"#,
      "max 20 in_use 7 waiting 1"
    ) {
      $0.places = [.max: "cfg.pool_max", .inUse: "p[*].used", .waiting: "p[0].n", .timeouts: "p[0].timeouts"]
    },
    Case(
      "places on a page", "my_pool_size{db=\"a\"} 5\nmy_pool_size{db=\"b\"} 6\nmy_busy{db=\"b\"} 2\n", "max 6 in_use 2"
    ) { $0.places = [.max: #"my_pool_size{db="b"}"#, .inUse: "my_busy", .timeouts: "my_timeouts_total"] },
    Case(
      "a place beside a scheme", #"{"totalCount":3,"idleCount":1,"waitingCount":2,"limit":{"most":9}}"#,
      "max 9 total 3 in_use 2 idle 1 waiting 2", .nodePostgres
    ) {
      $0.scheme = .nodePostgres
      $0.places = [.max: "limit.most"]
    },
    Case(
      "a gauge that is no number is not told",
      "hikaricp_connections_active 3\nhikaricp_connections_max NaN\nhikaricp_connections_pending -1\nhikaricp_connections_timeout_total 1e300\n",
      "in_use 3",
      .hikaricp),
    Case(
      "a faulty line takes its figure away, and no other",
      "hikaricp_connections_active{pool=\"a\"} 3\nhikaricp_connections_active{pool=\"b\"} x\nhikaricp_connections_max{pool=\"a\"} 5\n",
      "max 5", .hikaricp, pools: ["a"]),
  ]

  @Test(arguments: cases) func `an answer tells of the pool`(item: Case) throws {
    let reading = try PoolReader(item.endpoint).read(item.bytes)
    #expect(reading.gauges.text == item.gauges)
    #expect(reading.scheme == item.scheme && reading.pools == item.pools, "\(reading)")
  }

  private static let faults: [Case] = [
    Case("an empty answer", "", "the answer is empty"),
    Case(
      "a page of something else", "<!DOCTYPE html>\n<title>404</title>\n",
      "the answer is no page of metrics: line 1: no name of a metric begins like this: '<!DOCTYPE html>'"),
    Case(
      "metrics, but none of a pool", "up 1\nprocess_cpu_seconds_total 3\n",
      "nothing that poolops knows tells of a pool there; the answer has up, process_cpu_seconds_total. Name the scheme, or the places"
    ),
    Case(
      "another scheme than the one named", "up 1\nprisma_pool_connections_open 3\n",
      "nothing of the scheme hikaricp tells of a pool there; the answer has up, prisma_pool_connections_open. Name the scheme, or the places"
    ) { $0.scheme = .hikaricp },
    Case(
      "JSON of something else", #"{"status":"UP","memory":{"used":1,"max":2,"free":1}}"#,
      "nothing that poolops knows tells of a pool there; the answer has status, memory. Name the scheme, or the places"),
    Case(
      "JSON cut off", #"{"totalCount":3,"idle"#,
      "the answer is no JSON: line 1, column 22: the text ends within a string"),
    Case(
      "no such place", #"{"pool":{"size":3}}"#, "there is no 'max' in 'pool'; it has size"
    ) { $0.places = [.max: "pool.max"] },
    Case(
      "a place that is no count", #"{"pool":{"max":-1}}"#, "what stands at 'pool.max' is no number of at least 0"
    ) { $0.places = [.max: "pool.max"] },
    Case(
      "no such metric", "up 1\n", "no metric 'db_max' is there; the page has up"
    ) { $0.places = [.max: "db_max"] },
    Case(
      "no such pool", "hikaricp-micrometer.prom", "no pool has the labels pool=shop; there is orders, reports"
    ) { $0.labels = ["pool": "shop"] },
    Case(
      "JSON where metrics were wanted", #"{"a":1}"#,
      "the answer is no page of metrics: line 1: the line has no end, so that the page may be cut off; every line ends with a line feed"
    ) { $0.format = .prometheus },
    Case(
      "metrics where JSON was wanted", "up 1\n", "the answer is no JSON: line 1, column 1: no value begins like this"
    ) {
      $0.format = .json
    },
  ]

  @Test(arguments: faults) func `an answer that tells nothing is told in one sentence`(item: Case) throws {
    let fault = #expect(throws: PoolReadingFault.self) { try PoolReader(item.endpoint).read(item.bytes) }
    #expect(fault?.description == item.gauges)
  }

  @Test func `every scheme is known by its word`() {
    #expect(Set(PoolNames.all.map(\.scheme)) == Set(PoolScheme.allCases))
    #expect(PoolNames.all.count == PoolScheme.allCases.count)
  }

  @Test(arguments: [
    ("pool.max", "20"), ("pool.timeout", "0.50"), ("pool.mode", "wait"), ("pool.fair", "true"), ("pool.none", "-"),
    ("pool", "-"), ("pool.mix", "-"), ("list[*]", "-"), ("list[1]", "8"), ("pool..max", "-"),
    (#"db_max{pool="a"}"#, "20"), ("db_max", "-"), ("db_timeout", "0.5"), ("db_mix", "-"), ("db max", "-"),
  ]) func `a single value is read as it stands there`(place: String, expected: String) {
    let json = #"{"pool":{"max":20,"timeout":0.50,"mode":"wait","fair":true,"none":null},"list":[7,8]}"#
    let page = "db_max{pool=\"a\"} 20.0\ndb_max{pool=\"b\"} 5\ndb_timeout 5e-1\n"
    let found = AnsweredValue.json(place, in: Array(json.utf8)) ?? AnsweredValue.metric(place, in: Array(page.utf8))
    #expect(found ?? "-" == expected)
  }

  @Test func `whatever comes, the reader answers`() throws {
    var random = RandomBytes(seed: 7)
    let answers = try (Self.cases + Self.faults).map { (try $0.bytes, PoolReader($0.endpoint)) }
    for _ in 0..<60 {
      for (bytes, reader) in answers {
        var damaged = bytes
        for _ in 0..<3 { damaged = damaged.damaged(&random) }
        guard let reading = try? reader.read(damaged) else { continue }
        #expect(!reading.gauges.isEmpty)
      }
    }
  }
}

/// SplitMix64: the same bytes on every run.
struct RandomBytes: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
