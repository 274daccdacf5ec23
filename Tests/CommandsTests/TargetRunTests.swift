import Glibc
import Model
import Postgres
import Staging
import Store
import TestSupport
import Testing

/// Several targets of one experiment, changed by the real program and put back.
@Suite(.serialized) struct TargetRunTests {
  private static let targets = """
    targets:
      - postgres:
        baseline: { work_mem: 3MB }
        change: { work_mem: 9MB }
      - pool: builtin
      - command: { apply: [./flag, set], read_back: [cat, flag.txt], revert: [./flag, set] }
        baseline: { router: old }
        change: { router: new }
    """

  private func project(_ name: String, _ more: String = "") throws -> (TestProject, RunningCluster) {
    let project = TestProject()
    project.writeEnvFile()
    let cluster = try project.staging()
    write(
      "#!/bin/sh\necho \"router=$POOLOPS_ROUTER\" >flag.txt\necho \"set to $POOLOPS_ROUTER\"\n",
      to: project.root + "/flag")
    chmod(project.root + "/flag", 0o755)
    write("router=first\n", to: project.root + "/flag.txt")
    project.add(name, Tiny(more: more).text.replacing("target: { pool: builtin }", with: Self.targets))
    return (project, cluster)
  }

  private func workMemory(_ cluster: RunningCluster) throws -> String? {
    try Session(cluster.admin).query("SHOW work_mem").scalar
  }

  private func isAsBefore(_ project: TestProject, _ cluster: RunningCluster) throws -> Bool {
    let session = try Session(cluster.admin)
    let rows = try session.query(
      "SELECT count(*) FROM pg_file_settings WHERE name = 'work_mem' AND sourcefile LIKE '%auto.conf'")
    return text(of: project.root + "/flag.txt") == "router=first\n" && text(of: project.envFile) == TestProject.env
      && rows.scalar == "0"
  }

  @Test func `all of them are changed in order, read back, and put back in the opposite order`() throws {
    let (project, cluster) = try project("several")
    let before = try workMemory(cluster)
    let ending = try project.poolops(["experiment", "run", "several"])
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(try isAsBefore(project, cluster) && workMemory(cluster) == before)
    let store = try project.results()
    #expect(try store.openChanges().isEmpty)
  }

  @Test(arguments: [0, 30, 700]) func `after a kill, all of them are put back from the journal`(
    milliseconds: UInt32
  ) throws {
    let (project, cluster) = try project("several")
    let before = try workMemory(cluster)
    let program = try project.start(["experiment", "run", "several"])
    // From when the second target's change shows: in the middle of the act, and after it.
    for _ in 0..<1500 where text(of: project.envFile) == TestProject.env && program.isRunning { usleep(10_000) }
    usleep(milliseconds * 1000)
    kill(program.pid, SIGKILL)
    _ = try program.wait()
    // The file and the environment of the first run are gone; the recorded experiment is enough.
    unlink(project.root + "/experiments/several.yaml")
    let recovered = try project.poolops(["experiment", "recover"])
    #expect(recovered.status == 0, "\(recovered)")
    #expect(try isAsBefore(project, cluster) && workMemory(cluster) == before, "\(recovered)")
    #expect(try project.poolops(["experiment", "recover"]).status == 0)
  }

  @Test func `what is listed as production is refused before anything is touched`() throws {
    let (project, cluster) = try project("several")
    let identifier = try ProductionGuard.identifier(Session(cluster.admin), target: "x")
    write("version: 1\nsystem_identifiers: [\(identifier)]\n", to: project.root + "/production.yaml")
    let ending = try project.poolops(["experiment", "run", "several"])
    #expect(ending.status == Exit.badConfiguration.rawValue && ending.error.contains("is production"), "\(ending)")
    #expect(try isAsBefore(project, cluster))
  }
}
