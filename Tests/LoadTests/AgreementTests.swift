import Glibc
import Load
import Model
import Postgres
import Staging
import Statistics
import TestSupport
import Testing

/// What a tool says of a load: requests per second, and seconds.
private struct Finding {
  var throughput: Double
  var p50: Double
  var p99: Double

  init(throughput: Double, p50: Double, p99: Double) {
    self.throughput = throughput
    self.p50 = p50
    self.p99 = p99
  }

  init(_ outcome: Outcome, seconds: Double) {
    let latency = outcome.histogram(.latency)
    throughput = Double(outcome.report.totals.completed) / seconds
    p50 = (latency.quantile(0.5) ?? 0) / 1e9
    p99 = (latency.quantile(0.99) ?? 0) / 1e9
  }

  /// Of several findings, figure by figure.
  init(medianOf findings: [Finding]) {
    func median(_ figure: (Finding) -> Double) -> Double { findings.map(figure).sorted()[findings.count / 2] }
    self.init(throughput: median(\.throughput), p50: median(\.p50), p99: median(\.p99))
  }

  /// As shares: how far this is from `other`.
  func distance(from other: Finding) -> (throughput: Double, p50: Double, p99: Double) {
    (abs(throughput / other.throughput - 1), abs(p50 / other.p50 - 1), abs(p99 / other.p99 - 1))
  }

  func row(_ tool: String) -> String {
    let figures = [throughput, p50 * 1e3, p99 * 1e3].map { fixed($0, places: 1) }
    return ([tool] + figures).map { $0 + String(repeating: " ", count: max(14 - $0.count, 1)) }.joined()
  }
}

/// The output of a program that must end well.
private func output(of words: [String]) throws -> String {
  struct Failed: Error { var output: String }
  let quoted = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
  guard let pipe = popen(quoted + " 2>&1", "r") else { throw Failed(output: "not started") }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&chunk, 1, chunk.count, pipe), count > 0 { bytes += chunk[..<count] }
  let text = String(decoding: bytes, as: UTF8.self)
  guard pclose(pipe) == 0 else { throw Failed(output: text) }
  return text
}

extension String {
  /// The number after the first `label`, with its unit of time where it has one.
  fileprivate func figure(after label: String) -> Double? {
    guard let range = firstRange(of: label) else { return nil }
    let word = self[range.upperBound...].drop(while: \.isWhitespace).prefix { !$0.isWhitespace }
    let digits = word.prefix { $0.isNumber || $0 == "." }
    guard let value = Double(digits) else { return nil }
    switch word.dropFirst(digits.count) {
    case "us": return value / 1e6
    case "ms": return value / 1e3
    default: return value
    }
  }
}

private let seconds = 2.0

@Suite(.serialized) struct AgreementTests {
  /// 10 users, each with a connection, who ask for what takes 50 ms.
  @Test func `wrk and hey find the same of an app`() throws {
    let app = try TestHTTPApp()
    let url = "\(app.base)/sleep/50"
    try compareUntilQuiet(with: ["wrk", "hey"]) {
      let load = LoadSpec(
        shape: users(10, warmUp: 0.5, seconds: seconds),
        transactions: [Transaction(name: "sleep", work: .http(HTTPRequestSpec(path: "/sleep/50")))],
        carrier: .http(HTTPLoadSpec(base: app.base)))
      let generator = LoadGenerator(LoadPlan(server: nil, settings: PoolSettings(), load: load, seed: 5))
      try generator.start()
      let report = generator.join()
      var found = ["poolops": Finding(Outcome(slices: report.slices, report: report), seconds: seconds)]
      let wrk = try output(of: ["wrk", "-t1", "-c10", "-d\(Int(seconds))s", "--latency", url])
      found["wrk"] = Finding(
        throughput: try #require(wrk.figure(after: "Requests/sec:")), p50: try #require(wrk.figure(after: "50%")),
        p99: try #require(wrk.figure(after: "99%")))
      let hey = try output(of: ["hey", "-z", "\(Int(seconds))s", "-c", "10", url])
      found["hey"] = Finding(
        throughput: try #require(hey.figure(after: "Requests/sec:")), p50: try #require(hey.figure(after: "50% in")),
        p99: try #require(hey.figure(after: "99% in")))
      return found
    }
  }

  /// 400 arrivals a second at random, over 20 connections, of what takes 10 ms. The seeds are fixed, so that the number of arrivals is.
  @Test func `pgbench finds the same of a server`() throws {
    let cluster = try TestCluster.running()
    let folder = TemporaryFolder()
    let script = "\(folder.path)/sleep.sql"
    try write("SELECT pg_sleep(0.01);\n", to: script)
    var seed: UInt64 = 0
    try compareUntilQuiet(with: ["pgbench"]) {
      seed += 1
      let shape = LoadShape.arrivalRate(
        rate: 400, spacing: .poisson, warmUp: .milliseconds(500), duration: .ofSeconds(seconds))
      let outcome = try run(
        ["SELECT pg_sleep(0.01)"], shape,
        settings {
          $0.maxSize = 20; $0.minSize = 20
        })
      return [
        "poolops": Finding(outcome, seconds: seconds),
        "pgbench": try pgbench(cluster.connection, script, folder.path, seed),
      ]
    }
  }

  /// Its latency counts from when a transaction was due, as ours does.
  private func pgbench(_ server: ConnectionInfo, _ script: String, _ folder: String, _ seed: UInt64) throws -> Finding {
    let paths = try output(of: ["sh", "-c", "ls -d /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -n 1"])
    let words = [
      paths.filter { $0 != "\n" }, "-n", "-M", "prepared", "-f", script, "-c", "20", "-j", "1", "-R", "400",
      "--random-seed=\(seed)", "-T",
      "\(Int(seconds) + 1)", "-l", "--log-prefix=\(folder)/log", "-h", server["host"] ?? "", "-p",
      server["port"] ?? "", "-U", server["user"] ?? "", server["dbname"] ?? "",
    ]
    _ = try output(of: words)
    let log = try output(of: ["sh", "-c", "cat \(folder)/log.*; rm \(folder)/log.*"])
    var times: [(end: Double, latency: Double)] = log.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ").compactMap { Double($0) }
      return fields.count >= 6 ? (fields[4] + fields[5] / 1e6, fields[2] / 1e6) : nil
    }
    // The first second, in which connections are opened, is no more counted than our warm-up is.
    let begin = (times.map(\.end).min() ?? 0) + 0.5
    times = times.filter { $0.end >= begin && $0.end < begin + seconds }
    let sorted = times.map(\.latency).sorted()
    try #require(sorted.count > 100)
    return Finding(
      throughput: Double(sorted.count) / seconds, p50: sorted[sorted.count / 2], p99: sorted[sorted.count * 99 / 100])
  }

  /// Takes turns, and compares the medians after three turns, and again after each further one up to nine: what disturbs a
  /// busy machine for some seconds hits one of the tools, and is not their disagreement.
  private func compareUntilQuiet(with peers: [String], _ turn: () throws -> [String: Finding]) throws {
    var found: [String: [Finding]] = [:]
    var isAgreed = false
    for count in 1...9 where !isAgreed {
      for (tool, finding) in try turn() { found[tool, default: []].append(finding) }
      isAgreed = count >= 3 && agrees(found, with: peers)
    }
    print("tool          requests/s    p50 ms        p99 ms")
    for tool in ["poolops"] + peers { print(Finding(medianOf: found[tool] ?? []).row(tool)) }
    #expect(isAgreed)
  }

  private func agrees(_ found: [String: [Finding]], with peers: [String]) -> Bool {
    let ours = Finding(medianOf: found["poolops"] ?? [])
    return peers.allSatisfy { peer in
      let distance = ours.distance(from: Finding(medianOf: found[peer] ?? []))
      return distance.throughput < 0.05 && distance.p50 < 0.05 && distance.p99 < 0.15
    }
  }
}

private func write(_ text: String, to path: String) throws {
  struct NotWritten: Error {}
  guard let file = fopen(path, "w") else { throw NotWritten() }
  fputs(text, file)
  fclose(file)
}
