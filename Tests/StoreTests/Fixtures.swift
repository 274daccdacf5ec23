import Glibc
import Model

@testable import Store

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path: String
  init() {
    var template = Array("/tmp/poolops-store-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }
  deinit {
    for name in contents { unlink(path + "/" + name) }
    rmdir(path)
  }
  var database: String { path + "/results.db" }

  var contents: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

func read(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
  return bytes
}

func write(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "w") else { return }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

/// Runs `body` with the file permissions of `nobody` when the tests run as root, whom no permission stops.
func unprivileged<Value>(_ body: () throws -> Value) rethrows -> Value {
  typealias SetUser = @convention(c) (UInt32) -> Int32
  guard geteuid() == 0, let symbol = dlsym(dlopen(nil, RTLD_NOW), "setfsuid") else { return try body() }
  let setUser = unsafeBitCast(symbol, to: SetUser.self)
  _ = setUser(65_534)
  defer { _ = setUser(0) }
  return try body()
}

func moment(_ second: Int64) -> Timestamp { Timestamp(microseconds: 1_795_200_000_000_000 + second * 1_000_001) }

/// Opens, does `body`, closes.
@discardableResult
func withStore<Value>(
  _ path: String, _ mode: OpenMode = .readWrite, _ body: (ResultsStore) throws -> Value
) throws -> Value {
  let store = try ResultsStore.open(path: path, mode: mode)
  defer { store.close() }
  return try body(store)
}

/// The error that opening gives; nil when it opens.
func openingFault(_ path: String, _ mode: OpenMode) -> StoreError? {
  do throws(StoreError) {
    try ResultsStore.open(path: path, mode: mode).close()
    return nil
  } catch { return error }
}

/// All that one execution records, with values at the edges of their types.
struct Sample {
  var wanted = PoolSettings()
  var effective = PoolSettings()
  var slices: [Slice] = []
  let samples = [
    ProbeSample(second: -1, values: [.serverCPUSeconds: 0.1]),
    ProbeSample(second: 0.25, values: [.serverCPUSeconds: 1.0 / 3, .backendMemory: 5e9]),
  ]
  let environment = ["postgres_version": "15.14", "load": "500 users, it's \"quoted\" – ünïcode\0zero"]
  let breakingPoint = BreakingPoint(held: 300, broke: 350, condition: "p(95) > 400ms", value: 1.0 / 3)
  let verdict = Verdict(
    decision: .noGo,
    rules: [
      RuleOutcome(rule: "p(95) < 400ms", status: .failed, evidence: "485 ms (run-2)"),
      RuleOutcome(rule: "error_rate < 1%", status: .passed, evidence: "0.2 %"),
    ], reason: "p(95) is above its limit")
  let stage = StageRecord(stage: .baseline, outcome: .passed, started: moment(1), ended: moment(2), note: "ok")

  init() {
    wanted.maxWaiting = 7
    wanted.idleTimeout = nil
    wanted.acquireTimeout = .nanoseconds(1_234_567_891)
    wanted.lifetimeJitter = 1.0 / 3
    effective.maxSize = 19
    var warmUp = Slice(second: -1)
    warmUp.due = 3
    var slice = Slice(second: 0)
    slice.due = 10
    slice.completed = 6
    slice.failed = [.acquireTimeout: 2, .sql("23505"): 1]
    slice.connectionsOpened = 4
    slice.connectionsClosed = 1
    slice.active = Gauge(mean: 19.5, max: 20)
    slice.idle = Gauge(mean: 0.5, max: 1)
    slice.waiting = Gauge(mean: 0.1, max: 3)
    slice.generatorCPU = 0.0125
    slice.histograms = [.latency: (0...255).map { $0 }, .wait: []]
    slice.length = 1.0 / 3
    slice.users = Gauge(mean: 1.0 / 3, max: 100_000)
    slice.flows = FlowCounts(started: 5, completed: 2, failed: 3)
    slice.parts = [
      TransactionPart(name: "it's \"ünïcode\"", completed: 4, failed: 3, latency: [1, 2, 255]),
      TransactionPart(name: "second", completed: 2),
    ]
    slices = [warmUp, slice]
  }

  @discardableResult
  func record(in store: ResultsStore, finished: Bool = true) throws -> (execution: ExecutionID, run: RunID) {
    let execution = try store.beginExecution(
      experiment: "peak", text: "version: 1\n", digest: "abc", seed: .max, at: moment(0))
    let stage = try store.recordStage(execution, StageRecord(stage: .baseline, outcome: .running, started: moment(1)))
    let run = try store.beginRun(execution, arm: .baseline, wanted: wanted, environment: environment, at: moment(1))
    let block = try store.beginBlock(run: run, pair: 2, position: 5, at: moment(1))
    try store.append(slices: [slices[0]], samples: [samples[0]], toBlock: block)
    try store.append(slices: [slices[1]], samples: [samples[1]], toBlock: block)
    guard finished else { return (execution, run) }
    try store.recordBreakingPoint(BreakingPoint(held: 0), ofBlock: block)
    try store.recordBreakingPoint(breakingPoint, ofBlock: block)
    try store.finishBlock(block, status: .finished, effective: effective, inFlightAtEnd: 1, at: moment(2))
    try store.finishRun(run, status: .finished, at: moment(2))
    try store.finishStage(stage, outcome: .passed, ended: moment(2), note: "ok")
    try store.recordVerdict(execution, verdict)
    try store.recordEvent(execution, kind: "note", text: "cooled down", at: moment(3))
    try store.finishExecution(execution, outcome: .rolledBack, at: moment(3))
    return (execution, run)
  }
}
