import Evidence
import Model
import Staging
import Statistics

/// One long sequence of short blocks on the embedded staging, cut into comparisons that the production code judges.
///
/// Each turn measures the baseline and every arm once, in random order, so that all comparisons share their baseline.
/// Returns 2 when A against A is called different in more than 5 % of the comparisons.
func benchFalseAlarms(_ options: BenchOptions) -> Int32 {
  let words = options.arms.split(separator: ",").map(String.init)
  let arms = words.compactMap(FalseAlarmArm.init)
  guard !options.root.isEmpty, arms.count == words.count, Set(words).count == words.count else {
    return refuse("give --root FOLDER, and --arms of \(FalseAlarmArm.allCases.map(\.rawValue).joined(separator: ","))")
  }
  do throws(BenchFault) {
    let staging = try BlockBench(root: options.root)
    defer { staging.close() }
    var series = FalseAlarmSeries(arms: arms, options: options)
    try series.carryOut(on: staging)
    print(series.report)
    return series.isAboveFivePercent ? 2 : 0
  } catch {
    return refuse(error.reason)
  }
}

private struct FalseAlarmSeries {
  private let arms: [FalseAlarmArm]
  private let pairs: Int
  private let comparisons: Int
  private let seconds: Int
  private var random: RandomSource
  private var tallies: [FalseAlarmArm: Tally] = [:]

  struct Tally {
    var comparisons = 0
    var primary = 0
    var others = 0
    var any = 0
    /// 'poolops diff' would have refused.
    var late = 0
    /// Nothing was concluded, since the measurement could not support it.
    var refused = 0
    /// Comparisons in which all that was planted was found.
    var found = 0
    /// Standard deviation of the paired differences of p95, by comparison.
    var deviations: [Double] = []
    /// What was measured of what was planted.
    var changes: [Metric: [Double]] = [:]
    var refusals: [String: Int] = [:]
  }

  init(arms: [FalseAlarmArm], options: BenchOptions) {
    self.arms = arms
    pairs = options.pairs
    comparisons = options.comparisons
    seconds = Int(options.seconds)
    random = RandomSource(seed: options.seed)
  }

  mutating func carryOut(on staging: BlockBench) throws(BenchFault) {
    for number in 1...comparisons {
      var baseline: [RecordedRun.RecordedBlock] = []
      var blocks: [FalseAlarmArm: [RecordedRun.RecordedBlock]] = [:]
      for pair in 0..<pairs {
        // nil is the baseline.
        for arm in ([nil] + arms.map(Optional.some)).shuffled(using: &random) {
          let load = (arm ?? .same).load(seconds: seconds)
          let block = try staging.measure(load, pair: pair, seed: random.next())
          if let arm { blocks[arm, default: []].append(block) } else { baseline.append(block) }
        }
      }
      for arm in arms { judge(arm, baseline, blocks[arm] ?? []) }
      say("comparison \(number) of \(comparisons): \(arms.map(line).joined(separator: "; "))")
    }
  }

  private mutating func judge(
    _ arm: FalseAlarmArm, _ baseline: [RecordedRun.RecordedBlock], _ second: [RecordedRun.RecordedBlock]
  ) {
    let load = FalseAlarmArm.same.load(seconds: seconds)
    let runs = (BlockBench.run(.baseline, baseline), BlockBench.run(.retest, second))
    let plan = PairsSpec(count: pairs, stopping: .planned)
    let refusals = Comparison.compare(runs.0, runs.1, plan: plan, shape: load.shape).refusals
    // The neighbour makes the generator late too, for which poolops would rightly refuse; but what is refused is never a
    // false alarm, so that the figure would be flattered.
    let comparison = Comparison.compare(
      runs.0.withoutLateness, runs.1.withoutLateness, plan: plan, shape: load.shape)
    let flagged = comparison.rows.filter { $0.finding == .improved || $0.finding == .regressed }
    let findings = Dictionary(uniqueKeysWithValues: comparison.rows.map { ($0.metric, $0.finding) })
    var tally = tallies[arm] ?? Tally()
    tally.comparisons += 1
    tally.primary += flagged.contains { $0.metric == .latency(95) } ? 1 : 0
    tally.others += flagged.contains { $0.metric != .latency(95) } ? 1 : 0
    tally.any += flagged.isEmpty ? 0 : 1
    tally.found += arm.planted.allSatisfy { findings[$0.key] == $0.value } ? 1 : 0
    for row in comparison.rows where arm.planted[row.metric] != nil {
      if let change = row.relative ?? row.change { tally.changes[row.metric, default: []].append(change) }
    }
    let noise = Calibration(runs.0, runs.1, environment: "", shape: load.shape)?[.latency(95)]
    if let noise, noise.scale == .ratio { tally.deviations.append(noise.deviation) }
    tally.late += refusals.isEmpty ? 0 : 1
    tally.refused += comparison.refusals.isEmpty ? 0 : 1
    for refusal in comparison.refusals { tally.refusals[String(refusal.prefix { $0 != "(" }), default: 0] += 1 }
    tallies[arm] = tally
  }

  private func line(_ arm: FalseAlarmArm) -> String {
    guard let tally = tallies[arm] else { return arm.rawValue }
    return arm == .same
      ? "\(tally.primary) false alarms on p95, \(tally.any) on any metric" : "\(arm.rawValue) found in \(tally.found)"
  }

  var isAboveFivePercent: Bool { tallies[.same].map { 20 * max($0.primary, $0.others) > $0.comparisons } ?? false }

  var report: String {
    var lines = [
      "\(comparisons) comparisons of \(pairs) pairs of blocks of \(seconds) s, judged as 'poolops diff' does"
    ]
    for arm in arms {
      guard let tally = tallies[arm] else { continue }
      let noise = Summary.median(tally.deviations).map { "; median noise of p95 \(fixed($0 * 100, places: 1)) %" } ?? ""
      lines.append(
        arm == .same
          ? "A against A: p95 called different in \(share(tally.primary)), any other metric in \(share(tally.others)), "
            + "anything in \(share(tally.any))\(noise)"
          : "planted, \(arm.rawValue): found in \(share(tally.found))\(changes(tally))\(noise)")
      if tally.late > 0 { lines.append("  (poolops itself would have refused \(share(tally.late)): see below)") }
      guard tally.refused > 0 else { continue }
      lines.append("  refused to conclude anything in \(share(tally.refused))")
      for (refusal, count) in tally.refusals.sorted(by: { $0.value > $1.value }).prefix(2) {
        lines.append("    \(count) times: \(refusal)")
      }
    }
    if tallies.values.contains(where: { $0.late > 0 }) {
      lines.append(
        "Refused because of the neighbour, as the generator was late; judged all the same here, with that objection left out."
      )
    }
    return lines.joined(separator: "\n")
  }

  /// As measured, the median over the comparisons.
  private func changes(_ tally: Tally) -> String {
    tally.changes.sorted { $0.key.word < $1.key.word }.compactMap { metric, changes in
      Summary.median(changes).map { "; \(metric.title) \($0 < 0 ? "" : "+")\(fixed($0 * 100, places: 1)) %" }
    }.joined()
  }

  private func share(_ count: Int) -> String {
    "\(count) of \(comparisons) (\(fixed(100 * Double(count) / Double(comparisons), places: 1)) %)"
  }
}

extension RecordedRun {
  /// Without the record of how late the generator was.
  fileprivate var withoutLateness: RecordedRun {
    var run = self
    for block in run.blocks.indices {
      for slice in run.blocks[block].slices.indices { run.blocks[block].slices[slice].histograms[.slip] = nil }
    }
    return run
  }
}
