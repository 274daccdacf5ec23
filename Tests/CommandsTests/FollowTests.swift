import Glibc
import Model
import Staging
import Store
import Testing

/// `run show --follow` as a program of its own, beside one that records: this test.
@Suite struct FollowTests {
  private let project = TestProject()

  private static let now = Timestamp(microseconds: 1_795_200_000_000_000)

  private static func slice(_ second: Int) -> Slice {
    var slice = Slice(second: second)
    (slice.due, slice.completed) = (400, 400)
    return slice
  }

  private func begin(_ seconds: Range<Int>) throws -> (store: ResultsStore, run: RunID, block: Int) {
    let store = try ResultsStore.open(path: project.database, mode: .readWrite)
    let execution = try store.beginExecution(experiment: "soak", text: "", digest: "", seed: 1, at: Self.now)
    let run = try store.beginRun(
      execution, arm: .baseline, wanted: PoolSettings(), environment: [:], at: Self.now)
    let block = try store.beginBlock(run: run, pair: 0, position: 0, at: Self.now)
    try store.append(slices: seconds.map(Self.slice), samples: [], toBlock: block)
    return (store, run, block)
  }

  /// Of each line, the time in its block.
  private static func clocks(_ output: String) -> [String] {
    output.split(separator: "\n").map { line in
      line.split(separator: " ").first { $0.contains(":") }.map(String.init) ?? "?"
    }
  }

  @Test func `seconds appear as they are recorded, until the run ends`() throws {
    let (store, run, block) = try begin(-3..<20)
    let follower = try project.start(["run", "show", "run-1", "--follow"])
    try follower.wait { Self.clocks(follower.outputSoFar).count == 10 }
    for second in 20..<23 {
      try store.append(slices: [Self.slice(second)], samples: [], toBlock: block)
      try follower.wait { Self.clocks(follower.outputSoFar).last == "0:\(second)" }
    }
    try store.finishBlock(block, status: .finished, effective: nil, inFlightAtEnd: 0, at: Self.now)
    try store.finishRun(run, status: .finished, at: Self.now)
    let ending = try follower.wait()
    store.close()
    #expect(ending.status == 0 && Self.clocks(ending.output) == (10..<23).map { "0:\($0)" }, "\(ending)")
    #expect(ending.error == "run-1: finished. Next: poolops run show run-1\n")
    // The reader did not keep the writer from leaving a single file.
    #expect(access(project.database + "-wal", F_OK) != 0)
  }

  @Test func `Ctrl-C ends the watching and leaves the run alone`() throws {
    let (store, run, block) = try begin(0..<3)
    let follower = try project.start(["run", "show", "run-1", "--follow"])
    try follower.wait { Self.clocks(follower.outputSoFar).count == 3 }
    follower.signal(SIGINT)
    #expect(try follower.wait(within: .seconds(5)).status == 130)
    try store.append(slices: [Self.slice(3)], samples: [], toBlock: block)
    #expect(try store.run(run)?.status == .running && store.recordedRun(run)?.blocks[0].slices.count == 4)
    store.close()
  }

  @Test func `a run that is over gives its last seconds, as JSON line by line`() throws {
    let (store, run, _) = try begin(0..<30)
    try store.finishRun(run, status: .aborted, at: Self.now)
    store.close()
    let ending = project.command("run show 1 -f --json")
    let lines = ending.output.split(separator: "\n")
    #expect(ending.status == 0 && lines.count == 10 && ending.error == "run-1: aborted. Next: poolops run show run-1\n")
    #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") && $0.contains("\"completed\":400") })
    #expect(project.command("run show run-7 --follow").status == 64)
  }

  @Test func `the lists tell a run that is under way from one whose execution died`() throws {
    project.add("soak", Tiny().text)
    let (store, _, _) = try begin(0..<3)
    defer { store.close() }
    let later = Timestamp(microseconds: Self.now.microseconds + 130_000_000)
    let dead = project.command("run list", now: later).output
    #expect(dead.contains("run-1 has no end, and nothing is measured here now"), "\(dead)")
    #expect(dead.hasSuffix("Next: poolops experiment recover\n"), "\(dead)")
    #expect(project.command("experiment list").output.contains("no end: poolops experiment recover"))
    let lock = try StagingLock(folder: EmbeddedCluster(root: project.root).folder)
    withExtendedLifetime(lock) {
      let live = project.command("run list", now: later).output
      #expect(live.contains("run-1 is under way, for 2 min 10 s now."), "\(live)")
      #expect(live.contains("not yet") && live.hasSuffix("Next: poolops run show run-1 --follow\n"), "\(live)")
      #expect(project.command("experiment list").output.contains("running"))
    }
  }
}
