import Glibc
import Model
import Staging
import Store
import Testing

@Suite(.serialized) struct SignalTests {
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.add("short", Tiny(duration: "1500ms").text)
    project.add("slow", Tiny(duration: "30s").text)
    project.add("tiny", Tiny(duration: "200ms").text)
    project.add("steps", Tiny(duration: "200ms", more: "rollout: { steps: [4, 8], duration: 1s }").text)
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  private static let signals: [(Int32, Exit, experiment: String, place: String)] = [
    (SIGINT, .interrupted, "slow", "preflight:preflight:1"), (SIGINT, .interrupted, "slow", "baseline:poll:2"),
    (SIGTERM, .terminated, "slow", "baseline:poll:2"), (SIGHUP, .terminated, "slow", "baseline:poll:2"),
    (SIGINT, .interrupted, "short", "retest:poll:2"), (SIGTERM, .terminated, "short", "retest:poll:2"),
    (SIGINT, .interrupted, "steps", "rollout:poll:2"), (SIGHUP, .terminated, "steps", "rollout:poll:3"),
  ]

  @Test func `a signal puts staging back, confirms it, and ends with its own code`() throws {
    let project = try Self.shared.get()
    for (number, status, experiment, place) in Self.signals {
      let program = try start(project, experiment, until: place)
      program.signal(number)
      let ending = try program.wait(within: .seconds(10))
      #expect(ending.status == status.rawValue, "\(place): \(ending)")
      #expect(text(of: project.envFile) == TestProject.env, "\(place)")
      guard place != "preflight:preflight:1" else { continue }
      #expect(ending.error.contains("holds what it held before"), "\(place): it is confirmed: \(ending.error)")
      let store = try project.results()
      #expect(try store.openChanges() == [])
      let newest = try #require(try store.executions(of: experiment).first)
      #expect(newest.outcome == .failed && newest.stages.contains { $0.outcome == .interrupted })
      #expect(try store.runs().first?.status == .aborted)
      store.close()
      #expect(project.command("run list").output.contains("aborted"))
      #expect(try project.poolops(["experiment", "recover"]).output.hasPrefix("Nothing is owed"))
    }
  }

  @Test func `an interrupt in any stage ends with staging as it was, and nothing owed`() throws {
    let project = try Self.shared.get()
    // From the judgement on staging is put back anyway; then the verdict is what the caller hears.
    let places: [(place: String, status: Exit)] = [
      ("rehearse:recordChange:1", .interrupted), ("rehearse:apply:1", .interrupted),
      ("rehearse:verify:1", .interrupted), ("rehearse:revert:1", .interrupted),
      ("rehearse:closeChanges:1", .interrupted), ("preflight:beginExecution:1", .interrupted),
      ("apply:recordChange:1", .interrupted),
      ("apply:apply:1", .interrupted), ("verify:verify:1", .interrupted),
      ("apply:setChange:2", .interrupted),
      ("retest:begin:1", .interrupted), ("judge:beginStage:1", .inconclusive), ("rollback:revert:1", .inconclusive),
      ("confirm:closeChanges:1", .inconclusive),
    ]
    for (place, status) in places {
      let ending = try project.poolops(
        ["experiment", "run", "tiny"], variables: ["INTERRUPT_AT": place], program: "Killable")
      // What a busy machine measured may fail a check.
      let statuses = status == .inconclusive ? [status, .noGo] : [status]
      #expect(statuses.map(\.rawValue).contains(ending.status), "\(place): \(ending)")
      #expect(text(of: project.envFile) == TestProject.env, "\(place)")
      let store = try project.results()
      #expect(try store.openChanges() == [] && store.unfinishedExecutions() == [], "\(place)")
      store.close()
    }
  }

  @Test func `a second signal leaves at once, and the undo stays recorded`() throws {
    let project = try Self.shared.get()
    for (number, status, first, second) in [
      (SIGINT, Exit.interrupted, "baseline:poll:2", "rollback:revert:1"),
      (SIGTERM, .terminated, "baseline:poll:2", "rollback:revert:1"),
      (SIGINT, .interrupted, "rehearse:apply:1", "rehearse:setChange:1"),
    ] {
      let program = try start(
        project, "slow", until: second, variables: ["INTERRUPT_AT": first, "SLEEP_AT": second])
      #expect(program.isRunning && text(of: project.envFile) != TestProject.env)
      program.signal(number)
      #expect(try program.wait(within: .seconds(5)).status == status.rawValue)
      let recovered = try project.poolops(["experiment", "recover"])
      #expect(recovered.status == 0 && recovered.output.contains("put back, and read back"), "\(recovered)")
      #expect(text(of: project.envFile) == TestProject.env)
    }
  }

  @Test func `an interrupt stops a staging that the execution itself started`() throws {
    let project = TestProject()
    project.add("slow", Tiny(duration: "30s").text)
    let program = try start(project, "slow", until: "baseline:poll:1")
    #expect(project.command("staging status --json").status == 0)
    program.signal(SIGINT)
    #expect(try program.wait(within: .seconds(20)).status == Exit.interrupted.rawValue)
    let status = project.command("staging status --json")
    #expect(try JSONText.parse(status.output)["state"]?.string == "stopped")
    #expect(bytes(of: project.envFile) == nil, "the env file came with the execution, and goes with it")
  }
}
