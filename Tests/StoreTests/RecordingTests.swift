import Model
import Testing

@testable import Store

@Suite struct RecordingTests {
  let folder = TemporaryFolder()
  let sample = Sample()

  @Test(arguments: [OpenMode.readOnly, .readWrite])
  func `all that was recorded is read back after closing and opening again`(mode: OpenMode) throws {
    let (id, run) = try withStore(folder.database) { try sample.record(in: $0) }
    try withStore(folder.database, mode) { store throws in
      let execution = try #require(try store.execution(id))
      let expected = Execution(
        id: ExecutionID(experiment: "peak", number: 1), outcome: .rolledBack, started: moment(0), ended: moment(3),
        seed: .max, experimentText: "version: 1\n", experimentDigest: "abc", stages: [sample.stage], runs: [RunID(1)],
        verdict: sample.verdict)
      #expect(execution == expected)
      let recorded = try #require(try store.recordedRun(run))
      let expectedRun = Run(
        id: RunID(1), execution: id, arm: .baseline, status: .finished, wanted: sample.wanted, started: moment(1),
        ended: moment(2), environment: sample.environment)
      #expect(recorded.run == expectedRun)
      #expect(try store.runs() == [expectedRun])
      let block = try #require(recorded.blocks.first)
      let expectedBlock = Block(
        id: 1, pair: 2, position: 5, status: .finished, started: moment(1), ended: moment(2),
        effective: sample.effective, inFlightAtEnd: 1,
        breakingPoint: sample.breakingPoint)
      #expect(block.block == expectedBlock)
      #expect(block.slices == sample.slices)
      #expect(block.samples == sample.samples)
      #expect(try store.integrityCheck() == [])
    }
  }

  @Test func `executions are numbered per experiment and runs over all`() throws {
    try withStore(folder.database) { store throws in
      var ids: [String] = []
      var runs: [RunID] = []
      for name in ["peak", "base", "peak", "peak"] {
        let id = try store.beginExecution(experiment: name, text: "", digest: "", seed: 1, at: moment(0))
        ids.append(id.description)
        runs.append(try store.beginRun(id, arm: .retest, wanted: PoolSettings(), environment: [:], at: moment(0)))
      }
      #expect(ids == ["peak#1", "base#1", "peak#2", "peak#3"])
      #expect(runs == [RunID(1), RunID(2), RunID(3), RunID(4)])
      try store.finishExecution(ExecutionID(experiment: "peak", number: 2), outcome: .kept, at: moment(1))
      try store.finishExecution(ExecutionID(experiment: "peak", number: 1), outcome: .failed, at: moment(2))
      #expect(try store.executions(of: "peak").map(\.id.number) == [3, 2, 1])
      #expect(try store.executions(of: nil).count == 4)
      #expect(try store.unfinishedExecutions().map(\.description) == ["base#1", "peak#3"])
    }
  }

  @Test func `an execution that died is ended, its parts aborted, and finished ones left alone`() throws {
    try withStore(folder.database) { store throws in
      try sample.record(in: store)
      let (id, run) = try sample.record(in: store, finished: false)
      try store.markAborted(id, outcome: .failed, at: moment(9))
      let execution = try #require(try store.execution(id))
      #expect(execution.outcome == .failed && execution.ended == moment(9))
      #expect(execution.stages.map(\.outcome) == [.interrupted])
      let recorded = try #require(try store.recordedRun(run))
      #expect(recorded.run.status == .aborted && recorded.blocks.map(\.block.status) == [.aborted])
      #expect(recorded.blocks[0].slices == sample.slices, "what was measured stays")
      #expect(try store.run(RunID(1))?.status == .finished)
      #expect(try store.unfinishedExecutions().isEmpty)
    }
  }

  @Test func `a refused second leaves nothing of its transaction behind`() throws {
    try withStore(folder.database) { store throws in
      let (_, run) = try sample.record(in: store)
      var next = Slice(second: 1)
      next.due = 1
      #expect(throws: StoreError.self) {
        try store.append(slices: [next, sample.slices[1]], samples: [], toBlock: 1)
      }
      #expect(try store.recordedRun(run)?.blocks.first?.slices == sample.slices)
    }
  }

  @Test func `a gauge that is not a number is left out`() throws {
    try withStore(folder.database) { store throws in
      let (_, run) = try sample.record(in: store)
      let odd = ProbeSample(second: 9, values: [.sessions: .nan, .backendsIdle: 2, .backendsActive: .infinity])
      try store.append(slices: [], samples: [odd], toBlock: 1)
      let last = try store.recordedRun(run)?.blocks.first?.samples.last
      #expect(last == ProbeSample(second: 9, values: [.backendsIdle: 2]))
    }
  }

  @Test func `what was never begun cannot be finished`() throws {
    try withStore(folder.database) { store throws in
      let nobody = ExecutionID(experiment: "none", number: 1)
      let acts: [(ResultsStore) throws -> Void] = [
        { store throws in try store.finishRun(RunID(7), status: .finished, at: moment(0)) },
        { store throws in try store.finishStage(7, outcome: .passed, ended: moment(0), note: "") },
        { store throws in try store.setChange(7, state: .kept, at: moment(0)) },
        { store throws in try store.finishExecution(nobody, outcome: .kept, at: moment(0)) },
        { store throws in try store.markAborted(nobody, outcome: .failed, at: moment(0)) },
        { store throws in _ = try store.beginBlock(run: RunID(7), pair: 0, position: 0, at: moment(0)) },
        { store throws in try store.append(slices: [Slice(second: 0)], samples: [], toBlock: 7) },
        { store throws in
          try store.finishBlock(7, status: .finished, effective: nil, inFlightAtEnd: 0, at: moment(0))
        },
      ]
      for act in acts { #expect(throws: StoreError.self) { try act(store) } }
      #expect(try store.run(RunID(7)) == nil)
      #expect(try store.recordedRun(RunID(7)) == nil)
    }
  }

  @Test func `a block that was set aside says why, and those beside it do not`() throws {
    let blocks = try withStore(folder.database) { store throws in
      let execution = try store.beginExecution(
        experiment: "peak", text: "", digest: "", seed: 1, at: moment(0))
      let run = try store.beginRun(execution, arm: .baseline, wanted: PoolSettings(), environment: [:], at: moment(1))
      let first = try store.beginBlock(run: run, pair: 0, position: 1, at: moment(2))
      try store.setAside(block: first, reason: "the hypervisor took 2.7 % of the machine's CPU")
      try store.finishBlock(first, status: .aborted, effective: nil, inFlightAtEnd: 0, at: moment(3))
      let second = try store.beginBlock(run: run, pair: 0, position: 1, at: moment(4))
      try store.finishBlock(second, status: .finished, effective: nil, inFlightAtEnd: 0, at: moment(5))
      return try #require(try store.recordedRun(run)).blocks.map(\.block)
    }
    #expect(blocks.map(\.status) == [.aborted, .finished] && blocks.map(\.position) == [1, 1])
    #expect(blocks.map(\.setAside) == ["the hypervisor took 2.7 % of the machine's CPU", nil])
  }

  @Test func `a newer verdict takes the place of the older one`() throws {
    try withStore(folder.database) { store throws in
      let (id, _) = try sample.record(in: store)
      let go = Verdict(decision: .go, rules: [], reason: "all rules passed")
      try store.recordVerdict(id, go)
      #expect(try store.execution(id)?.verdict == go)
    }
  }
}
