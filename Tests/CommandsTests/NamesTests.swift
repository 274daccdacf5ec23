import Model
import Monitor
import Store
import Testing

/// Whatever stands in `run list` or `experiment list` is a name that a person may give to any command.
@Suite struct NamesTests {
  /// peak#1 is an execution of run-1 and run-2, peak#2 a calibration of run-3 and run-4, peak#3 a sweep with run-5 and
  /// ramp#1 a ramp with run-6; 'new' was never carried out.
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    for name in ["peak", "ramp", "new"] { project.add(name, Tiny(title: name).text) }
    try SyntheticResults(experiment: "peak").record(in: project, Tiny().text)
    try SyntheticResults(experiment: "peak", kind: .calibration).record(in: project, Tiny().text)
    let store = try ResultsStore.open(path: project.database, mode: .readWrite)
    defer { store.close() }
    try sweep(store)
    try ramp(store)
    _ = try store.tag(RunID(1), "golden", at: moment)
    return project
  }

  private static let moment = Timestamp(microseconds: SyntheticResults.start + 200_000_000)

  private static func begin(_ store: ResultsStore, _ name: String, _ kind: ExecutionKind) throws -> (ExecutionID, RunID)
  {
    let id = try store.beginExecution(
      experiment: name, text: Tiny().text, digest: "ab12", seed: 7, kind: kind, at: moment)
    return (id, try store.beginRun(id, arm: .baseline, wanted: PoolSettings(), environment: [:], at: moment))
  }

  private static func end(_ store: ResultsStore, _ id: ExecutionID, _ run: RunID) throws {
    let block = try store.beginBlock(run: run, pair: 0, position: 0, at: moment)
    var slice = Slice(second: 0)
    (slice.due, slice.completed) = (60, 60)
    try store.append(slices: [slice], samples: [], toBlock: block)
    try store.finishBlock(block, status: .finished, effective: nil, inFlightAtEnd: 0, at: moment)
    try store.finishRun(run, status: .finished, at: moment)
    try store.finishExecution(id, outcome: .rolledBack, at: moment)
  }

  private static func sweep(_ store: ResultsStore) throws {
    let (id, run) = try begin(store, "peak", .sweep)
    let spec = SweepSpec(sizes: [2], levels: [.users(8)], warmUp: .zero, duration: .seconds(1))
    try store.beginSweep(SweepRecord(id: id, spec: spec, cells: [SweepCell(position: 0, size: 2, level: .users(8))]))
    try store.setRun(run, ofCell: 0, id)
    try end(store, id, run)
    try store.finishSweep(id, at: moment)
  }

  private static func ramp(_ store: ResultsStore) throws {
    let (id, run) = try begin(store, "ramp", .exhaustion)
    let times = LeadTimes(
      rule: EarlyWarning.Rule(acquireTimeout: .seconds(5), interval: .milliseconds(500)),
      changes: [LevelChange(second: 2, level: .warning), LevelChange(second: 4, level: .alert)],
      failure: FirstFailure(second: 7, error: .acquireTimeout), samples: 20, longestGap: 0.5, age: .told,
      aged: [.warning: 2, .alert: 4])
    try store.recordLead(times, of: run)
    try store.recordVerdict(id, times.verdict(of: run))
    try end(store, id, run)
  }

  private static let answers: [(line: String, status: Exit, says: [String])] = [
    ("report peak#1", .go, ["peak#1, GO"]), ("report ramp#1", .go, ["ramp#1, GO"]),
    ("report ramp", .go, ["ramp#1, GO"]),
    ("report", .go, ["ramp#1, GO"]), ("report peak", .go, ["peak#1, GO"]),
    ("report peak#2", .usage, ["peak#2 is a calibration", "poolops experiment calibrate peak --show"]),
    ("report peak#3", .usage, ["peak#3 is a sweep", "poolops sweep show peak#3"]),
    ("report peak#9", .usage, ["there is no execution 'peak#9'", "The newest is peak#1."]),
    ("report golden", .usage, ["golden is one run", "Its execution is peak#1"]),
    ("report run-6", .usage, ["run-6 is one run", "Its execution is ramp#1", "poolops run show run-6"]),
    ("report run-99", .usage, ["there is no run-99"]),
    ("report new", .inconclusive, ["'new' was never carried out", "poolops experiment run new"]),
    ("report pek", .usage, ["there is no execution 'pek'", "did you mean 'peak'?"]),
    ("diff ramp", .usage, ["ramp#1 is a ramp into exhaustion", "poolops report ramp#1"]),
    ("diff ramp#1", .usage, ["ramp#1 is a ramp into exhaustion", "poolops report ramp#1"]),
    ("diff peak#2", .usage, ["peak#2 is a calibration"]), ("diff peak#3", .usage, ["poolops sweep show peak#3"]),
    ("diff new", .inconclusive, ["'new' was never carried out"]),
    (
      "diff run-1 peak#3", .usage,
      ["peak#3 is an execution, not a run", "Its run is run-5", "poolops sweep show peak#3"]
    ),
    ("alerts list --experiment ramp", .go, ["run-6"]), ("alerts list --experiment peak#3", .usage, ["is a sweep"]),
    ("alerts list --experiment new", .inconclusive, ["'new' was never carried out"]),
    ("sweep show peak", .go, ["peak#3"]), ("sweep show peak#3", .go, ["peak#3"]),
    ("sweep show peak#1", .usage, ["peak#1 is an execution of the experiment, and no sweep", "poolops diff peak#1"]),
    ("sweep show peak#2", .usage, ["peak#2 is a calibration, A against A, and no sweep"]),
    ("sweep show ramp", .usage, ["ramp#1 is a ramp into exhaustion, and no sweep"]),
    ("sweep show run-5", .usage, ["run-5 is one run, and no sweep", "Its execution is peak#3"]),
    ("sweep show new", .inconclusive, ["'new' was never swept", "poolops sweep new --pool"]),
    ("sweep show pek", .usage, ["there is no sweep 'pek'", "did you mean 'peak'?", "The newest is peak#3."]),
    ("sweep show elephant", .usage, ["there is no sweep 'elephant'", "The newest is peak#3."]),
    ("sweep confirm pek", .usage, ["did you mean 'peak'?"]),
    ("run show golden", .go, ["run-1  peak#1"]), ("run show run-6", .go, ["Early warning"]),
    ("run show peak", .usage, ["peak#3 is an execution, not a run"]),
    ("run show peak#1", .usage, ["Its runs are run-1 and run-2.", "poolops diff peak#1"]),
    ("run show ramp#1", .usage, ["ramp#1 is an execution, not a run", "Its run is run-6."]),
    ("run show gulden", .usage, ["there is no run or tag 'gulden'", "did you mean 'golden'?"]),
    ("run tag peak#1 x", .usage, ["peak#1 is an execution, not a run"]),
    ("size --from peak#1", .usage, ["peak#1 is an execution, not a run"]),
    ("size --from golden", .inconclusive, ["run-1"]),
    ("experiment run peak#1", .usage, ["there is no experiment 'peak#1'", "Did you mean 'peak'?"]),
  ]

  @Test(arguments: answers) func `every name is answered by every command that takes one`(
    line: String, status: Exit, says: [String]
  ) throws {
    let project = try Self.shared.get()
    let file = line.hasPrefix("report") ? " -o \(project.root)/\(Checksum(line).text).html" : ""
    let ending = project.command(line + file)
    #expect(ending.status == status.rawValue, "\(ending)")
    for words in says { #expect((ending.output + ending.error).contains(words), "\(ending)") }
  }

  @Test func `the page of a ramp says what its alert did, and compares nothing`() throws {
    let project = try Self.shared.get()
    let path = project.root + "/page.html"
    #expect(project.command("report ramp -o \(path)").status == 0)
    let page = try #require(text(of: path))
    for words in ["Early warning", "first failed request, acquire_timeout", "What was tried", "poolops run show run-6"]
    {
      #expect(page.contains(words), "\(words)")
    }
    for words in ["can be compared", "No setting was changed", "before (run-6)", "0 blocks", "take turns"] {
      #expect(!page.contains(words), "\(words)")
    }
  }

  @Test func `without any execution it says what to type`() throws {
    let project = TestProject()
    let store = try ResultsStore.open(path: project.database, mode: .readWrite)
    try Self.sweep(store)
    store.close()
    for (line, says) in [
      ("report", "poolops experiment run NAME"), ("report pek", "there is no execution 'pek'"),
      ("diff peak", "'peak' was never carried out"),
    ] {
      let ending = project.command(line)
      #expect(ending.status != 0 && ending.error.contains(says), "\(ending)")
    }
  }
}
