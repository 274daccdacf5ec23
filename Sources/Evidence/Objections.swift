import Model
import Statistics

/// Why a run cannot support a verdict, each reason a sentence. The limits are our choice, on the safe side
/// of what moved results in trials.
struct Objections {
  /// The generator acted later than this on one request in a hundred, nanoseconds.
  static let slipP99 = 10e6
  /// Share of one core that the generator's thread may use.
  static let generatorCPU = 0.80
  /// Little's law: throughput times mean time inside, over the mean number inside, less 1.
  static let littleResidual = 0.05
  /// Requests finished over requests due, in the open loop.
  static let achieved = 0.99

  let measurement: Measurement
  let isOpenLoop: Bool

  var sentences: [String] {
    guard !measurement.blocks.isEmpty else { return ["no block finished"] }
    let found = [
      aborted, late, busyGenerator, stolen, little, isOpenLoop ? fellBehind : nil, negativeInFlight, uncounted, visits,
      damaged,
    ]
    return found.compactMap { $0 } + notInForce
  }

  private var blocks: [BlockFigures] { measurement.blocks }
  private var seconds: Double { blocks.reduce(0) { $0 + $1.time } }

  private var aborted: String? { measurement.run.status == .aborted ? "the run was aborted" : nil }

  private var late: String? {
    guard let slip = measurement.pooled(.slip).quantile(0.99), slip > Self.slipP99 else { return nil }
    let text = Metric.latency(99).text(slip / 1e9)
    return
      "the load generator was late: 1 % of requests were acted on \(text) or more after they were due (limit 10 ms)"
  }

  private var busyGenerator: String? {
    guard seconds > 0 else { return nil }
    let share = blocks.reduce(0) { $0 + $1.generatorCPU } / seconds
    guard share > Self.generatorCPU else { return nil }
    return "the load generator used \(fixed(share * 100, places: 0)) % of its core (limit 80 %)"
  }

  private var stolen: String? {
    let worst = Disturbance(steal: blocks.compactMap(\.probes.steal).max())
    return worst.map { "\($0.text) in a block (limit 2 %)" }
  }

  /// Of poolops's own connections, to the database or to an app, and only where each carries one request at a time.
  /// Only where waiting and holding a connection make up nearly all of a request, and nearly none fails on the way:
  /// below a millisecond the generator's own work would show.
  private var little: String? {
    guard !measurement.run.sharesConnections else { return nil }
    let (wait, query) = (measurement.pooled(.wait), measurement.pooled(.query))
    let inside = Summary.mean(blocks.map(\.meanInside)) ?? 0
    let spent = Double(wait.sum) / 1e9 + Double(query.sum) / 1e9
    let finished = Double(measurement.finished)
    guard finished > 0, inside >= 0.5, spent / finished >= 0.001,
      spent / finished <= seconds / Double(blocks.count) / 20
    else { return nil }
    let otherFailures = blocks.reduce(0) { $0 + $1.failures - ($1.failed[.acquireTimeout] ?? 0) }
    guard Double(otherFailures) <= 0.01 * finished, Double(query.count) >= 0.99 * Double(completed) else { return nil }
    let residual = LittlesLaw.residual(
      throughput: finished / seconds, meanResponse: spent / finished, meanInside: inside)
    guard let residual, abs(residual) > Self.littleResidual else { return nil }
    return "times and counts contradict each other (Little's law is off by \(signedPercent(residual)), limit 5 %)"
  }

  private var completed: Int { blocks.reduce(0) { $0 + $1.completed } }

  private var fellBehind: String? {
    let due = blocks.reduce(0) { $0 + $1.due }
    guard due > 0 else { return nil }
    let share = Double(measurement.finished) / Double(due)
    guard share < Self.achieved else { return nil }
    return "only \(fixed(share * 100, places: 1)) % of the offered requests were finished in time (limit 99 %)"
  }

  private var negativeInFlight: String? {
    guard let block = blocks.first(where: { $0.fewestInFlight < 0 }) else { return nil }
    return
      "counts do not add up: block \(block.block.position) answered \(-block.fewestInFlight) more requests than were due"
  }

  /// Two independent counts of the same thing: the slices' and the histograms'.
  private var uncounted: String? {
    let recorded = measurement.pooled(.latency).count
    guard recorded != completed else { return nil }
    return "counts do not add up: \(completed) requests succeeded, but \(recorded) latencies were recorded"
  }

  /// A request that fails ends its visit of the flow, and each visit began before it ended.
  private var visits: String? {
    guard let flows = FlowFigures(blocks) else { return nil }
    let failures = blocks.reduce(0) { $0 + $1.failures }
    if flows.underWay < 0 { return "counts do not add up: \(-flows.underWay) more visits ended than had begun" }
    guard flows.counts.failed != failures else { return nil }
    return "counts do not add up: \(failures) requests failed, but \(flows.counts.failed) visits of the flow"
  }

  private var damaged: String? {
    let count = blocks.reduce(0) { $0 + $1.damaged }
    return count > 0 ? "\(count) histogram\(count == 1 ? "" : "s") cannot be read" : nil
  }

  /// What was applied must be what was in force.
  private var notInForce: [String] {
    let wanted = measurement.run.wanted.texts
    var settings: [PoolSettings] = []
    for found in blocks.lazy.compactMap(\.block.effective) where !settings.contains(found) { settings.append(found) }
    let texts = settings.map(\.texts)
    return SettingKey.allCases.compactMap { key in
      let found = texts.lazy.compactMap { $0[key] }.first { $0 != wanted[key] }
      return found.map { "\(key.rawValue) was \($0) in a block, not \(wanted[key] ?? "-") as wanted" }
    }
  }
}

/// `+12.3 %`, `-4 %` without a trailing zero.
func signedPercent(_ share: Double) -> String {
  (share < 0 ? "-" : "+") + decimal(share.magnitude * 100, places: 1) + " %"
}
