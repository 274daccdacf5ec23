import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

@testable import Telemetry

/// The libraries themselves, brought into a known state: what they say of it is read as what it is.
///
/// What `scripts/setup test` installs must be there; pg-pool is asked where it can be found.
struct RealPoolsTests {
  struct Library: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var command: String
    var scheme: PoolScheme
    var needs: String
    var isInstalled = true
  }

  private static let jars = ["HikariCP", "slf4j-api", "slf4j-nop", "metrics-core"]
    .map { "/usr/share/java/\($0).jar" }.joined(separator: ":")

  private static let pgPool: String = {
    let places = ["/usr/share/nodejs/", Files.folder + "../../.build/libraries/usr/share/nodejs/"].map {
      $0 + "pg-pool"
    }
    return places.first { access($0, F_OK) == 0 } ?? places[1]
  }()

  private static let libraries = [
    Library(
      testDescription: "psycopg_pool", command: "/usr/bin/python3 \(Files.oracles)pools.py psycopg_pool DSN",
      scheme: .psycopgPool, needs: "/usr/lib/python3/dist-packages/psycopg_pool"),
    Library(
      testDescription: "SQLAlchemy", command: "/usr/bin/python3 \(Files.oracles)pools.py sqlalchemy DSN",
      scheme: .sqlAlchemy, needs: "/usr/lib/python3/dist-packages/sqlalchemy"),
    Library(
      testDescription: "asyncpg", command: "/usr/bin/python3 \(Files.oracles)pools.py asyncpg DSN", scheme: .asyncpg,
      needs: "/usr/lib/python3/dist-packages/asyncpg"),
    Library(
      testDescription: "HikariCP", command: "java -cp \(jars) \(Files.oracles)HikariPools.java", scheme: .hikaricp,
      needs: "/usr/share/java/metrics-core.jar"),
    Library(
      testDescription: "pg-pool", command: "node \(Files.oracles)pools.js \(pgPool)", scheme: .nodePostgres,
      needs: pgPool, isInstalled: false),
  ]

  @Test(.timeLimit(.minutes(2)), arguments: libraries)
  func `a real pool is read as it is`(library: Library) throws {
    guard access(library.needs, F_OK) == 0 else {
      Issue.record(
        "\(library.testDescription) is not at \(library.needs)", severity: library.isInstalled ? .error : .warning)
      return
    }
    let admin = try TestCluster.running().admin
    let dsn = ["host", "port", "user", "dbname"].compactMap { key in admin[key].map { "\(key)=\($0)" } }
    let command = library.command.replacing("DSN", with: "'\(dsn.joined(separator: " "))'")
    let answer = output(of: "timeout 60 \(command) 2>&1")
    let lines = answer.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.isEmpty }.map(String.init)
    try #require(lines.count >= 2 && lines.count.isMultiple(of: 2), "\(answer)")
    for index in stride(from: 0, to: lines.count, by: 2) {
      let reading = try PoolReader(PoolEndpoint(url: "")).read(Array(lines[index].utf8))
      let truth = lines[index + 1].split(separator: " ")
      let told = stride(from: 0, to: truth.count, by: 2).map { position in
        let value = PoolFigure(rawValue: String(truth[position])).flatMap { reading.gauges[$0] }
        return "\(truth[position]) \(value.map { decimal($0, places: 6) } ?? "-")"
      }
      #expect(told.joined(separator: " ") == lines[index + 1], "\(lines[index])")
      #expect(reading.scheme == library.scheme)
    }
  }
}
