import Model
import Monitor
import Testing

@testable import Store

@Suite struct LeadTimesTests {
  let folder = TemporaryFolder()

  static let times: [LeadTimes] = [
    LeadTimes(
      rule: EarlyWarning.Rule(
        acquireTimeout: .microseconds(1_234_567), interval: .milliseconds(50), warnAt: 1.0 / 3, alertAt: 2.0 / 3),
      changes: [
        LevelChange(second: -0.25, level: .alert), LevelChange(second: 2, level: .warning),
        LevelChange(second: 1.0 / 3, level: .calm), LevelChange(second: 12.000_001, level: .alert),
      ].sorted { $0.second < $1.second },
      failure: FirstFailure(second: 14.123_456_789, error: .acquireTimeout), samples: 77, longestGap: 0.062, age: .told,
      timeouts: 3, aged: [.warning: 1.0 / 3, .alert: 12.5]),
    LeadTimes(
      rule: EarlyWarning.Rule(acquireTimeout: .seconds(5), interval: .milliseconds(500)),
      failure: FirstFailure(second: 1, error: .status(503)), samples: 1, age: .inferred,
      aged: [.warning: 0.75]),
    LeadTimes(rule: EarlyWarning.Rule(acquireTimeout: .seconds(5), interval: .milliseconds(500))),
  ]

  private func run(_ store: ResultsStore) throws -> (ExecutionID, RunID) {
    let id = try store.beginExecution(
      experiment: "exhaustion", text: "", digest: "", seed: 1, kind: .exhaustion, at: moment(0))
    return (id, try store.beginRun(id, arm: .baseline, wanted: PoolSettings(), environment: [:], at: moment(0)))
  }

  @Test(arguments: times) func `what a ramp showed is read back as it was recorded`(times: LeadTimes) throws {
    try withStore(folder.database) { store throws in
      let (execution, run) = try run(store)
      #expect(try store.leadTimes(of: run) == nil)
      for other in Self.times { try store.recordLead(other, of: run) }
      try store.recordLead(times, of: run)
      #expect(try store.leadTimes(of: run) == times)
      #expect(try store.executions(of: nil).isEmpty, "it is no execution of an experiment that could be compared")
      #expect(try store.executions(of: "exhaustion", kind: .exhaustion).map(\.id) == [execution])
      #expect(try store.runs().map(\.kind) == [.exhaustion] && store.integrityCheck() == [])
      var row: [String] = []
      for line in try store.database.rows(
        "SELECT coalesce(alert, '-') || ' ' || coalesce(lead, '-') || ' ' || guaranteed FROM run_lead_times",
        read: { $0.text(0) })
      { row.append(line) }
      let lead = times.lead(of: .alert).map { ($0 * 1e6).rounded() / 1e6 }
      #expect(row.count == 1 && row[0].contains(" \(lead.map { "\($0)" } ?? "-") "), "\(row)")
    }
  }

  @Test(arguments: [
    "UPDATE lead_times SET error = 'no such word'", "UPDATE level_changes SET level = 'panic'",
    "UPDATE lead_times SET age = 'guessed'",
  ]) func `a record that was spoiled is damage`(sql: String) throws {
    try withStore(folder.database) { store throws in
      let (_, run) = try run(store)
      try store.recordLead(Self.times[0], of: run)
      try store.database.execute("PRAGMA ignore_check_constraints = ON; \(sql)")
      #expect(throws: StoreError.self) { try store.leadTimes(of: run) }
    }
  }
}
