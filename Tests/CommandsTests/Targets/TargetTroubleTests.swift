import Glibc
import Model
import Postgres
import Staging
import Store
import TestSupport
import Testing

/// What else may happen to a target while an execution has it.
@Suite(.serialized) struct TargetTroubleTests {
  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  @Test(arguments: TargetKind.all) func `what somebody changes during a block stops it, and stays`(kind: TargetKind)
    throws
  {
    let project = try Self.shared.get()
    project.writeEnvFile()
    let fixture = try kind.make(project)
    project.add("long", fixture.experiment { $0.duration = "20s" })
    let before = try fixture.state()
    let program = try start(project, "long", until: "baseline:poll:3", variables: fixture.variables)
    try fixture.edit()
    let edited = try fixture.state()
    let ending = try program.wait(within: .seconds(12))
    #expect(ending.status == Exit.rollbackUnverified.rawValue, "\(ending)")
    #expect(ending.error.contains("was changed by somebody else") && ending.error.contains("77"), "\(ending.error)")
    #expect(try fixture.state().contains("77"), "\(edited)")
    let store = try project.results()
    #expect(try store.runs().first?.status == .aborted)
    store.close()
    let left = try project.poolops(["experiment", "recover"], variables: fixture.variables, program: "Killable")
    #expect(left.status == Exit.rollbackUnverified.rawValue && left.output.contains("77"), "\(left)")
    let forced = try project.poolops(
      ["experiment", "recover", "--force"], variables: fixture.variables, program: "Killable")
    let state = try fixture.state()
    #expect(forced.status == 0 && state == before, "\(forced) \(state)")
  }

  @Test(arguments: TargetKind.all.filter { $0.testDescription != "builtin" })
  func `a target that does not answer at the rollback is told, and recovered later`(kind: TargetKind) throws {
    let project = try Self.shared.get()
    project.writeEnvFile()
    let fixture = try kind.make(project)
    guard let silence = fixture.silence else { return }
    project.add("tiny", fixture.experiment())
    let before = try fixture.state()
    let program = try start(
      project, "tiny", until: "rollback:beginStage:1",
      variables: fixture.variables.merging(["STOP_AT": "rollback:beginStage:1"]) { $1 })
    try program.wait { program.isStopped }
    try silence(true)
    program.signal(SIGCONT)
    let ending = try program.wait(within: .seconds(60))
    try silence(false)
    #expect(ending.status == Exit.rollbackUnverified.rawValue && ending.error.contains("recover"), "\(ending)")
    let refused = try project.poolops(["experiment", "run", "tiny"], variables: fixture.variables, program: "Killable")
    #expect(refused.status == Exit.locked.rawValue, "\(refused)")
    let recovered = try project.poolops(["experiment", "recover"], variables: fixture.variables, program: "Killable")
    let state = try fixture.state()
    #expect(recovered.status == 0 && state == before, "\(recovered) \(state)")
  }

  @Test func `the target is found from the recorded experiment, whatever became of its file`() throws {
    let project = try Self.shared.get()
    project.writeEnvFile()
    let fixture = try TargetKind.command.make(project)
    project.add("gone", fixture.experiment())
    let before = try fixture.state()
    let killed = try project.poolops(
      ["experiment", "run", "gone"], variables: ["KILL_AT": "verify:setChange:1"], program: "Killable")
    #expect(killed.status == 128 + SIGKILL)
    project.add("gone", "version: 1\n")
    // Owed elsewhere: another target may be changed meanwhile.
    project.add("tiny", Tiny(duration: "200ms").text)
    unlink(project.root + "/experiments/gone.yaml")
    let recovered = try project.poolops(["experiment", "recover"])
    #expect(try recovered.status == 0 && fixture.state() == before, "\(recovered)")
  }

  @Test func `a server that restarts while the change is applied is waited for, or all is put back`() throws {
    let project = try Self.shared.get()
    project.writeEnvFile()
    let fixture = try TargetKind.postgres.make(project)
    let folder = try project.staging().folder
    project.addProgram("restart-server", TargetKind.restartScript)
    project.add("tiny", fixture.experiment())
    let before = try fixture.state()
    for place in ["rehearse:apply:1", "apply:apply:1", "apply:apply:2", "verify:verify:1"] {
      let program = try start(
        project, "tiny", until: place, variables: fixture.variables.merging(["STOP_AT": place]) { $1 })
      try program.wait { program.isStopped }
      let restart = try Program(project.root + "/restart-server", [folder])
      usleep(60_000)
      program.signal(SIGCONT)
      let ending = try program.wait(within: .seconds(60))
      try restart.wait()
      let isKnown = [Exit.inconclusive, .rolledBack].map(\.rawValue).contains(ending.status)
      #expect(isKnown, "\(place): \(ending)")
      #expect(try fixture.state() == before, "\(place): \(ending)")
      #expect(try project.results().openChanges() == [], "\(place)")
    }
  }
}
