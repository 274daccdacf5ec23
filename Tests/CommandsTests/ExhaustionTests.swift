import Glibc
import Model
import Monitor
import Staging
import Store
import Testing

/// `experiment run` of a ramp until a request fails: real processes, a real PostgreSQL, a real file.
@Suite(.serialized) struct ExhaustionTests {
  /// A pool of two that holds each connection for 50 ms serves 40 requests a second.
  struct Ramp: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var shape: String
    var timeout = "1s"
    var more = ""
    var pool = ""
    var sql = "SELECT pg_sleep(0.05)"
    var rule = "{}"

    var text: String {
      """
      version: 1
      title: \(testDescription)
      hypothesis: The alert fires before the first request fails.
      staging: { embedded: { dataset_scale: 1, settings: { max_connections: 40 } } }
      target: { pool: builtin }
      baseline: { max_size: 2, acquire_timeout: \(timeout)\(pool) }
      load:
        shape: \(shape)
        transactions:
          - { name: nap, sql: "\(sql)" }
      early_warning: \(rule)
      \(more)

      """
    }

    static func rate(_ stages: String, from start: Int = 20) -> String {
      "{ ramping_arrival_rate: { start_rate: \(start), stages: [ \(stages) ], warm_up: 500ms } }"
    }
  }

  private static let ramps = [
    Ramp(
      testDescription: "at once to 500 %",
      shape: Ramp.rate("{ rate: 20, duration: 1s }, { rate: 200, duration: 0s }, { rate: 200, duration: 60s }")),
    Ramp(
      testDescription: "to 300 % in 4 s", shape: Ramp.rate("{ rate: 120, duration: 4s }, { rate: 120, duration: 60s }")),
    Ramp(
      testDescription: "to 150 % in 6 s", shape: Ramp.rate("{ rate: 60, duration: 6s }, { rate: 60, duration: 60s }")),
    Ramp(
      testDescription: "to 150 % in 3 s", shape: Ramp.rate("{ rate: 60, duration: 3s }, { rate: 60, duration: 60s }"),
      timeout: "2s"),
    Ramp(
      testDescription: "2 to 200 users in 6 s",
      shape:
        "{ ramp: { start_users: 2, stages: [ { users: 200, duration: 6s }, { users: 200, duration: 60s } ], warm_up: 500ms } }"
    ),
  ]

  private static let shared = Result { () throws -> TestProject in
    let project = TestProject()
    for (index, ramp) in ramps.enumerated() { project.add("ramp\(index)", ramp.text) }
    project.add(
      "gentle", Ramp(testDescription: "Gentle", shape: Ramp.rate("{ rate: 10, duration: 1s }", from: 5)).text)
    let steep = Ramp.rate("{ rate: 200, duration: 0s }, { rate: 200, duration: 60s }")
    project.add("full", Ramp(testDescription: "Full", shape: steep, pool: ", max_waiting: 3").text)
    project.add(
      "broken",
      Ramp(testDescription: "Broken", shape: steep, sql: "SELECT 1 / (random() > 0.5)::int").text)
    project.writeEnvFile()
    _ = try project.staging()
    return project
  }

  private func newest(_ project: TestProject, _ name: String) throws -> (Execution, RunID, LeadTimes) {
    let store = try project.results()
    let execution = try #require(try store.executions(of: name, kind: .exhaustion).first)
    let run = try #require(execution.runs.first)
    #expect(execution.runs.count == 1)
    return (execution, run, try #require(try store.leadTimes(of: run)))
  }

  private func expectClean(_ project: TestProject, _ place: String = "") throws {
    #expect(text(of: project.envFile) == TestProject.env, "\(place): the env file is not as it was")
    let store = try project.results()
    #expect(try store.openChanges() == [] && store.unfinishedExecutions() == [], "\(place)")
    #expect(try store.runs().allSatisfy { $0.status != .running } && store.integrityCheck() == [], "\(place)")
  }

  /// On a machine that is too busy to look at the pool in time nothing is proven, and that is what it says.
  @Test func `in five ramps of different steepness the alert leads the first failure by what is guaranteed`() throws {
    let project = try Self.shared.get()
    var table =
      "ramp | acquire timeout | alert leads by | guaranteed | warning leads by | looked at, at most | verdict\n"
    for (index, ramp) in Self.ramps.enumerated() {
      let ending = try project.poolops(["experiment", "run", "ramp\(index)"])
      let (execution, run, times) = try newest(project, "ramp\(index)")
      let (guaranteed, gap) = (try #require(times.guaranteed), try #require(times.longestGap))
      let timeout = try #require(times.rule.acquireTimeout?.seconds)
      let lead = try #require(times.lead(of: .alert), "\(ramp): failed without an alert: \(ending)")
      #expect(times.failure?.error == .acquireTimeout && times.age == .told)
      // What the method promises of samples that come as late as these did.
      #expect(lead >= timeout / 2 - gap - 1e-6, "\(ramp): \(times)")
      #expect(times.keepsGuarantee == true || gap > times.rule.interval.seconds, "\(ramp): \(times)")
      #expect(times.lead(of: .warning).map { $0 >= lead } == true)
      let expected: Exit = times.keepsGuarantee == true ? .go : .inconclusive
      #expect(ending.status == expected.rawValue, "\(ramp): \(ending)")
      if times.keepsGuarantee == true {
        #expect(ending.output.contains("The alert leads by \(LeadTimes.text(lead)) (\(run))"), "\(ending)")
      }
      #expect(execution.outcome == .rolledBack && execution.verdict == times.verdict(of: run))
      table +=
        "\(ramp.testDescription) | \(ramp.timeout) | \(LeadTimes.text(lead)) | \(LeadTimes.text(guaranteed)) | "
        + "\(times.lead(of: .warning).map(LeadTimes.text) ?? "-") | \(LeadTimes.text(gap)) | "
        + "\(execution.verdict?.decision.rawValue ?? "-")\n"
      try expectClean(project, ramp.testDescription)
    }
    print(table)
    try expectShown(project)
  }

  /// The newest ramp, wherever a person looks for it.
  private func expectShown(_ project: TestProject) throws {
    let (execution, run, times) = try newest(project, "ramp4")
    let sentence = times.sentence(of: run)
    #expect(project.command("run show \(run)").output.contains(sentence))
    let json = try JSONText.parse(project.command("run show \(run) --json").output)
    #expect(json["lead"]?["finding"]?.string == "led" && json["kind"]?.string == "exhaustion")
    #expect(project.command("run list").output.contains("exhaustion"))
    let listed = try JSONText.parse(project.command("experiment list --json").output).array
    #expect(listed.contains { $0["execution"]?.string == "\(execution.id)" && $0["verdict"]?.string != nil })
    let go = project.command("go-no-go")
    #expect(!go.output.contains("ramp"), "a ramp is no change that could go anywhere: \(go)")
    for line in ["diff ramp4", "diff \(execution.id)", "experiment calibrate ramp4", "sweep ramp4 --pool 2"] {
      let refused = project.command(line)
      #expect(refused.status == Exit.usage.rawValue && refused.error.contains("ramp4"), "\(line): \(refused)")
    }
    project.makeFolder(project.root + "/runbooks")
    let page = project.root + "/runbooks/pool.md"
    write("<!-- poolops:begin early-warning experiment=ramp4 -->\n<!-- poolops:end early-warning -->\n", to: page)
    let rendered = project.command("runbook render")
    #expect(rendered.status == 0 && text(of: page)?.contains(sentence) == true, "\(rendered)")
    #expect(project.command("runbook check").status == 0)
    write("version: 1\nexperiments: [ramp4]\n", to: project.root + "/runbooks/go-no-go.yaml")
    let counted = project.command("go-no-go")
    #expect(counted.output.contains("\(execution.id) of"), "where the policy names it, it counts: \(counted)")
    project.add("ramp4", Self.ramps[4].text + "# changed since\n")
    #expect(project.command("runbook check").output.contains("was changed since"))
    unlink(project.root + "/runbooks/go-no-go.yaml")
    unlink(page)
  }

  @Test func `a ramp that exhausts nothing says so, and proves nothing`() throws {
    let project = try Self.shared.get()
    let ending = try project.poolops(["experiment", "run", "gentle"])
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(ending.output.contains("did not exhaust the pool: no request failed"), "\(ending)")
    let (execution, _, times) = try newest(project, "gentle")
    #expect(times.finding == .nothingFailed && times.samples >= 5 && execution.verdict?.decision == .inconclusive)
    try expectClean(project)
  }

  @Test(arguments: [("full", ErrorClass.queueFull), ("broken", .sql("22012"))])
  func `a failure that no wait foretells is named as a cause without a lead`(name: String, error: ErrorClass) throws {
    let project = try Self.shared.get()
    let ending = try project.poolops(["experiment", "run", name])
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(ending.output.contains("failed with \(error.word), which no wait for a connection foretells"), "\(ending)")
    #expect(try newest(project, name).2.finding == .otherCause(error))
    try expectClean(project)
  }

  @Test(arguments: [
    "apply:recordChange:1", "apply:apply:1", "verify:setChange:1", "ramp:poll:3", "ramp:finishBlock:1",
    "ramp:recordLead:1", "judge:recordVerdict:1", "rollback:revert:1", "confirm:finishExecution:1",
  ]) func `a ramp that was killed is put right by recover, and is no proof`(place: String) throws {
    let project = try Self.shared.get()
    let killed = try project.poolops(
      ["experiment", "run", "ramp0"], variables: ["KILL_AT": place], program: "Killable")
    #expect(killed.status == 128 + SIGKILL, "\(place): \(killed)")
    let recovered = try project.poolops(["experiment", "recover"])
    #expect(recovered.status == 0, "\(place): \(recovered)")
    try expectClean(project, place)
    let store = try project.results()
    let execution = try #require(try store.executions(of: "ramp0", kind: .exhaustion).first)
    // Dead after all was back, it had only not said so yet.
    guard !place.hasPrefix("confirm") else { return }
    let statuses = try store.runs().filter { $0.execution == execution.id }.map(\.status)
    #expect(execution.outcome == .failed && statuses.allSatisfy { $0 == .aborted }, "\(place): \(statuses)")
  }

  @Test func `Ctrl-C ends a ramp with 130, and puts staging back`() throws {
    let project = try Self.shared.get()
    let ended = try project.poolops(
      ["experiment", "run", "ramp0"], variables: ["INTERRUPT_AT": "ramp:poll:3"], program: "Killable")
    #expect(ended.status == Exit.interrupted.rawValue && ended.output.contains("NOT JUDGED"), "\(ended)")
    try expectClean(project)
  }
}
