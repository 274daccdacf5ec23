import Glibc
import Model
import TestSupport
import Testing

@testable import ExperimentFile

@Suite struct ExperimentFileTests {
  private func fixture(_ name: String) throws -> Experiment {
    try ExperimentFile.read(path: FixtureTests.folder + "/" + name).get().experiment
  }

  @Test func `the example of the design means what it says`() throws {
    let expected = Experiment(
      name: "design.good", title: "Peak load, 500 users, pool 20 -> 50",
      hypothesis: "At 500 users a pool of 20 queues until requests time out; "
        + "50 connections serve them within 400 ms below 50 % CPU.",
      staging: .embedded(datasetScale: 10, settings: ["max_connections": "100"]), target: .builtin,
      baseline: SettingPatch([
        .maxSize: .count(20), .acquireTimeout: .duration(.seconds(20)), .statementCache: .count(100),
      ]),
      change: SettingPatch([
        .maxSize: .count(50), .acquireTimeout: .duration(.seconds(30)), .statementCache: .count(200),
      ]),
      load: LoadSpec(
        shape: .constant(users: 500, warmUp: .seconds(5), duration: .seconds(60)), thinkTime: .exponential(mean: 0.8),
        transactions: [
          Transaction(
            name: "read_account", weight: 8, sql: "SELECT abalance FROM pgbench_accounts WHERE aid = :aid",
            parameters: [Parameter(name: "aid", values: .integers(low: 1, high: 1_000_000))]),
          Transaction(name: "report", sql: "SELECT pg_sleep(0.04)"),
        ]),
      pairs: PairsSpec(count: 8, stopEarly: true),
      guards: try ["error_rate > 20% for 10s", "server_cpu > 95% for 30s"].map { try Guard(parsing: $0) },
      checks: try [
        "error_rate < 1%", "p(95) < 400ms", "acquire_timeouts == 0", "pool_utilisation < 80%", "server_cpu < 50%",
        "p(95) <= baseline * 1.10",
      ].map { try Condition(parsing: $0) },
      after: AfterSpec(go: .keep, noGo: .rollback, inconclusive: .rollback))
    #expect(try fixture("design.good.yaml") == expected)
  }

  @Test func `every kind of value means what it says`() throws {
    let sql = "SELECT :b::int, ':not a placeholder', :a, :c, :d, :a, :e, :f; -- the last ; is fine"
    let expected = Experiment(
      name: "everything.good", title: "Ten requests a second", hypothesis: "A text over two lines.",
      staging: .urlFromEnvironment(variable: "STAGING_DATABASE_URL"), target: .builtin,
      baseline: SettingPatch([
        .maxSize: .count(20), .minSize: .count(20), .acquireTimeout: .unlimited, .idleTimeout: .unlimited,
        .maxLifetime: .duration(.seconds(3600)), .lifetimeJitter: .fraction(0.05), .maxWaiting: .unlimited,
        .connectTimeout: .duration(.milliseconds(1500)), .statementCache: .count(0),
      ]),
      change: SettingPatch([.maxWaiting: .count(100), .acquireTimeout: .duration(.microseconds(250))]),
      load: LoadSpec(
        shape: .arrivalRate(rate: 10.5, spacing: .even, warmUp: .zero, duration: .seconds(120)),
        transactions: [
          Transaction(
            name: "draws", sql: sql,
            parameters: [
              Parameter(name: "b", values: .integers(low: -5, high: 5)),
              Parameter(name: "a", values: .number(.exponential(mean: 0.0484))),
              Parameter(name: "c", values: .number(.constant(0.5))),
              Parameter(name: "d", values: .text("it's \"text\", ünïcode")),
              Parameter(name: "e", values: .number(.uniform(low: 0.5, high: 2))),
              Parameter(name: "f", values: .number(.uniform(low: 0.01, high: 1))),
            ])
        ], statementTimeout: .seconds(5)),
      pairs: PairsSpec(count: 1, stopEarly: false, seed: .max), guards: [],
      checks: [try Condition(parsing: "goodput >= baseline * 0.9")],
      after: AfterSpec(go: .keep, noGo: .rollback, inconclusive: .keep), expects: .inconclusive)
    #expect(try fixture("everything.good.yaml") == expected)
  }

  @Test func `what is left out has its default`() throws {
    let experiment = try fixture("shortest.good.yaml")
    #expect(experiment.staging == .embedded(datasetScale: 10, settings: [:]))
    #expect(experiment.load.shape.warmUp == .seconds(5))
    #expect(experiment.load.thinkTime == .constant(2))
    #expect(experiment.pairs == PairsSpec() && experiment.after == AfterSpec() && experiment.expects == .go)
  }

  @Test(arguments: PairsSpec.Stopping.allCases) func `when the evidence may end the execution is read`(
    stopping: PairsSpec.Stopping
  ) throws {
    let top = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let text = try ExperimentFile.read(path: top + "/experiments/peak.yaml").get().text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("pairs:") }
    let changed = lines.joined(separator: "\n") + "\npairs: { count: 20, stop_early: \(stopping.rawValue) }\n"
    let experiment = try ExperimentFile.parse(text: changed, path: "peak.yaml").get()
    #expect(experiment.pairs == PairsSpec(count: 20, stopping: stopping))
  }

  @Test(arguments: ["baseline", "fail-fast", "peak"])
  func `the experiments of this repository are read`(name: String) throws {
    let top = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let experiment = try ExperimentFile.read(path: top + "/experiments/\(name).yaml").get().experiment
    #expect(experiment.name == name)
  }

  /// Text in, the first message out. `bytes` for what no text can hold.
  struct Syntax: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var message: String
    init(_ description: String, _ text: String, _ message: String) {
      self.init(description, bytes: Array(text.utf8), message)
    }
    init(_ description: String, bytes: [UInt8], _ message: String) {
      testDescription = description
      self.bytes = bytes
      self.message = message
    }
  }

  static let syntax: [Syntax] = [
    Syntax("nothing", "", "1:1: the file is empty; an experiment begins with 'version: 1'"),
    Syntax("comments", "# nothing\n\n---\n", "4:1: an experiment is made of 'key: value' lines"),
    Syntax("a word", "peak", "1:1: an experiment is made of 'key: value' lines"),
    Syntax("a list", "- version: 1\n", "1:1: an experiment is made of 'key: value' lines"),
    Syntax("a tab", "version: 1\nload:\n\tshape: 5\n", "3:1: a tab cannot indent; use spaces"),
    Syntax(
      "an open quote", "version: 1\ntitle: \"peak\nload: 5\n", "2:8: this quote is never closed"),
    Syntax(
      "an open list", "checks: [ a, b\nafter: 5\n", "2:6: a ',' or ']' is missing in the list begun on line 1"),
    Syntax(
      "open braces", "target: { pool: builtin\n", "2:1: a ',' or '}' is missing in the braces begun on line 1"),
    Syntax("a colon", "title: peak: 500 users\n", "1:12: a ':' is not expected here"),
    Syntax("indentation", "version: 1\n  title: t\n", "2:8: a ':' is not expected here"),
    Syntax("outdented", "load:\n    a: 1\n  b: 2\n", "3:3: this line does not fit the keys begun on line 1"),
    Syntax(
      "a key alone", "version: 1\ntitle\ntarget: 5\n", "3:1: a ':' is missing after the key begun on line 2"),
    Syntax("a percent sign", "title: %5\n", "1:8: '%' cannot begin a word; put the text in quotes"),
    Syntax("an escape", "title: \"\\q\"\n", "1:9: this backslash sequence is unknown"),
    Syntax("an anchor", "title: &a t\n", "1:8: the anchor or alias 'a' is not accepted; write the value out"),
    Syntax("an alias", "title: *a\n", "1:8: the anchor or alias 'a' is not accepted; write the value out"),
    Syntax("a tag", "title: !!binary aGk=\n", "1:8: the tag 'tag:yaml.org,2002:binary' is not accepted"),
    Syntax("two documents", "version: 1\n---\nversion: 1\n", "3:1: a second document begins here"),
    Syntax("a key that is a list", "version: 1\n? [a]\n: 5\n", "1:1: 'title' is missing in the experiment"),
    Syntax("depth", "a: " + String(repeating: "[", count: 100_000), "1:35: nested deeper than 32 levels"),
    Syntax("Latin-1", bytes: Array("version: 1\ntitle: p".utf8) + [0xFC, 0x6B], "2:9: this is not UTF-8"),
    Syntax("UTF-16", bytes: [0xFF, 0xFE, 0x76, 0x00], "1:1: this is not UTF-8"),
    Syntax("a zero", bytes: Array("version: 1\ntitle: a".utf8) + [0], "2:9: a control character stands here"),
    Syntax("10 MB", bytes: [UInt8](repeating: 0x61, count: 10_000_000), "1:1: the file has 10000000 bytes"),
  ]

  @Test(arguments: syntax)
  func `what is no experiment at all is said with its place`(syntax: Syntax) throws {
    let faults = #expect(throws: ExperimentFaults.self) {
      try ExperimentFile.parse(bytes: syntax.bytes, path: "peak.yaml").get()
    }
    let shown = try #require(faults?.faults.first).description
    #expect(shown.hasPrefix("peak.yaml:" + syntax.message), "\(shown)")
  }

  @Test func `a byte order mark and carriage returns do no harm`() throws {
    let text = try ExperimentFile.read(path: FixtureTests.folder + "/design.good.yaml").get().text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    let marked = try ExperimentFile.parse(text: "\u{FEFF}" + lines, path: "a.yaml").get()
    #expect(try ExperimentFile.parse(text: text, path: "a.yaml").get() == marked)
  }

  @Test(arguments: ["none.yaml", "", "Fixtures"])
  func `what cannot be opened is said`(path: String) throws {
    let faults = #expect(throws: ExperimentFaults.self) {
      try ExperimentFile.read(path: FixtureTests.folder + path).get()
    }
    #expect(faults?.faults.count == 1)
  }

  @Test(arguments: ["a b.yaml", ".yaml", "x/peak#1.yml", "-n.yaml"])
  func `a name that would not do in a command is refused`(path: String) throws {
    let text = try ExperimentFile.read(path: FixtureTests.folder + "/design.good.yaml").get().text
    let faults = #expect(throws: ExperimentFaults.self) { try ExperimentFile.parse(text: text, path: path).get() }
    #expect(faults?.description.contains("names the experiment") == true)
  }

  /// Thousands of damaged files: each is read or refused, with places inside the file, and nothing crashes.
  @Test(arguments: 0..<8)
  func `no damage to a file does more than give faults`(seed: UInt64) throws {
    let names = FixtureTests.files(".good.yaml")
    let texts = try names.map { Array(try FixtureTests.fixtures.text($0).utf8) }
    var random = SplitMix(state: seed)
    var refused = 0
    var misplaced: [String] = []
    for _ in 0..<500 {
      var bytes = texts[Int.random(in: 0..<texts.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) { random.damage(&bytes) }
      guard case .failure(let error) = ExperimentFile.parse(bytes: bytes, path: "a.yaml") else { continue }
      refused += 1
      let lines = bytes.count { $0 == 10 || $0 == 13 || $0 == 0x85 || $0 == 0xA8 || $0 == 0xA9 } + 1
      misplaced += error.faults.filter { !(1...lines).contains($0.line) || $0.column < 1 }.map(\.description)
    }
    #expect(misplaced.isEmpty)
    #expect(refused > 100)
  }
}

/// SplitMix64, so that each run of the tests does the same damage.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func damage(_ bytes: inout [UInt8]) {
    guard bytes.count > 1 else { return }
    let at = Int.random(in: 0..<bytes.count, using: &self)
    let end = min(bytes.count, at + Int.random(in: 1...20, using: &self))
    let signs = Array("{}[]:,-#'\"|>&*!%@`\t\n \\0123456789%.".utf8)
    switch Int.random(in: 0..<6, using: &self) {
    case 0: bytes[at] = UInt8.random(in: 0...255, using: &self)
    case 1: bytes.removeSubrange(at..<end)
    case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &self))
    case 3: bytes.removeSubrange(at...)
    case 4: bytes[at] = signs[Int.random(in: 0..<signs.count, using: &self)]
    default: bytes.insert(signs[Int.random(in: 0..<signs.count, using: &self)], at: at)
    }
  }
}
