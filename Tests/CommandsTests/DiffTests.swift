import Glibc
import Model
import Statistics
import Store
import TestSupport
import Testing

/// `diff` and the names of runs, on recordings made by hand: no server.
@Suite struct DiffTests {
  private static let now = Timestamp(microseconds: 1_795_200_000_000_000)

  /// peak#1: run-1, run-2 (15 % slower). peak#2: run-3, run-4 (the same). calm#1: run-5, run-6 alike. peak#3: run-7 aborted.
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    let store = try ResultsStore.open(path: project.database, mode: .readWrite)
    for (name, slower) in [("peak", 1.15), ("peak", 1.15), ("calm", 1.0)] {
      let execution = try store.beginExecution(experiment: name, text: "", digest: "", seed: 1, at: now)
      try record(execution, in: store, slower: slower)
      try store.finishExecution(execution, outcome: .kept, at: now)
    }
    let broken = try store.beginExecution(experiment: "peak", text: "", digest: "", seed: 1, at: now)
    let run = try store.beginRun(broken, arm: .baseline, wanted: PoolSettings(), environment: [:], at: now)
    try store.finishRun(run, status: .aborted, at: now)
    store.close()
    return project
  }

  private static func record(_ execution: ExecutionID, in store: ResultsStore, slower: Double) throws {
    for (arm, factor) in [(Arm.baseline, 1.0), (.retest, slower)] {
      var settings = PoolSettings()
      settings.maxSize = arm == .baseline ? 10 : 20
      let run = try store.beginRun(execution, arm: arm, wanted: settings, environment: ["cores": "2"], at: now)
      for pair in 0..<8 {
        let block = try store.beginBlock(run: run, pair: pair, position: 2 * pair, at: now)
        try store.append(slices: slices(pair, factor), samples: [], toBlock: block)
        try store.finishBlock(block, status: .finished, effective: settings, inFlightAtEnd: 0, at: now)
      }
      try store.finishRun(run, status: .finished, at: now)
    }
  }

  /// 100 requests a second around 40 ms; each pair is a little slower than the one before, alike in both arms.
  private static func slices(_ pair: Int, _ factor: Double) -> [Slice] {
    let times = (1...100).map { Int64(Double($0) * 800_000 * factor * (1 + 0.002 * Double(pair))) }
    let histogram = Histogram(times).encoded()
    return (0..<5).map { second in
      var slice = Slice(second: second)
      (slice.due, slice.completed) = (100, 100)
      slice.histograms = [.latency: histogram, .query: histogram]
      slice.active = Gauge(mean: Double(times.reduce(0, +)) / 1e9, max: 8)
      return slice
    }
  }

  private static let reading: [(line: String, status: Exit, says: [String])] = [
    ("diff run-1 run-2", .noGo, ["run-1 → run-2", "8 pairs, random order", "Regressed:", "latency p95", "max_size"]),
    ("diff 1 2 --fail-on never", .go, ["Regressed:"]),
    ("diff run-1 run-2 --margin 20%", .go, ["no difference beyond the margin", "Margin: 20 %"]),
    ("diff run-5 run-6", .go, ["No metric improved or regressed"]),
    ("diff run-5 run-6 --fail-on inconclusive", .go, ["No metric improved or regressed"]),
    ("diff run-1 run-4 --fail-on inconclusive", .inconclusive, ["Inconclusive"]),
    ("diff calm#1 --fail-on regression", .go, ["run-5 → run-6"]), ("diff calm", .go, ["run-5 → run-6"]),
    ("diff run-1,run-3 run-2,run-4", .noGo, ["16 pairs of 2 executions, each paired within its own", "Regressed:"]),
    ("diff peak#1,peak#2", .noGo, ["run-1,run-3 → run-2,run-4", "16 pairs"]),
    ("diff run-1,run-5 run-2,run-4", .inconclusive, ["two groups of unrelated runs", "Inconclusive"]),
    ("diff run-1 run-4", .inconclusive, ["plain before and after", "poolops experiment run peak"]),
    ("diff run-1 run-4 --fail-on regression", .go, ["Inconclusive"]),
    ("diff peak", .inconclusive, ["peak#3 lacks a finished block"]),
    ("diff run-1 run-7", .inconclusive, ["run-7 was aborted", "newest finished baseline of peak is run-3"]),
    ("diff run-1,run-2 run-2", .usage, ["run-2 is on both sides"]),
    ("diff run-1,run-1 run-2", .usage, ["run-1 is named twice in 'run-1,run-1'"]),
    ("diff run-1, run-2", .usage, ["a run is missing in 'run-1,'"]),
    ("diff run-1 run-99", .usage, ["there is no run-99", "The newest are run-7, run-6"]),
    ("diff run-1 goldn", .usage, ["there is no run or tag 'goldn'", "did you mean 'golden'?", "poolops run list"]),
    ("diff run-1 calm", .usage, ["calm#1 is an execution, not a run", "run-5 and run-6", "poolops diff calm"]),
    ("diff run-1", .usage, ["run-1 is one run", "'poolops diff peak#1'"]),
    ("diff golden", .usage, ["golden is one run", "'poolops diff peak#"]),
    ("diff run-99", .usage, ["there is no run-99", "The newest are run-7"]),
    ("diff calmm", .usage, ["there is no execution 'calmm'", "did you mean 'calm'?"]),
    ("diff calm#1,calm", .usage, ["calm#1 is named twice"]),
    ("diff run-1 run-2 --margin 5", .usage, ["'5'", "--margin", "5% or 0.05"]),
    ("diff run-1 run-2 --fail-on worse", .usage, ["'worse'", "'regression', 'inconclusive'"]),
    ("diff run-1 run-2 --junit --json", .usage, ["--junit", "--json"]),
    ("diff run-1 run-2 run-4", .usage, ["'run-4'", "between commas"]),
    ("diff golden run-2", .noGo, ["run-1 → run-2"]),
    ("run list", .go, ["run-1 golden", "run-7"]), ("run show run-1", .go, ["called golden"]),
    ("run show golden", .go, ["run-1  peak#1"]), ("run show twelve", .usage, ["no run or tag 'twelve'", "run list"]),
    ("size --from twelve", .usage, ["no run or tag 'twelve'"]),
    ("run tag run-7 bad", .inconclusive, ["run-7 was aborted"]), ("run tag run-77 bad", .usage, ["there is no run-77"]),
    ("run tag run-1 run-2", .usage, ["'run-2' is the name of a run"]),
    ("run tag run-1 a,b", .usage, ["','"]), ("run tag run-1 calm", .usage, ["'calm' is an experiment"]),
    ("run untag goldn", .usage, ["no run is called 'goldn'", "did you mean 'golden'?"]),
  ]

  @Test func `runs, tags, groups and executions are compared, and slips are named`() throws {
    let project = try Self.shared.get()
    #expect(project.command("run tag run-1 golden").output == "golden is run-1.\n")
    for (line, status, says) in Self.reading {
      let ending = project.command(line)
      #expect(ending.status == status.rawValue, "\(line): \(ending)")
      for word in says { #expect((ending.output + ending.error).contains(word), "\(line): \(ending)") }
    }
    #expect(project.command("run tag run-3 golden").output == "golden is run-3 (it was run-1).\n")
    #expect(project.command("run list --json").output.contains("\"golden\""))
    #expect(project.command("run untag golden --quiet").output.isEmpty)
    #expect(!project.command("run list").output.contains("golden"))
  }

  private static let script = """
    from sys import argv
    from xml.etree import ElementTree
    root = ElementTree.parse(argv[1]).getroot()
    cases = root.findall('testsuite/testcase')
    failed = [c.get('name') for c in cases if c.find('failure') is not None]
    skipped = [c for c in cases if c.find('skipped') is not None]
    counts = [root.get(k) == root.find('testsuite').get(k) for k in ('tests', 'failures', 'skipped')]
    assert all(counts) and int(root.get('tests')) == len(cases) and int(root.get('failures')) == len(failed)
    print(len(failed) > 0, 'latency p95' in failed, int(root.get('skipped')) == len(skipped))
    """

  @Test(arguments: [("run-1 run-2", Exit.noGo, "True True True"), ("run-5 run-6", .go, "False False True")])
  func `JUnit XML is what another parser reads`(names: String, status: Exit, says: String) throws {
    let project = try Self.shared.get()
    let ending = project.command("diff \(names) --junit")
    #expect(ending.status == status.rawValue, "\(ending)")
    let folder = TemporaryFolder()
    write(ending.output, to: folder.path + "/junit.xml")
    let parsed = try Program("/usr/bin/python3", ["-c", Self.script, folder.path + "/junit.xml"]).wait()
    #expect(parsed.status == 0 && parsed.output == says + "\n", "\(parsed)\n\(ending.output)")
  }

  @Test func `an older results file is compared as it is, and migrated when a run is named`() throws {
    let project = TestProject()
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    guard let committed = bytes(of: root + "/results.db") else { return }
    writeBytes(committed, to: project.database)
    let list = project.command("run list --limit 1")
    #expect(list.status == 0 && bytes(of: project.database) == committed, "\(list)")
    let run = try #require(try project.results().runs().first { $0.status == .finished })
    #expect(project.command("run tag \(run.id) golden").status == 0)
    #expect(try project.results().run(tagged: "golden") == run.id)
  }
}
