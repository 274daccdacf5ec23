import Model

/// What was recorded, as values. Nothing here changes the file.
extension ResultsStore {
  /// Newest first, with stages, runs and verdict; of every experiment when `experiment` is nil. Calibrations are no
  /// executions of their experiment: they are asked for by name.
  package func executions(
    of experiment: String?, kind: ExecutionKind = .experiment
  ) throws(StoreError) -> [Execution] {
    try executions(where: "(?1 IS NULL OR experiment = ?1) AND kind = ?2", SQLValue(experiment), .text(kind.rawValue))
  }

  package func execution(_ id: ExecutionID) throws(StoreError) -> Execution? {
    try executions(where: "experiment = ? AND number = ?", .text(id.experiment), SQLValue(id.number)).first
  }

  /// The execution of these kinds with the highest number; nil where there is none.
  package func newestExecution(of experiment: String, kinds: [ExecutionKind]) throws(StoreError) -> Execution? {
    let words = kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let newest = try database.integer(
      "SELECT max(number) FROM executions WHERE experiment = ? AND kind IN (\(words))", .text(experiment))
    return newest > 0 ? try execution(ExecutionID(experiment: experiment, number: newest)) : nil
  }

  /// The experiments that were ever carried out, by name.
  package func experimentNames() throws(StoreError) -> [String] {
    try database.rows("SELECT DISTINCT experiment FROM executions ORDER BY experiment") { row in row.text(0) }
  }

  /// Executions that did not come to a known end, oldest first: running now, killed, or not verified to be put back.
  package func unfinishedExecutions() throws(StoreError) -> [ExecutionID] {
    try database.rows(
      "SELECT experiment, number FROM executions WHERE outcome IN ('running', 'rollback_unverified') ORDER BY id"
    ) { row in
      ExecutionID(experiment: row.text(0), number: row.int(1))
    }
  }

  private func executions(where condition: String, _ values: SQLValue...) throws(StoreError) -> [Execution] {
    let statement = try Statement(
      database,
      """
      SELECT id, experiment, number, outcome, started, ended, seed, experiment_text, experiment_digest, kind
      FROM executions WHERE \(condition) ORDER BY id DESC
      """)
    try statement.bind(values)
    var found: [Execution] = []
    while try statement.step() {
      let row = SQLValue(statement.int(0))
      guard let seed = UInt64(statement.text(6)) else { throw damaged("the seed '\(statement.text(6))'") }
      found.append(
        Execution(
          id: ExecutionID(experiment: statement.text(1), number: statement.int(2)),
          outcome: try word(statement.text(3)),
          started: try moment(statement, 4), ended: try optionalMoment(statement, 5), seed: seed,
          experimentText: statement.text(7), experimentDigest: statement.text(8), stages: try stages(row),
          runs: try runs(of: row, areSteps: false), verdict: try verdict(row), kind: try word(statement.text(9)),
          rollout: try runs(of: row, areSteps: true)))
    }
    return found
  }

  private func stages(_ execution: SQLValue) throws(StoreError) -> [StageRecord] {
    try database.rows(
      "SELECT stage, outcome, started, ended, note FROM stages WHERE execution = ? ORDER BY id", execution
    ) { row throws(StoreError) in
      StageRecord(
        stage: try word(row.text(0)), outcome: try word(row.text(1)), started: try moment(row, 2),
        ended: try optionalMoment(row, 3), note: row.text(4))
    }
  }

  private func runs(of execution: SQLValue, areSteps: Bool) throws(StoreError) -> [RunID] {
    try database.rows(
      """
      SELECT id FROM runs WHERE execution = ? AND id \(areSteps ? "IN" : "NOT IN") (SELECT run FROM rollout_steps)
      ORDER BY id
      """, execution
    ) { row in RunID(row.int(0)) }
  }

  private func verdict(_ execution: SQLValue) throws(StoreError) -> Verdict? {
    let rules = try database.rows(
      """
      SELECT u.rule, u.status, u.evidence FROM decisions d JOIN rules u ON u.decision = d.id
      WHERE d.execution = ? ORDER BY u.position
      """, execution
    ) { row throws(StoreError) in
      RuleOutcome(rule: row.text(0), status: try word(row.text(1)), evidence: row.text(2))
    }
    return try database.rows("SELECT decision, reason FROM decisions WHERE execution = ?", execution) {
      row throws(StoreError) in
      Verdict(decision: try word(row.text(0)), rules: rules, reason: row.text(1))
    }.first
  }

  /// Every run without its slices, newest first.
  package func runs() throws(StoreError) -> [Run] { try runs(where: "1") }

  package func run(_ id: RunID) throws(StoreError) -> Run? { try runs(where: "r.id = ?", SQLValue(id.number)).first }

  private func runs(where condition: String, _ values: SQLValue...) throws(StoreError) -> [Run] {
    let statement = try Statement(
      database,
      """
      SELECT r.id, e.experiment, e.number, r.arm, r.status, r.started, r.ended, e.kind, s.max_size
      FROM runs r JOIN executions e ON e.id = r.execution LEFT JOIN rollout_steps s ON s.run = r.id
      WHERE \(condition) ORDER BY r.id DESC
      """)
    try statement.bind(values)
    var found: [Run] = []
    while try statement.step() {
      let number = SQLValue(statement.int(0))
      let wanted = try settings("SELECT key, wanted FROM settings WHERE run = ?", number)
      found.append(
        Run(
          id: RunID(statement.int(0)), execution: ExecutionID(experiment: statement.text(1), number: statement.int(2)),
          arm: try word(statement.text(3)), status: try word(statement.text(4)), wanted: PoolSettings(wanted),
          started: try moment(statement, 5), ended: try optionalMoment(statement, 6),
          environment: try environment(number), kind: try word(statement.text(7)),
          step: statement.isNull(8) ? nil : statement.int(8)))
    }
    return found
  }

  private func environment(_ run: SQLValue) throws(StoreError) -> [String: String] {
    let pairs = try database.rows("SELECT key, value FROM environment WHERE run = ?", run) { row in
      (row.text(0), row.text(1))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Settings by key; a key that this poolops does not know any more is passed over.
  private func settings(_ sql: String, _ owner: SQLValue) throws(StoreError) -> SettingPatch {
    var patch = SettingPatch()
    for (key, text) in try database.rows(sql, owner, read: { row in (SettingKey(rawValue: row.text(0)), row.text(1)) })
    {
      guard let key else { continue }
      guard let value = SettingValue(text, for: key) else { throw damaged("\(key.rawValue) = '\(text)'") }
      patch[key] = value
    }
    return patch
  }

  /// A run with its blocks, slices and samples; nil when there is no such run.
  package func recordedRun(_ id: RunID) throws(StoreError) -> RecordedRun? {
    guard let run = try run(id) else { return nil }
    var recorded: [RecordedRun.RecordedBlock] = []
    try readBlocks(of: id) { recorded.append($0) }
    return RecordedRun(run: run, blocks: recorded)
  }

  /// Gives the blocks of a run one after the other, in order of `position`, so that not all need be in memory together.
  /// - Parameters:
  ///   - kinds: the histograms that are wanted; others are left out of the slices.
  ///   - gauges: the same of the samples.
  package func readBlocks(
    of id: RunID, kinds: [HistogramKind] = HistogramKind.allCases, gauges: [ProbeGauge] = ProbeGauge.allCases,
    _ take: (RecordedRun.RecordedBlock) -> Void
  ) throws(StoreError) {
    try database.snapshot { () throws(StoreError) in
      for block in try blocks(of: id) {
        take(
          RecordedRun.RecordedBlock(
            block: block, slices: try slices(of: block.id, kinds), samples: try samples(of: block.id, gauges)))
      }
    }
  }

  func blocks(of run: RunID) throws(StoreError) -> [Block] {
    try database.rows(
      """
      SELECT b.id, b.pair, b.position, b.status, b.started, b.ended, b.in_flight_at_end, s.reason
      FROM blocks b LEFT JOIN set_aside s ON s.block = b.id WHERE b.run = ? ORDER BY b.position, b.id
      """, SQLValue(run.number)
    ) { row throws(StoreError) in
      let patch = try settings("SELECT key, effective FROM block_settings WHERE block = ?", SQLValue(row.int(0)))
      return Block(
        id: row.int(0), pair: try count(row, 1, "pair"), position: try count(row, 2, "position"),
        status: try word(row.text(3)), started: try moment(row, 4), ended: try optionalMoment(row, 5),
        effective: patch.values.isEmpty ? nil : PoolSettings(patch),
        inFlightAtEnd: try count(row, 6, "in_flight_at_end"), breakingPoint: try breakingPoint(of: row.int(0)),
        setAside: row.isNull(7) ? nil : row.text(7))
    }
  }

  private func slices(of block: Int, _ kinds: [HistogramKind]) throws(StoreError) -> [Slice] {
    try numberedSlices(of: block, kinds, after: 0).slices
  }

  /// Those whose row has a higher number than `last`, with the highest number there is then.
  func numberedSlices(
    of block: Int, _ kinds: [HistogramKind], after last: Int
  ) throws(StoreError) -> (slices: [Slice], last: Int) {
    let failures = try failures(of: block, after: last)
    let flows = try flows(of: block)
    let parts = try parts(of: block)
    let rows = try database.rows(
      """
      SELECT id, second, due, completed, connections_opened, connections_closed, active_mean, active_max, idle_mean,
        idle_max, waiting_mean, waiting_max, generator_cpu, users_mean, users_max, length
      FROM slices WHERE block = ? AND id > ? ORDER BY second
      """, SQLValue(block), SQLValue(last)
    ) { row throws(StoreError) in
      var slice = Slice(second: row.int(1))
      guard slice.second.magnitude <= Plausible.seconds else { throw damaged("second = \(slice.second)") }
      slice.due = try count(row, 2, "due")
      slice.completed = try count(row, 3, "completed")
      slice.failed = failures[row.int(0)] ?? [:]
      slice.connectionsOpened = try count(row, 4, "connections_opened")
      slice.connectionsClosed = try count(row, 5, "connections_closed")
      slice.active = Gauge(mean: try amount(row, 6, "active_mean"), max: try count(row, 7, "active_max"))
      slice.idle = Gauge(mean: try amount(row, 8, "idle_mean"), max: try count(row, 9, "idle_max"))
      slice.waiting = Gauge(mean: try amount(row, 10, "waiting_mean"), max: try count(row, 11, "waiting_max"))
      slice.generatorCPU = try amount(row, 12, "generator_cpu")
      slice.users = Gauge(mean: try amount(row, 13, "users_mean"), max: try count(row, 14, "users_max"))
      slice.length = min(try amount(row, 15, "length"), 1)
      slice.flows = flows[row.int(0)]
      slice.parts = parts[row.int(0)] ?? []
      return (id: row.int(0), slice: slice)
    }
    var slices = rows.map(\.slice)
    try readHistograms(of: block, kinds, ids: rows.map(\.id), after: last, into: &slices)
    return (slices, rows.map(\.id).max() ?? last)
  }

  private func failures(of block: Int, after last: Int) throws(StoreError) -> [Int: [ErrorClass: Int]] {
    let rows = try database.rows(
      """
      SELECT s.id, f.class, f.count FROM slices s JOIN failures f ON f.slice = s.id WHERE s.block = ? AND s.id > ?
      """, SQLValue(block), SQLValue(last)
    ) { row throws(StoreError) in
      guard let error = ErrorClass(word: row.text(1)) else { throw damaged("the error class '\(row.text(1))'") }
      return (row.int(0), error, try count(row, 2, "count"))
    }
    return rows.reduce(into: [:]) { $0[$1.0, default: [:]][$1.1] = $1.2 }
  }

  private func flows(of block: Int) throws(StoreError) -> [Int: FlowCounts] {
    let rows = try database.rows(
      "SELECT s.id, f.started, f.completed, f.failed FROM slices s JOIN flows f ON f.slice = s.id WHERE s.block = ?",
      SQLValue(block)
    ) { row throws(StoreError) in
      let counts = FlowCounts(
        started: try count(row, 1, "started"), completed: try count(row, 2, "completed"),
        failed: try count(row, 3, "failed"))
      return (row.int(0), counts)
    }
    return Dictionary(rows) { first, _ in first }
  }

  private func parts(of block: Int) throws(StoreError) -> [Int: [TransactionPart]] {
    let rows = try database.rows(
      """
      SELECT s.id, n.name, p.completed, p.failed, p.latency
      FROM slices s JOIN parts p ON p.slice = s.id JOIN transaction_names n ON n.id = p.name
      WHERE s.block = ? ORDER BY p.slice, p.position
      """, SQLValue(block)
    ) { row throws(StoreError) in
      let part = TransactionPart(
        name: row.text(1), completed: try count(row, 2, "completed"), failed: try count(row, 3, "failed"),
        latency: row.isNull(4) ? nil : row.blob(4))
      return (slice: row.int(0), part: part)
    }
    return Dictionary(grouping: rows, by: \.slice).mapValues { $0.map(\.part) }
  }

  private func breakingPoint(of block: Int) throws(StoreError) -> BreakingPoint? {
    try database.rows("SELECT held, broke, condition, value FROM breaking_points WHERE block = ?", SQLValue(block)) {
      row throws(StoreError) in
      BreakingPoint(
        held: try count(row, 0, "held"), broke: row.isNull(1) ? nil : try count(row, 1, "broke"),
        condition: row.text(2), value: row.isNull(3) ? nil : try amount(row, 3, "value"))
    }.first
  }

  /// Most of what there is to read of a run. The rows come in the order of the slices.
  private func readHistograms(
    of block: Int, _ kinds: [HistogramKind], ids: [Int], after last: Int, into slices: inout [Slice]
  ) throws(StoreError) {
    let statement = try Statement(
      database,
      """
      SELECT s.id, h.kind, h.data FROM slices s CROSS JOIN histograms h ON h.slice = s.id
      WHERE s.block = ? AND s.id > ? ORDER BY s.second, h.kind
      """)
    try statement.bind([SQLValue(block), SQLValue(last)])
    var words = WordSequence<HistogramKind>()
    var index = 0
    while try statement.step() {
      let id = statement.int(0)
      while index < ids.count, ids[index] != id { index += 1 }
      guard index < ids.count else { throw damaged("histograms of slice \(id) in no order") }
      guard let kind = words.next(statement, 1) else { throw damaged("the word '\(statement.text(1))'") }
      if kinds.contains(kind) { slices[index].histograms[kind] = statement.blob(2) }
    }
  }

  /// In order of time; readings of one moment are one sample. A block has all of them where its version put them.
  private func samples(of block: Int, _ gauges: [ProbeGauge]) throws(StoreError) -> [ProbeSample] {
    let isAll = gauges.count == ProbeGauge.allCases.count
    let names = gauges.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let found = try samples(
      """
      SELECT m.second, g.name, r.value
      FROM moments m CROSS JOIN readings r ON r.moment = m.id CROSS JOIN gauges g ON g.id = r.gauge
      WHERE m.block = ? \(isAll ? "" : "AND g.name IN (\(names))")
      ORDER BY m.second, r.gauge
      """, block, gauges)
    guard found.isEmpty else { return found }
    return try samples(
      """
      SELECT second, gauge, value FROM samples WHERE block = ? \(isAll ? "" : "AND gauge IN (\(names))")
      ORDER BY second, gauge
      """, block, gauges)
  }

  /// The query's columns are second, gauge, value.
  private func samples(_ sql: String, _ block: Int, _ gauges: [ProbeGauge]) throws(StoreError) -> [ProbeSample] {
    let statement = try Statement(database, sql)
    try statement.bind([SQLValue(block)])
    var words = WordSequence<ProbeGauge>()
    var samples: [ProbeSample] = []
    while try statement.step() {
      let second = statement.double(0)
      guard second.magnitude <= Double(Plausible.seconds) else { throw damaged("second = \(second)") }
      let value = try amount(statement, 2, "value")
      guard let gauge = words.next(statement, 1) else { continue }
      if samples.last?.second != second {
        samples.append(ProbeSample(second: second, values: Dictionary(minimumCapacity: gauges.count)))
      }
      samples[samples.count - 1].values[gauge] = value
    }
    return samples
  }

  /// A stored word as its case.
  func word<Word: RawRepresentable>(_ text: String) throws(StoreError) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: text) else { throw damaged("the word '\(text)'") }
    return word
  }

  private func count(_ row: borrowing Statement, _ column: Int32, _ name: String) throws(StoreError) -> Int {
    let value = row.int(column)
    guard (0...Plausible.count).contains(value) else { throw damaged("\(name) = \(value)") }
    return value
  }

  private func amount(_ row: borrowing Statement, _ column: Int32, _ name: String) throws(StoreError) -> Double {
    let value = row.double(column)
    guard value >= 0, value <= Plausible.amount else { throw damaged("\(name) = \(value)") }
    return value
  }

  func moment(_ row: borrowing Statement, _ column: Int32) throws(StoreError) -> Timestamp {
    let microseconds = row.int(column)
    guard (0..<Plausible.microseconds).contains(microseconds) else { throw damaged("the moment \(microseconds)") }
    return Timestamp(microseconds: Int64(microseconds))
  }

  private func optionalMoment(_ row: borrowing Statement, _ column: Int32) throws(StoreError) -> Timestamp? {
    row.isNull(column) ? nil : try moment(row, column)
  }

  func damaged(_ what: String) -> StoreError {
    StoreError(.damaged, path: path, message: "it holds \(what), which has no meaning there")
  }
}

/// What no recording comes near. A file edited by hand may hold anything, and what is read is summed and indexed by.
private enum Plausible {
  /// 11 days: of one block, warm-up included.
  static let seconds: UInt = 1_000_000
  static let count = 1 << 40
  /// Bytes, CPU seconds, numbers of sessions.
  static let amount = 1e18
  /// Year 10000.
  static let microseconds = 253_402_300_800_000_000
}
