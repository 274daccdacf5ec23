import Model

/// Sweeps: executions of their own kind, with a plan and cells.
extension ResultsStore {
  /// Opens the sweep of an execution that has begun, with the cells that are known so far.
  package func beginSweep(_ sweep: SweepRecord) throws(StoreError) {
    try write { () throws(StoreError) in
      let (execution, spec) = (try row(of: sweep.id), sweep.spec)
      var confirmed = SQLValue.null
      if let id = spec.confirms { confirmed = try row(of: id) }
      try database.run(
        """
        INSERT INTO sweeps (execution, mode, sizes, levels, warm_up, duration, repeats, size_limit, again, confirms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, execution, .text(spec.mode.rawValue), .text(spec.sizes.map(String.init).joined(separator: ",")),
        .text(spec.levels.map(\.word).joined(separator: ",")), SQLValue(spec.warmUp.nanoseconds / 1000),
        SQLValue(spec.duration.nanoseconds / 1000), SQLValue(spec.repeats),
        sweep.limit.map { SQLValue($0) } ?? .null, SQLValue(spec.again), confirmed)
      for cell in sweep.cells { try insert(cell, execution) }
    }
  }

  /// Adds a cell that a search has asked for.
  package func addCell(_ cell: SweepCell, to id: ExecutionID) throws(StoreError) {
    try write { () throws(StoreError) in try insert(cell, try row(of: id)) }
  }

  private func insert(_ cell: SweepCell, _ execution: SQLValue) throws(StoreError) {
    try database.run(
      "INSERT INTO sweep_cells (execution, position, size, level, run, cut_off) VALUES (?, ?, ?, ?, ?, ?)", execution,
      SQLValue(cell.position), SQLValue(cell.size), .text(cell.level.word),
      cell.run.map { SQLValue($0.number) } ?? .null, .text(cell.cutOff))
  }

  /// Says what measures a cell; an earlier run that was cut off stays, and belongs to no cell any more.
  package func setRun(_ run: RunID, ofCell position: Int, _ id: ExecutionID) throws(StoreError) {
    try change(
      "cell \(position) of \(id)", "UPDATE sweep_cells SET run = ? WHERE execution = ? AND position = ?",
      SQLValue(run.number), try row(of: id), SQLValue(position))
  }

  package func cutOff(_ reason: String, cell position: Int, _ id: ExecutionID) throws(StoreError) {
    try change(
      "cell \(position) of \(id)", "UPDATE sweep_cells SET cut_off = ? WHERE execution = ? AND position = ?",
      .text(reason), try row(of: id), SQLValue(position))
  }

  package func finishSweep(_ id: ExecutionID, at moment: Timestamp) throws(StoreError) {
    try change(
      "\(id)", "UPDATE sweeps SET finished = ? WHERE execution = ?", SQLValue(moment), try row(of: id))
  }

  /// Goes on with an execution that had ended, or whose process died: what was running in it is aborted first.
  package func reopenExecution(_ id: ExecutionID, at moment: Timestamp) throws(StoreError) {
    try markAborted(id, outcome: .failed, at: moment)
    try change(
      "\(id)", "UPDATE executions SET outcome = 'running', ended = NULL WHERE experiment = ? AND number = ?",
      .text(id.experiment), SQLValue(id.number))
  }

  /// Goes on with a run that was cut off between two blocks.
  package func reopenRun(_ id: RunID) throws(StoreError) {
    try change("\(id)", "UPDATE runs SET status = 'running', ended = NULL WHERE id = ?", SQLValue(id.number))
  }

  /// The blocks of an execution's runs that were measured to their end, by their number within the run.
  package func finishedRounds(of id: ExecutionID) throws(StoreError) -> [RunID: Set<Int>] {
    let rows = try database.rows(
      """
      SELECT b.run, b.pair FROM blocks b JOIN runs r ON r.id = b.run
      WHERE r.execution = ? AND b.status = 'finished'
      """, try row(of: id)
    ) { row in (RunID(row.int(0)), row.int(1)) }
    return rows.reduce(into: [:]) { $0[$1.0, default: []].insert($1.1) }
  }

  package func sweep(_ id: ExecutionID) throws(StoreError) -> SweepRecord? {
    try sweeps(where: "e.experiment = ? AND e.number = ?", .text(id.experiment), SQLValue(id.number)).first
  }

  /// Newest first.
  package func sweeps(of experiment: String) throws(StoreError) -> [SweepRecord] {
    try sweeps(where: "e.experiment = ?", .text(experiment))
  }

  private func sweeps(where condition: String, _ values: SQLValue...) throws(StoreError) -> [SweepRecord] {
    let statement = try Statement(
      database,
      """
      SELECT s.execution, e.experiment, e.number, s.mode, s.sizes, s.levels, s.warm_up, s.duration, s.repeats,
        s.size_limit, s.finished, s.again, c.experiment, c.number
      FROM sweeps s JOIN executions e ON e.id = s.execution LEFT JOIN executions c ON c.id = s.confirms WHERE \(condition) ORDER BY e.id DESC
      """)
    try statement.bind(values)
    var found: [SweepRecord] = []
    while try statement.step() {
      let spec = SweepSpec(
        mode: try word(statement.text(3)), sizes: try sizes(statement.text(4)), levels: try levels(statement.text(5)),
        warmUp: .microseconds(statement.int(6)), duration: .microseconds(statement.int(7)), repeats: statement.int(8),
        again: statement.int(11),
        confirms: statement.isNull(12)
          ? nil : ExecutionID(experiment: statement.text(12), number: statement.int(13)))
      found.append(
        SweepRecord(
          id: ExecutionID(experiment: statement.text(1), number: statement.int(2)), spec: spec,
          limit: statement.isNull(9) ? nil : statement.int(9), cells: try cells(SQLValue(statement.int(0))),
          finished: statement.isNull(10) ? nil : try moment(statement, 10)))
    }
    return found
  }

  private func cells(_ execution: SQLValue) throws(StoreError) -> [SweepCell] {
    try database.rows(
      "SELECT position, size, level, run, cut_off FROM sweep_cells WHERE execution = ? ORDER BY position", execution
    ) { row throws(StoreError) in
      SweepCell(
        position: row.int(0), size: row.int(1), level: try level(row.text(2)),
        run: row.isNull(3) ? nil : RunID(row.int(3)), cutOff: row.text(4))
    }
  }

  private func sizes(_ text: String) throws(StoreError) -> [Int] {
    guard !text.isEmpty else { return [] }
    guard let sizes = NumberList.parse(text) else { throw damaged("the pool sizes '\(text)'") }
    return sizes
  }

  private func levels(_ text: String) throws(StoreError) -> [SweepLevel] {
    var levels: [SweepLevel] = []
    for word in text.split(separator: ",") { levels.append(try level(String(word))) }
    guard !levels.isEmpty else { throw damaged("a sweep without a load") }
    return levels
  }

  private func level(_ word: String) throws(StoreError) -> SweepLevel {
    guard let level = SweepLevel(word: word) else { throw damaged("the load '\(word)'") }
    return level
  }
}
