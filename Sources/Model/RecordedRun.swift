package enum RecordStatus: String, CaseIterable, Hashable, Sendable {
  case running
  case finished
  /// Ended early: killed, interrupted, or stopped by a guard; or set aside. Never averaged in.
  case aborted
}

/// One block of a run.
package struct Block: Hashable, Sendable {
  package var id: Int
  /// Which pair it belongs to, from 0.
  package var pair: Int
  /// Place among all blocks of the execution, from 0.
  package var position: Int
  package var status: RecordStatus
  package var started: Timestamp
  package var ended: Timestamp?
  /// What the pool really took, read back from the pool that this block used.
  package var effective: PoolSettings?
  /// Requests that were still unanswered when the block ended; with them the counts of its slices add up.
  package var inFlightAtEnd: Int = 0
  /// nil where the load is not one of steps, or its end was not reached.
  package var breakingPoint: BreakingPoint?
  /// Why it does not count although it was measured to its end, and was measured again; nil of any other. Its status is `aborted`.
  package var setAside: String?
  package init(
    id: Int, pair: Int, position: Int, status: RecordStatus, started: Timestamp, ended: Timestamp? = nil,
    effective: PoolSettings? = nil, inFlightAtEnd: Int = 0, breakingPoint: BreakingPoint? = nil, setAside: String? = nil
  ) {
    self.breakingPoint = breakingPoint
    self.setAside = setAside
    self.id = id
    self.pair = pair
    self.position = position
    self.status = status
    self.started = started
    self.ended = ended
    self.effective = effective
    self.inFlightAtEnd = inFlightAtEnd
  }
}

/// One measured load under one configuration, without its slices.
package struct Run: Hashable, Sendable {
  package var id: RunID
  package var execution: ExecutionID
  package var kind: ExecutionKind
  package var arm: Arm
  package var status: RecordStatus
  package var wanted: PoolSettings
  package var started: Timestamp
  package var ended: Timestamp?
  /// Facts that must agree for two runs to be compared: `postgres_version`, `cores`, `kernel`, `dataset_scale`, `load` ...
  package var environment: [String: String]
  /// `max_size` of a rollout's step; nil for the runs that an execution compares.
  package var step: Int?
  package init(
    id: RunID, execution: ExecutionID, arm: Arm, status: RecordStatus, wanted: PoolSettings, started: Timestamp,
    ended: Timestamp? = nil, environment: [String: String] = [:], kind: ExecutionKind = .experiment, step: Int? = nil
  ) {
    self.id = id
    self.step = step
    self.kind = kind
    self.execution = execution
    self.arm = arm
    self.status = status
    self.wanted = wanted
    self.started = started
    self.ended = ended
    self.environment = environment
  }
}

/// A run with all that was measured in it, as the store returns it and the analysis reads it.
package struct RecordedRun: Hashable, Sendable {
  package struct RecordedBlock: Hashable, Sendable {
    package var block: Block
    /// In order of `second`, warm-up included.
    package var slices: [Slice]
    package var samples: [ProbeSample]
    package init(block: Block, slices: [Slice], samples: [ProbeSample]) {
      self.block = block
      self.slices = slices
      self.samples = samples
    }
  }
  package var run: Run
  /// In order of `position`.
  package var blocks: [RecordedBlock]
  package init(run: Run, blocks: [RecordedBlock]) {
    self.run = run
    self.blocks = blocks
  }
}
