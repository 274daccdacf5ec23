import Glibc
import Model
import Store
import Testing

/// `experiment calibrate`: real processes, a real PostgreSQL, a real file.
@Suite(.serialized) struct CalibrateTests {
  /// Eight users and eight connections in both arms would be the same; the change of `Tiny` is left out.
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.add("tiny", Tiny(baseline: "{ max_size: 4, acquire_timeout: 10s }", duration: "200ms").text)
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  @Test func `A against A is measured, stored, shown again, and is evidence for nothing`() throws {
    let project = try Self.shared.get()
    let ending = try project.poolops(["experiment", "calibrate", "tiny", "--pairs", "6"])
    #expect(ending.status == 0, "\(ending)")
    for word in ["Noise of A against A", "6 pairs", "latency p95", "called different", "Next: poolops experiment run"] {
      #expect(ending.output.contains(word), "\(word): \(ending)")
    }
    #expect(text(of: project.envFile) == TestProject.env, "the baseline's settings were put back")
    let store = try project.results()
    let calibration = try #require(try store.calibrations(of: "tiny").first)
    #expect(calibration.pairs == 6 && calibration[.latency(95)]?.pairs == 6 && calibration.environment.count == 64)
    #expect(calibration.pairSeconds > 0.4 && calibration.pairSeconds < 10)
    let execution = try #require(try store.execution(calibration.execution))
    #expect(execution.kind == .calibration && execution.outcome == .rolledBack && execution.verdict == nil)
    let runs = try store.runs().filter { $0.execution == execution.id }
    #expect(runs.map(\.status) == [.finished, .finished] && runs.allSatisfy { $0.wanted.maxSize == 4 })
    #expect(try store.openChanges() == [])

    let name = "\(execution.id)"
    #expect(project.command("run list").output.contains("calibration"))
    let listed = try #require(try JSONText.parse(project.command("experiment list --json").output).array.first)
    #expect(listed["calibration"]?.string == name && listed["execution"]?.string == nil)
    for line in ["diff tiny", "diff \(name)", "go-no-go"] {
      let refused = project.command(line)
      #expect(refused.status != 0 && !refused.output.contains(name), "\(line): \(refused)")
    }
    #expect(project.command("diff \(name)").error.contains("is a calibration"))
    #expect(project.command("go-no-go").output.contains("never carried out"))
    #expect(project.command("experiment plan tiny").output.contains("as calibrated by \(name)"))
    let shown = project.command("experiment calibrate tiny --show --json")
    #expect(shown.status == 0, "\(shown)")
    let json = try JSONText.parse(shown.output)
    #expect(json["execution"]?.string == name && json["noise"]?.array.first?["metric"]?.string == "throughput")
  }

  @Test func `Ctrl-C ends a calibration with 130, leaves nothing undone, and marks it aborted`() throws {
    let project = try Self.shared.get()
    let ended = try project.poolops(
      ["experiment", "calibrate", "tiny"], variables: ["INTERRUPT_AT": "retest:poll:1"], program: "Killable")
    #expect(ended.status == Exit.interrupted.rawValue, "\(ended)")
    #expect(ended.error.contains("measured no noise; staging is as it was"), "\(ended)")
    try expectNothingOwed(project, "interrupted")
  }

  @Test(arguments: [
    "preflight:beginExecution:1", "apply:apply:1", "verify:setChange:1", "baseline:poll:1", "retest:finishBlock:1",
    "judge:recordedRun:1", "rollback:revert:1", "confirm:finishExecution:1",
  ]) func `a calibration that was killed is put right by recover, and marked aborted`(place: String) throws {
    let project = try Self.shared.get()
    let killed = try project.poolops(
      ["experiment", "calibrate", "tiny", "--pairs", "6"], variables: ["KILL_AT": place], program: "Killable")
    #expect(killed.status == 128 + SIGKILL, "\(place): \(killed)")
    let recovered = try project.poolops(["experiment", "recover"])
    #expect(recovered.status == 0, "\(place): \(recovered)")
    try expectNothingOwed(project, place)
  }

  private func expectNothingOwed(_ project: TestProject, _ place: String) throws {
    #expect(text(of: project.envFile) == TestProject.env, "\(place): the env file is not as it was")
    let again = try project.poolops(["experiment", "recover"])
    #expect(again.status == 0 && again.output.hasPrefix("Nothing is owed"), "\(place): \(again)")
    let store = try project.results()
    #expect(try store.openChanges() == [] && store.unfinishedExecutions() == [], "\(place)")
    #expect(try store.runs().allSatisfy { $0.status != .running }, "\(place)")
    let stored = try store.calibrations(of: "tiny").map(\.execution)
    let failed = try store.executions(of: "tiny", kind: .calibration).filter { $0.outcome == .failed }
    #expect(failed.allSatisfy { !stored.contains($0.id) }, "\(place): noise of a calibration that was cut off")
  }

  @Test func `a number of pairs that says nothing is refused`() {
    let refused = run(["experiment", "calibrate", "tiny", "--pairs", "5"])
    #expect(refused.status == Exit.usage.rawValue && refused.error.contains("from 6 to 500"), "\(refused)")
  }
}
