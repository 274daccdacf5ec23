import Model

/// Finds the breaking point of a load of steps while it runs: fed second by second, it judges each step when it is over.
package struct StepWatch: Sendable {
  private let steps: StepsShape
  private let levels: [Int]
  private let seconds: Int
  private let settings: PoolSettings
  private let pool: PoolUnderLoad
  private var running = 0
  private var slices: [Slice] = []
  private var samples: [ProbeSample] = []

  /// nil where the load is not one of steps.
  package init?(_ shape: LoadShape, settings: PoolSettings, pool: PoolUnderLoad = .own) {
    guard case .steps(let steps) = shape else { return nil }
    self.steps = steps
    self.settings = settings
    self.pool = pool
    levels = steps.levels
    seconds = max(Int(steps.every.seconds), 1)
  }

  /// What is new; returns the breaking point when a step that is now over did not hold, and when the last one held.
  package mutating func take(_ slices: [Slice], _ samples: [ProbeSample]) -> BreakingPoint? {
    self.samples += samples
    for slice in slices where !slice.isWarmUp && running < levels.count {
      self.slices.append(slice)
      guard slice.second + 1 == (running + 1) * seconds else { continue }
      if let found = judge() { return found }
      self.slices = []
      running += 1
      if running == levels.count { return BreakingPoint(held: levels[running - 1]) }
    }
    return nil
  }

  /// The step that runs cannot go on: `reason` says why.
  package func broken(by reason: String) -> BreakingPoint? {
    guard running < levels.count else { return nil }
    return BreakingPoint(held: held, broke: levels[running], condition: reason)
  }

  private var held: Int { running > 0 ? levels[running - 1] : 0 }

  private func judge() -> BreakingPoint? {
    let figures = figures
    for condition in steps.until {
      let most = figures.app?.maxSize.map { Int($0) } ?? settings.maxSize
      guard let limit = condition.limit(baseline: nil, maxSize: most),
        let value = figures.felt(condition.metric), condition.comparator.holds(value, limit)
      else { continue }
      return BreakingPoint(
        held: held, broke: levels[running], condition: condition.text, value: value.isFinite ? value : nil)
    }
    return nil
  }

  /// The step as if it were a block of its own.
  private var figures: BlockFigures {
    let begin = running * seconds
    let block = Block(
      id: 0, pair: 0, position: 0, status: .finished, started: Timestamp(microseconds: 0), effective: settings)
    let recorded = RecordedRun.RecordedBlock(
      block: block, slices: slices.map { $0.moved(by: -begin) },
      samples: samples.map { ProbeSample(second: $0.second - Double(begin), values: $0.values) })
    return BlockFigures(recorded, wanted: settings, metrics: steps.until.map(\.metric), pool: pool)
  }
}

extension BlockFigures {
  /// The value as users felt it: who was given up at a time limit, or not answered at all, was slower than any limit.
  fileprivate func felt(_ metric: Metric) -> Double? {
    guard let q = metric.percentile?.q else { return self[metric] }
    let asked = asked(metric)
    if asked > 0, Double(cutOff(metric)) / Double(asked) > 1 - q { return .infinity }
    return self[metric] ?? (due > 0 && finished == 0 ? .infinity : nil)
  }
}

extension Slice {
  fileprivate func moved(by seconds: Int) -> Slice {
    var moved = self
    moved.second += seconds
    return moved
  }
}
