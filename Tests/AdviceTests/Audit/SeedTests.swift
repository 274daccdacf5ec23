import Advice
import Configuration
import Manifests
import Model
import System
import Testing

/// The configurations of five documents about pools, as files: what a specialist would say of them.
@Suite struct SeedTests {
  private static let folder =
    String(#filePath.prefix(upTo: (#filePath.range(before: "/Audit/") ?? #filePath.startIndex))) + "/Fixtures/seeds/"

  private static func bytes(_ path: String) -> [UInt8]? { (try? FileSystem.bytes(of: folder + path)) ?? nil }

  private static func read(_ path: String) -> ConfigurationFile? {
    guard let bytes = bytes(path),
      case .read(let file) = ConfigurationReader.read(bytes, path: path, others: { Self.bytes($0) }, named: true)
    else { return nil }
    return file
  }

  static let files = [
    "000": ["000/.env", "000/postgresql.conf"], "001": ["001/.env.production", "001/postgresql.conf"],
    "002": ["002/.env", "002/postgresql.conf"], "003": ["003/.env", "003/postgresql.conf"],
    "004": ["004/compose.yaml", "004/pgbouncer.ini"],
  ]

  private func audit(_ seed: String, _ change: (inout AuditOptions) -> Void = { _ in }) throws -> AuditResult {
    let paths = try #require(Self.files[seed])
    return Audit.run(files: try paths.map { try #require(Self.read($0), "\($0)") }, options: .with(change))
  }

  /// `rule severity file:line: part of the message`, all of them and no other above a note.
  @Test(
    arguments: [
      (
        "000",
        [
          ("unknown-setting", "000/.env:6", "of a cached statement, not of a connection"),
          ("no-acquire-timeout", "000/.env:5", "waits without limit"),
        ]
      ),
      ("001", []), ("002", []),
      (
        "003",
        [
          ("churn", "003/.env:3", "retains 5 of 40"),
          ("unknown-setting", "003/.env:5", "DB_POOL_TIMEOUT=30 does nothing"),
          ("unknown-setting", "003/.env:6", "DB_POOL_RECYCLE=3600 does nothing"),
          ("oracle-getmode", "003/.env:7", "python-oracledb"),
        ]
      ),
      (
        "004",
        [
          ("slot-budget", "004/compose.yaml:8", "205 connections are possible and db has 97 slots"),
          ("no-acquire-timeout", "004/compose.yaml:8", "waits without limit"),
          ("no-acquire-timeout", "004/compose.yaml:19", "waits without limit"),
          ("prepared-statements", "004/compose.yaml:17", "does not track prepared statements"),
        ]
      ),
    ] as [(String, [(String, String, String)])])
  func `the findings above a note are these`(_ seed: String, _ expected: [(String, String, String)]) throws {
    let found = try audit(seed).findings.filter { $0.severity > .note }
    let text = found.map { finding in
      "\(finding.rule.id) \(finding.place.map { "\($0.file):\($0.line)" } ?? "-"): \(finding.message)"
    }
    let missing = expected.filter { rule, place, part in
      !text.contains { $0.hasPrefix("\(rule) \(place): ") && $0.contains(part) }
    }
    #expect(missing.isEmpty && text.count == expected.count, "\(text.joined(separator: "\n"))")
  }

  @Test func `001: 50 of 90 is 56 percent, and a rolling deploy of one copy more does not fit`() throws {
    let budget = try #require(try audit("001").budgets.first)
    #expect(budget.atRest == 50 && budget.usable == 90 && budget.verdict == .fits)
    #expect(Int(((budget.share ?? 0) * 100).rounded()) == 56)
    #expect(budget.breaks.map { [$0.atRest, $0.duringDeploy] } == [[2, 2]])
    let rolling = try audit("001") { $0.surge = .percent(100) }
    #expect(rolling.findings.contains { $0.rule.id == "slot-budget" && $0.severity == .critical })
  }

  @Test func `002: 10 to 50 by its names, with their units, and two copies do not fit the usual 100`() throws {
    let pool = try #require(try audit("002").landscape.pools.first)
    let said = pool.settings.keys.sorted().map { "\($0.rawValue) \(pool.settings[$0]?.value?.text(for: $0) ?? "?")" }
    #expect(
      said == ["max_size 50", "min_size 10", "acquire_timeout 5s", "idle_timeout 10m", "max_lifetime 30m"])
    let twice = try audit("002") { $0.replicas = 2 }
    #expect(twice.findings.contains { $0.rule.id == "slot-budget" && $0.severity == .critical })
  }

  @Test func `003: without the directive nothing of psycopg2 is claimed`() throws {
    var file = try #require(Self.read("003/.env"))
    file.directives = []
    let result = Audit.run(files: [file])
    #expect(!result.findings.contains { $0.rule.id == "churn" })
    #expect(result.landscape.remarks.contains { $0.text.contains("which pool it is, is not known") })
  }

  @Test func `004: through PgBouncer 150 clients share 55, and the server has room`() throws {
    var files = try #require(Self.files["004"]).compactMap(Self.read)
    files[0].applications.removeAll { $0.name == "api" }
    let result = Audit.run(files: files, options: .with { $0.profiles = ["pooled"] })
    let server = try #require(result.budgets.first)
    #expect(server.atRest == 55 && server.usable == 97 && server.verdict == .fits)
    #expect(result.budgets.last?.atRest == 150 && result.budgets.last?.usable == 10_000)
    let chain = try #require(result.findings.first { $0.rule.id == "pooler-chain" })
    #expect(chain.message.contains("150 clients of app share 55") && chain.message.contains("95 wait"))
  }

  @Test(arguments: ["000", "003", "004"]) func `a fix of a whole line, written into the file, mends it`(
    _ seed: String
  ) throws {
    for finding in try audit(seed).findings {
      guard let fix = finding.fix, let place = fix.place, fix.kind == .line || fix.kind == .removal else { continue }
      let paths = try #require(Self.files[seed])
      let files = paths.compactMap { path in
        path == place.file ? Self.edited(path, place.line, fix) : Self.read(path)
      }
      let left = Audit.run(files: files).findings.filter { $0.rule == finding.rule && $0.place == finding.place }
      #expect(left.isEmpty, "\(fix.line): \(left.map(\.message))")
    }
  }

  /// The file with one line replaced; its indentation stays.
  private static func edited(_ path: String, _ number: Int, _ fix: Finding.Fix) -> ConfigurationFile? {
    guard let bytes = bytes(path) else { return nil }
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let indentation = lines[number - 1].prefix { $0 == " " }
    lines[number - 1] = indentation + fix.line
    let text = lines.joined(separator: "\n")
    guard
      case .read(let file) = ConfigurationReader.read(
        Array(text.utf8), path: path, others: { Self.bytes($0) }, named: true)
    else { return nil }
    return file
  }
}

extension String {
  /// Where a part begins.
  fileprivate func range(before part: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(part) }
  }
}
