import Model
import Testing

@testable import Store

@Suite struct SweepTests {
  let folder = TemporaryFolder()

  private static let spec = SweepSpec(
    sizes: [10, 20], levels: [.users(50), .users(500)], warmUp: .milliseconds(250), duration: .seconds(2), repeats: 2)
  private static let cells = [
    SweepCell(position: 0, size: 20, level: .users(50)), SweepCell(position: 1, size: 10, level: .users(500)),
    SweepCell(position: 2, size: 20, level: .users(500)), SweepCell(position: 3, size: 10, level: .users(50)),
  ]

  private func begin(_ store: ResultsStore, _ spec: SweepSpec = spec, limit: Int? = nil) throws -> ExecutionID {
    let id = try store.beginExecution(experiment: "peak", text: "", digest: "", seed: 1, kind: .sweep, at: moment(0))
    try store.beginSweep(
      SweepRecord(id: id, spec: spec, limit: limit, cells: spec.mode == .grid ? Self.cells : []))
    return id
  }

  private func run(_ store: ResultsStore, _ id: ExecutionID, cell: Int, rounds: [RecordStatus]) throws -> RunID {
    let run = try store.beginRun(id, arm: .baseline, wanted: PoolSettings(), environment: [:], at: moment(1))
    try store.setRun(run, ofCell: cell, id)
    for (round, status) in rounds.enumerated() {
      let block = try store.beginBlock(run: run, pair: round, position: round, at: moment(2))
      guard status != .running else { continue }
      try store.finishBlock(block, status: status, effective: nil, inFlightAtEnd: 0, at: moment(3))
    }
    return run
  }

  @Test func `a sweep is read back as it was recorded, and is no execution of its experiment`() throws {
    try withStore(folder.database) { store throws in
      let id = try begin(store)
      let search = SweepSpec(
        mode: .knee, sizes: [], levels: [.rate(413.123456789)], warmUp: .zero, duration: .seconds(1), again: 2,
        confirms: id)
      let second = try begin(store, search, limit: 58)
      try store.addCell(SweepCell(position: 0, size: 4, level: .rate(413.123456789)), to: second)
      let run = try run(store, id, cell: 2, rounds: [.finished, .finished])
      try store.cutOff("guard 'x' tripped", cell: 1, id)
      try store.finishSweep(id, at: moment(9))
      var cells = Self.cells
      cells[2].run = run
      cells[1].cutOff = "guard 'x' tripped"
      let expected = SweepRecord(id: id, spec: Self.spec, cells: cells, finished: moment(9))
      #expect(try store.sweep(id) == expected)
      let found = try #require(try store.sweeps(of: "peak").first)
      #expect(found.spec == search && found.limit == 58 && found.finished == nil)
      #expect(found.cells == [SweepCell(position: 0, size: 4, level: .rate(413.123456789))])
      #expect(try store.executions(of: nil) == [] && store.newestExecution(of: "peak", kinds: [.experiment]) == nil)
      #expect(try store.newestExecution(of: "peak", kinds: [.experiment, .sweep])?.id == second)
      #expect(try store.integrityCheck() == [])
      let rows = try store.database.rows("SELECT sweep, max_size, level, run, cut_off FROM sweep_summary") { row in
        (0..<5).map { row.text($0) }.joined(separator: "|")
      }
      #expect(
        rows.prefix(4) == [
          "peak#1|10|users:50||", "peak#1|20|users:50||", "peak#1|10|users:500||guard 'x' tripped",
          "peak#1|20|users:500|run-1|",
        ])
      #expect(throws: StoreError.self, "a size and a level once each") {
        try store.addCell(SweepCell(position: 9, size: 10, level: .users(50)), to: id)
      }
    }
  }

  @Test func `a sweep that died goes on: what ran is aborted, what was whole stays`() throws {
    try withStore(folder.database) { store throws in
      let id = try begin(store)
      let whole = try run(store, id, cell: 0, rounds: [.finished, .finished])
      try store.finishRun(whole, status: .finished, at: moment(4))
      let half = try run(store, id, cell: 1, rounds: [.finished, .running])
      try store.reopenExecution(id, at: moment(5))
      #expect(try store.finishedRounds(of: id) == [whole: [0, 1], half: [0]])
      #expect(try store.runs().map(\.status) == [.aborted, .finished])
      let execution = try #require(try store.execution(id))
      #expect(execution.outcome == .running && execution.ended == nil && execution.kind == .sweep)
      try store.reopenRun(half)
      let run = try #require(try store.recordedRun(half))
      #expect(run.run.status == .running && run.blocks.map(\.block.status) == [.finished, .aborted])
    }
  }

  private static let damages = [
    "UPDATE sweeps SET sizes = '10;20'", "UPDATE sweeps SET levels = ''", "UPDATE sweeps SET levels = 'users:-5'",
    "UPDATE sweep_cells SET level = 'x' WHERE position = 0", "UPDATE sweeps SET finished = -1",
  ]

  @Test(arguments: damages) func `a sweep that was spoiled is damage`(sql: String) throws {
    try withStore(folder.database) { store throws in
      let id = try begin(store)
      try store.database.execute(sql)
      #expect(throws: StoreError.self) { try store.sweep(id) }
    }
  }
}
