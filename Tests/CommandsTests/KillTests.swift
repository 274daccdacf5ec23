import Glibc
import Model
import Staging
import Store
import Testing

/// `kill -9` at every moment that differs: real processes, a real PostgreSQL, a real file.
@Suite(.serialized) struct KillTests {
  /// One project and one staging for all trials; each trial leaves both as it found them.
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.add("tiny", Tiny(duration: "200ms").text)
    project.add("slow", Tiny(duration: "20s").text)
    project.add("keep", Tiny(duration: "200ms", more: "after: { no_go: keep, inconclusive: keep }").text)
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  /// Every call of one whole execution as `STAGE:CALL:N`; of the many alike within a block the first two.
  private func places(_ project: TestProject) throws -> [String] {
    let trace = project.root + "/trace"
    try project.poolops(["experiment", "run", "tiny"], variables: ["TRACE": trace], program: "Killable")
    let all = (text(of: trace) ?? "").split(separator: "\n").map(String.init)
    return all.filter { place in
      let words = place.split(separator: ":")
      return !["poll", "append"].contains(words[1]) || ["1", "2"].contains(words[2])
    }
  }

  @Test func `a kill before any call leaves what recover puts back, byte for byte`() throws {
    let project = try Self.shared.get()
    let places = try places(project)
    for stage in ["baseline", "apply", "verify", "retest", "rollback", "confirm"] {
      let count = places.filter { $0.hasPrefix(stage + ":") }.count
      #expect(count >= (stage == "rollback" || stage == "confirm" ? 4 : 5), "\(stage) has \(count) moments to die at")
    }
    let finished = try finishedRuns(project)
    for place in places {
      let killed = try project.poolops(
        ["experiment", "run", "tiny"], variables: ["KILL_AT": place], program: "Killable")
      #expect(killed.status == 128 + SIGKILL, "\(place): \(killed.error)")
      try expectRecovery(project, place, keeping: finished)
      guard ["baseline", "retest", "judge", "rollback"].contains(place.prefix { $0 != ":" }) else { continue }
      let newest = try #require(try project.results().executions(of: "tiny").first)
      let statuses = try project.results().runs().filter { newest.runs.contains($0.id) }.map(\.status)
      #expect(newest.outcome == .failed && statuses == [.aborted, .aborted], "\(place): \(statuses)")
      #expect(project.command("run list --limit 2").output.contains("aborted"), "\(place)")
      let listed = project.command("experiment list").output.split(separator: "\n").filter { $0.contains(" tiny ") }
      #expect(listed.allSatisfy { $0.contains(" failed ") }, "\(place): \(listed)")
    }
  }

  @Test func `the fifth kill in a row at the same place is recovered like the first`() throws {
    let project = try Self.shared.get()
    for place in ["apply:setChange:1", "rollback:revert:1", "rollback:finishStage:1"] {
      for attempt in 1...5 {
        try project.poolops(["experiment", "run", "tiny"], variables: ["KILL_AT": place], program: "Killable")
        try expectRecovery(project, "\(place), attempt \(attempt)", keeping: [:])
      }
    }
  }

  @Test func `a kill from outside, whenever it strikes, is recovered`() throws {
    let project = try Self.shared.get()
    for attempt in 0..<10 {
      let program = try project.start(["experiment", "run", "tiny"])
      usleep(UInt32(attempt) * 80_000)
      program.signal(SIGKILL)
      try program.wait()
      try expectRecovery(project, "killed after \(attempt * 80) ms", keeping: [:])
    }
  }

  @Test func `a kill while a change is being kept leaves it kept, or puts it back, and says which`() throws {
    let project = try Self.shared.get()
    for (place, isKept) in [
      ("judge:recordVerdict:1", false), ("confirm:beginStage:1", false), ("confirm:closeChanges:1", false),
      ("confirm:finishStage:1", true), ("confirm:finishRun:1", true), ("confirm:finishExecution:1", true),
    ] {
      project.writeEnvFile()
      let killed = try project.poolops(
        ["experiment", "run", "keep"], variables: ["KILL_AT": place], program: "Killable")
      #expect(killed.status == 128 + SIGKILL, "\(place): \(killed)")
      let recovered = try project.poolops(["experiment", "recover"])
      #expect(
        recovered.status == 0 && recovered.output.contains(isKept ? "owes no undo" : "put back"),
        "\(place): \(recovered)")
      #expect((text(of: project.envFile) == TestProject.env) == !isKept, "\(place)")
      #expect(try project.results().unfinishedExecutions() == [], "\(place)")
    }
    project.writeEnvFile()
  }

  @Test func `a kill while staging is being made is put right by the next execution`() throws {
    let project = TestProject()
    project.add("tiny", Tiny(duration: "200ms").text)
    for milliseconds in [150, 600, 1200] as [UInt32] {
      let program = try project.start(["experiment", "run", "tiny"])
      usleep(milliseconds * 1000)
      program.signal(SIGKILL)
      try program.wait()
    }
    let ending = try project.poolops(["experiment", "recover"])
    #expect(ending.status == 0, "\(ending)")
    let next = try project.poolops(["experiment", "run", "tiny"])
    #expect(next.status == Exit.inconclusive.rawValue, "\(next)")
  }

  @Test func `while an undo is owed nothing new begins`() throws {
    let project = try Self.shared.get()
    try kill(project, at: "retest:poll:1")
    let written = bytes(of: project.envFile)
    let refused = try project.poolops(["experiment", "run", "tiny"])
    #expect(refused.status == Exit.locked.rawValue)
    #expect(
      refused.error.contains("ended without putting back") && refused.error.contains("poolops experiment recover"))
    #expect(bytes(of: project.envFile) == written)
    let verdict = project.command("go-no-go")
    #expect(verdict.status == Exit.inconclusive.rawValue && verdict.output.contains("recover"), "\(verdict)")
    try expectRecovery(project, "after a refusal", keeping: [:])
  }

  @Test func `recover leaves alone what somebody else changed since, until it is forced`() throws {
    let project = try Self.shared.get()
    try kill(project, at: "retest:poll:1")
    let edited = TestProject.env.replacing("\"3\"", with: "99")
    write(edited, to: project.envFile)
    for _ in 1...2 {
      let left = try project.poolops(["experiment", "recover"])
      #expect(left.status == Exit.rollbackUnverified.rawValue)
      #expect(left.output.contains("was changed by somebody else since") && left.output.contains("99"))
      #expect(text(of: project.envFile) == edited)
    }
    let forced = try project.poolops(["experiment", "recover", "--force", "--json"])
    #expect(forced.status == 0, "\(forced)")
    _ = try JSONText.parse(forced.output)
    #expect(text(of: project.envFile) == TestProject.env)
  }

  @Test func `recover refuses while the execution is alive, and does not disturb it`() throws {
    let project = try Self.shared.get()
    let program = try start(project, "slow", until: "baseline:poll:1")
    let words = [["experiment", "recover"], ["experiment", "run", "tiny"], ["staging", "down"]]
    for command in words {
      let refused = try project.poolops(command)
      #expect(refused.status == Exit.locked.rawValue, "\(command): \(refused)")
      #expect(refused.error.contains("\(program.pid)"), "\(command) names the process: \(refused.error)")
    }
    #expect(program.isRunning)
    program.signal(SIGTERM)
    #expect(try program.wait().status == Exit.terminated.rawValue)
    #expect(text(of: project.envFile) == TestProject.env)
  }

  private func kill(_ project: TestProject, at place: String) throws {
    let killed = try project.poolops(["experiment", "run", "tiny"], variables: ["KILL_AT": place], program: "Killable")
    try #require(killed.status == 128 + SIGKILL, "\(killed)")
  }

  private func expectRecovery(_ project: TestProject, _ place: String, keeping finished: [RunID: RecordedRun]) throws {
    let first = try project.poolops(["experiment", "recover"])
    #expect(first.status == 0, "\(place): \(first)")
    #expect(text(of: project.envFile) == TestProject.env, "\(place): the env file is not as it was")
    #expect(!first.output.isEmpty)
    let second = try project.poolops(["experiment", "recover"])
    #expect(second.output.hasPrefix("Nothing is owed") && second.status == 0, "\(place): \(second)")
    let store = try project.results()
    #expect(try store.integrityCheck() == [], "\(place)")
    #expect(try store.openChanges() == [], "\(place)")
    #expect(try store.unfinishedExecutions() == [], "\(place)")
    #expect(try store.runs().allSatisfy { $0.status != .running }, "\(place)")
    for (id, run) in finished { #expect(try store.recordedRun(id) == run, "\(place): \(id) changed") }
  }

  private func finishedRuns(_ project: TestProject) throws -> [RunID: RecordedRun] {
    let store = try project.results()
    var found: [RunID: RecordedRun] = [:]
    for run in try store.runs() where run.status == .finished { found[run.id] = try store.recordedRun(run.id) }
    try #require(!found.isEmpty)
    return found
  }
}

/// Starts an execution and waits until it is about to do the call at `place`.
func start(
  _ project: TestProject, _ experiment: String, until place: String, variables: [String: String] = [:]
) throws -> Program {
  let trace = project.root + "/trace-of-\(experiment)"
  unlink(trace)
  let program = try project.start(
    ["experiment", "run", experiment], variables: variables.merging(["TRACE": trace]) { $1 }, program: "Killable")
  try program.wait { (text(of: trace) ?? "").contains(place + "\n") }
  return program
}
