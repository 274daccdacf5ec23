import Model
import Monitor

/// How far alerts came before the first failed request.
extension ResultsStore {
  /// Keeps what a ramp into exhaustion showed; what was recorded of the run before is replaced.
  package func recordLead(_ times: LeadTimes, of run: RunID) throws(StoreError) {
    guard let timeout = times.rule.acquireTimeout else {
      throw StoreError(.sql, path: path, message: "\(run) has no acquire timeout, and so no lead")
    }
    try write { () throws(StoreError) in
      try database.run("DELETE FROM level_changes WHERE run = ?", SQLValue(run.number))
      try database.run(
        """
        INSERT OR REPLACE INTO lead_times (run, acquire_timeout, sample_interval, warn_at, alert_at, samples,
          longest_gap, age, aged_warning, aged_alert, timeouts, failure, error)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, SQLValue(run.number), SQLValue(timeout.nanoseconds / 1000),
        SQLValue(times.rule.interval.nanoseconds / 1000), .real(times.rule.warnAt), .real(times.rule.alertAt),
        SQLValue(times.samples), times.longestGap.map(SQLValue.real) ?? .null, .text(times.age.rawValue),
        times.aged[.warning].map(SQLValue.real) ?? .null, times.aged[.alert].map(SQLValue.real) ?? .null,
        times.timeouts.map { SQLValue($0) } ?? .null, (times.failure?.second).map(SQLValue.real) ?? .null,
        (times.failure?.error.word).map(SQLValue.text) ?? .null)
      for change in times.changes {
        try database.run(
          "INSERT INTO level_changes (run, second, level) VALUES (?, ?, ?)", SQLValue(run.number),
          .real(change.second), .text(change.level.word))
      }
    }
  }

  /// nil: the run was no ramp into exhaustion, or did not come to its end.
  package func leadTimes(of run: RunID) throws(StoreError) -> LeadTimes? {
    let changes = try levelChanges(of: run)
    return try database.rows(
      """
      SELECT acquire_timeout, sample_interval, warn_at, alert_at, samples, longest_gap, age, timeouts, failure, error,
        aged_warning, aged_alert
      FROM lead_times WHERE run = ?
      """, SQLValue(run.number)
    ) { row throws(StoreError) in
      let rule = EarlyWarning.Rule(
        acquireTimeout: .microseconds(row.int(0)), interval: .microseconds(row.int(1)), warnAt: row.double(2),
        alertAt: row.double(3))
      var failure: FirstFailure?
      if !row.isNull(8) {
        guard let error = ErrorClass(word: row.text(9)) else { throw damaged("the error class '\(row.text(9))'") }
        failure = FirstFailure(second: row.double(8), error: error)
      }
      var aged: [WarningLevel: Double] = [:]
      if !row.isNull(10) { aged[.warning] = row.double(10) }
      if !row.isNull(11) { aged[.alert] = row.double(11) }
      return LeadTimes(
        rule: rule, changes: changes, failure: failure, samples: row.int(4),
        longestGap: row.isNull(5) ? nil : row.double(5), age: try word(row.text(6)),
        timeouts: row.isNull(7) ? nil : row.int(7), aged: aged)
    }.first
  }

  private func levelChanges(of run: RunID) throws(StoreError) -> [LevelChange] {
    try database.rows(
      "SELECT second, level FROM level_changes WHERE run = ? ORDER BY second", SQLValue(run.number)
    ) { row throws(StoreError) in
      guard let level = WarningLevel.allCases.first(where: { $0.word == row.text(1) }) else {
        throw damaged("the level '\(row.text(1))'")
      }
      return LevelChange(second: row.double(0), level: level)
    }
  }
}
