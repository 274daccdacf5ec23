import Model

/// What is written while an execution goes on. Each call is durable when it returns, and is all or nothing.
extension ResultsStore {
  /// Opens a new execution under the next number of its experiment; calibrations are counted with the others.
  package func beginExecution(
    experiment: String, text: String, digest: String, seed: UInt64, kind: ExecutionKind = .experiment,
    at moment: Timestamp
  ) throws(StoreError) -> ExecutionID {
    try write { () throws(StoreError) in
      let last = try database.integer(
        "SELECT max(number) FROM executions WHERE experiment = ?", .text(experiment))
      _ = try database.insert(
        """
        INSERT INTO executions (experiment, number, outcome, started, seed, experiment_text, experiment_digest, kind)
        VALUES (?, ?, 'running', ?, ?, ?, ?, ?)
        """, .text(experiment), SQLValue(last + 1), SQLValue(moment), .text("\(seed)"), .text(text), .text(digest),
        .text(kind.rawValue))
      return ExecutionID(experiment: experiment, number: last + 1)
    }
  }

  /// Adds a stage, running or already over; gives the id that `finishStage` takes.
  package func recordStage(_ execution: ExecutionID, _ record: StageRecord) throws(StoreError) -> Int {
    try write { () throws(StoreError) in
      try database.insert(
        "INSERT INTO stages (execution, stage, outcome, started, ended, note) VALUES (?, ?, ?, ?, ?, ?)",
        try row(of: execution), .text(record.stage.rawValue), .text(record.outcome.rawValue),
        SQLValue(record.started), SQLValue(record.ended), .text(record.note))
    }
  }

  package func finishStage(
    _ id: Int, outcome: StageOutcome, ended: Timestamp, note: String
  ) throws(StoreError) {
    try change(
      "stage \(id)", "UPDATE stages SET outcome = ?, ended = ?, note = ? WHERE id = ?",
      .text(outcome.rawValue), SQLValue(ended), .text(note), SQLValue(id))
  }

  /// Opens a new run under the next number of the whole database.
  /// - Parameter step: `max_size` of a rollout's step, whose run is no side of the comparison.
  package func beginRun(
    _ execution: ExecutionID, arm: Arm, step: Int? = nil, wanted: PoolSettings, environment: [String: String],
    at moment: Timestamp
  ) throws(StoreError) -> RunID {
    try write { () throws(StoreError) in
      let run = try database.insert(
        "INSERT INTO runs (execution, arm, status, started) VALUES (?, ?, 'running', ?)",
        try row(of: execution), .text(arm.rawValue), SQLValue(moment))
      if let step {
        try database.run("INSERT INTO rollout_steps (run, max_size) VALUES (?, ?)", SQLValue(run), SQLValue(step))
      }
      for (key, text) in wanted.storedTexts {
        try database.run(
          "INSERT INTO settings (run, key, wanted) VALUES (?, ?, ?)", SQLValue(run), .text(key.rawValue), .text(text))
      }
      for (key, value) in environment {
        try database.run(
          "INSERT INTO environment (run, key, value) VALUES (?, ?, ?)", SQLValue(run), .text(key), .text(value))
      }
      return RunID(run)
    }
  }

  package func finishRun(_ id: RunID, status: RecordStatus, at moment: Timestamp) throws(StoreError) {
    try change(
      "\(id)", "UPDATE runs SET status = ?, ended = ? WHERE id = ?",
      .text(status.rawValue), SQLValue(moment), SQLValue(id.number))
  }

  /// Opens a block; gives the id that `append` and `finishBlock` take.
  package func beginBlock(run: RunID, pair: Int, position: Int, at moment: Timestamp) throws(StoreError) -> Int {
    try write { () throws(StoreError) in
      try database.insert(
        "INSERT INTO blocks (run, pair, position, status, started) VALUES (?, ?, ?, 'running', ?)",
        SQLValue(run.number), SQLValue(pair), SQLValue(position), SQLValue(moment))
    }
  }

  /// Adds what was measured since the last call. A second that the block already has is refused.
  /// Gauges that are not numbers are left out: to SQLite they are no value.
  package func append(slices: [Slice], samples: [ProbeSample], toBlock block: Int) throws(StoreError) {
    try write { () throws(StoreError) in
      for slice in slices { try insert(slice, block) }
      for sample in samples { try insert(sample, block) }
    }
  }

  private func insert(_ sample: ProbeSample, _ block: Int) throws(StoreError) {
    let values = sample.values.filter { $0.value.isFinite }.sorted { $0.key.rawValue < $1.key.rawValue }
    guard !values.isEmpty else { return }
    try database.run(
      "INSERT INTO moments (block, second) VALUES (?, ?) ON CONFLICT DO NOTHING", SQLValue(block),
      .real(sample.second))
    let moment = try database.integer(
      "SELECT id FROM moments WHERE block = ? AND second = ?", SQLValue(block), .real(sample.second))
    let statement = try Statement(
      database,
      """
      INSERT INTO readings (moment, gauge, value) VALUES (?, (SELECT id FROM gauges WHERE name = ?), ?)
      ON CONFLICT DO UPDATE SET value = excluded.value
      """)
    for (gauge, value) in values {
      try database.run("INSERT INTO gauges (name) VALUES (?) ON CONFLICT DO NOTHING", .text(gauge.rawValue))
      try statement.run([SQLValue(moment), .text(gauge.rawValue), .real(value)])
    }
  }

  private func insert(_ slice: Slice, _ block: Int) throws(StoreError) {
    let id = try database.insert(
      """
      INSERT INTO slices (block, second, due, completed, connections_opened, connections_closed, active_mean,
        active_max, idle_mean, idle_max, waiting_mean, waiting_max, users_mean, users_max, generator_cpu,
        length)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, SQLValue(block), SQLValue(slice.second), SQLValue(slice.due), SQLValue(slice.completed),
      SQLValue(slice.connectionsOpened), SQLValue(slice.connectionsClosed), .real(slice.active.mean),
      SQLValue(slice.active.max), .real(slice.idle.mean), SQLValue(slice.idle.max), .real(slice.waiting.mean),
      SQLValue(slice.waiting.max), .real(slice.users.mean), SQLValue(slice.users.max), .real(slice.generatorCPU),
      .real(slice.length))
    for (error, count) in slice.failed {
      try database.run(
        "INSERT INTO failures (slice, class, count) VALUES (?, ?, ?)", SQLValue(id), .text(error.word), SQLValue(count))
    }
    for (kind, data) in slice.histograms {
      try database.run(
        "INSERT INTO histograms (slice, kind, data) VALUES (?, ?, ?)", SQLValue(id), .text(kind.rawValue), .blob(data))
    }
    if let flows = slice.flows {
      try database.run(
        "INSERT INTO flows (slice, started, completed, failed) VALUES (?, ?, ?, ?)",
        SQLValue(id), SQLValue(flows.started), SQLValue(flows.completed), SQLValue(flows.failed))
    }
    for (position, part) in slice.parts.enumerated() { try insert(part, position, id) }
  }

  private func insert(_ part: TransactionPart, _ position: Int, _ slice: Int) throws(StoreError) {
    try database.run("INSERT OR IGNORE INTO transaction_names (name) VALUES (?)", .text(part.name))
    try database.run(
      """
      INSERT INTO parts (slice, position, name, completed, failed, latency)
      SELECT ?, ?, id, ?, ?, ? FROM transaction_names WHERE name = ?
      """, SQLValue(slice), SQLValue(position), SQLValue(part.completed), SQLValue(part.failed),
      part.latency.map(SQLValue.blob) ?? .null, .text(part.name))
  }

  /// Keeps what a load of steps found in a block; one that was recorded before is replaced.
  package func recordBreakingPoint(_ point: BreakingPoint, ofBlock block: Int) throws(StoreError) {
    try write { () throws(StoreError) in
      try database.run(
        "INSERT OR REPLACE INTO breaking_points (block, held, broke, condition, value) VALUES (?, ?, ?, ?, ?)",
        SQLValue(block), SQLValue(point.held), point.broke.map { SQLValue($0) } ?? .null, .text(point.condition),
        point.value.map(SQLValue.real) ?? .null)
    }
  }

  /// Keeps why a block does not count that was measured to its end.
  package func setAside(block: Int, reason: String) throws(StoreError) {
    try write { () throws(StoreError) in
      try database.run("INSERT INTO set_aside (block, reason) VALUES (?, ?)", SQLValue(block), .text(reason))
    }
  }

  /// Closes a block; `effective` is what its pool was read back to have, nil when it could not be read.
  package func finishBlock(
    _ id: Int, status: RecordStatus, effective: PoolSettings?, inFlightAtEnd: Int, at moment: Timestamp
  ) throws(StoreError) {
    try write { () throws(StoreError) in
      let changed = try database.run(
        "UPDATE blocks SET status = ?, ended = ?, in_flight_at_end = ? WHERE id = ?",
        .text(status.rawValue), SQLValue(moment), SQLValue(inFlightAtEnd), SQLValue(id))
      guard changed == 1 else { throw missing("block \(id)") }
      try database.run("DELETE FROM block_settings WHERE block = ?", SQLValue(id))
      for (key, text) in effective?.storedTexts ?? [] {
        try database.run(
          "INSERT INTO block_settings (block, key, effective) VALUES (?, ?, ?)",
          SQLValue(id), .text(key.rawValue), .text(text))
      }
    }
  }

  /// Keeps the verdict of an execution; one that was recorded before is replaced.
  package func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(StoreError) {
    try write { () throws(StoreError) in
      let execution = try row(of: execution)
      try database.run("DELETE FROM decisions WHERE execution = ?", execution)
      let decision = try database.insert(
        "INSERT INTO decisions (execution, decision, reason) VALUES (?, ?, ?)",
        execution, .text(verdict.decision.rawValue), .text(verdict.reason))
      for (position, rule) in verdict.rules.enumerated() {
        try database.run(
          "INSERT INTO rules (decision, position, rule, status, evidence) VALUES (?, ?, ?, ?, ?)",
          SQLValue(decision), SQLValue(position), .text(rule.rule), .text(rule.status.rawValue), .text(rule.evidence))
      }
    }
  }

  package func finishExecution(
    _ id: ExecutionID, outcome: ExecutionOutcome, at moment: Timestamp
  ) throws(StoreError) {
    try change(
      "\(id)", "UPDATE executions SET outcome = ?, ended = ? WHERE experiment = ? AND number = ?",
      .text(outcome.rawValue), SQLValue(moment), .text(id.experiment), SQLValue(id.number))
  }

  /// Ends an execution that died: its stages still running become interrupted, its runs and blocks aborted.
  package func markAborted(
    _ execution: ExecutionID, outcome: ExecutionOutcome, at moment: Timestamp
  ) throws(StoreError) {
    try write { () throws(StoreError) in
      let id = try row(of: execution)
      let moment = SQLValue(moment)
      try database.run(
        "UPDATE stages SET outcome = 'interrupted', ended = ? WHERE execution = ? AND outcome = 'running'", moment, id)
      try database.run(
        """
        UPDATE blocks SET status = 'aborted', ended = ?
        WHERE status = 'running' AND run IN (SELECT id FROM runs WHERE execution = ?)
        """, moment, id)
      try database.run(
        "UPDATE runs SET status = 'aborted', ended = ? WHERE execution = ? AND status = 'running'", moment, id)
      try database.run(
        "UPDATE executions SET outcome = ?, ended = ? WHERE id = ?", .text(outcome.rawValue), moment, id)
    }
  }

  /// A line of the history that belongs to no other table; `execution` is nil when it concerns none.
  package func recordEvent(
    _ execution: ExecutionID?, kind: String, text: String, at moment: Timestamp
  ) throws(StoreError) {
    try write { () throws(StoreError) in
      try database.run(
        "INSERT INTO events (execution, kind, text, at) VALUES (?, ?, ?, ?)",
        try execution.map(row(of:)) ?? .null, .text(kind), .text(text), SQLValue(moment))
    }
  }

  /// One UPDATE of one row, which must be there.
  func change(_ name: String, _ sql: String, _ values: SQLValue...) throws(StoreError) {
    try write { () throws(StoreError) in
      let statement = try Statement(database, sql)
      try statement.run(values)
      guard try database.integer("SELECT changes()") == 1 else { throw missing(name) }
    }
  }

  func row(of execution: ExecutionID) throws(StoreError) -> SQLValue {
    let ids = try database.rows(
      "SELECT id FROM executions WHERE experiment = ? AND number = ?", .text(execution.experiment),
      SQLValue(execution.number)
    ) { row in row.int(0) }
    guard let id = ids.first else { throw missing("\(execution)") }
    return SQLValue(id)
  }

  func missing(_ name: String) -> StoreError {
    StoreError(.sql, path: path, message: "\(name) is not recorded")
  }
}

extension SQLValue {
  init(_ moment: Timestamp?) { self.init(moment?.microseconds) }
}
