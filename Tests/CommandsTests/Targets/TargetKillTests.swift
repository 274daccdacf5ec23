import Glibc
import Model
import Staging
import Store
import Testing

/// Every kind of target, killed around every act and every write to the journal. The places are those that an execution
/// itself has: a new act joins by existing.
@Suite struct TargetKillTests {
  /// What touches a target or the journal.
  private static let calls: Set<String> = [
    "recordChange", "setChange", "closeChanges", "snapshot", "apply", "verify", "revert", "confirm",
  ]
  /// After these the next call may be far away.
  private static let effects: Set<String> = ["apply", "revert", "closeChanges"]

  @Test(arguments: TargetKind.lanes.indices)
  func `killed around any act and any write, recover puts back what was in force`(lane: Int) throws {
    let project = TestProject()
    project.writeEnvFile()
    _ = try project.staging()
    for kind in TargetKind.lanes[lane] {
      let trial = try Trial(kind, in: project)
      var deaths: [[String: String]] = []
      for place in try trial.places() {
        let call = String(place.split(separator: ":")[1])
        guard Self.calls.contains(call) else { continue }
        deaths.append(["KILL_AT": place])
        if Self.effects.contains(call) { deaths.append(["KILL_AFTER": place]) }
      }
      #expect(deaths.count > 30, "\(kind): \(deaths.count) moments to die at")
      for death in deaths { try trial.dies(death) }
      try trial.diesInside("apply:apply:1")
      try trial.diesInside("rollback:revert:1")
    }
  }

  /// A target whose executions die, and are recovered.
  private final class Trial {
    let kind: TargetKind
    let project: TestProject
    let fixture: TargetFixture
    private let before: String

    init(_ kind: TargetKind, in project: TestProject) throws {
      self.kind = kind
      self.project = project
      project.writeEnvFile()
      fixture = try kind.make(project)
      project.add("tiny", fixture.experiment())
      before = try fixture.state()
    }

    /// Every call of a whole execution.
    func places() throws -> [String] {
      let trace = project.root + "/trace"
      unlink(trace)
      let ending = try project.poolops(
        ["experiment", "run", "tiny"], variables: fixture.variables.merging(["TRACE": trace]) { $1 },
        program: "Killable")
      try #require(ending.status == Exit.inconclusive.rawValue, "\(kind): \(ending)")
      #expect(try fixture.state() == before, "\(kind): after a whole execution")
      return (text(of: trace) ?? "").split(separator: "\n").map(String.init)
    }

    func dies(_ death: [String: String]) throws {
      let killed = try project.poolops(
        ["experiment", "run", "tiny"], variables: fixture.variables.merging(death) { $1 }, program: "Killable")
      #expect(killed.status == 128 + SIGKILL, "\(kind), \(death): \(killed)")
      try recovers("\(death)")
    }

    /// At six moments between the beginning of an act and the end of the slowest.
    func diesInside(_ place: String) throws {
      for share in 0..<6 {
        let program = try start(project, "tiny", until: place, variables: fixture.variables)
        usleep(UInt32(fixture.act.seconds * 1e6 * Double(share) / 5))
        program.signal(SIGKILL)
        try program.wait()
        try recovers("inside \(place), \(share)")
      }
    }

    private func recovers(_ death: String) throws {
      let first = try project.poolops(["experiment", "recover"], variables: fixture.variables, program: "Killable")
      let state = try fixture.state()
      #expect(first.status == 0 && state == before, "\(kind), \(death): \(first)\n\(state)\nbefore: \(before)")
      let store = try project.results()
      #expect(try store.openChanges() == [] && store.unfinishedExecutions() == [], "\(kind), \(death)")
    }
  }
}
