import Model
import Statistics

/// Judges one check after the other on the retest run.
struct CheckJudge {
  let before: Measurement
  let after: Measurement
  let pairs: [Pair]
  /// How sure every interval must be.
  let level: Level
  /// A plain before and after: without intervals, the values decide as far as they can.
  let isPlain: Bool

  func outcome(_ check: Condition) -> RuleOutcome {
    if check.metric.isDrift { return drift(check) }
    guard let figure = after.figure(check.metric, level) else { return withoutFigure(check) }
    switch check.bound {
    case .absolute(let limit): return absolute(check, figure, limit)
    case .shareOfMaximum(let share): return ofMaximum(check, figure, share)
    case .baseline(let factor, let margin): return relative(check, figure, factor: factor, margin: margin)
    }
  }

  /// No data never passes; but where every request was given up, a limit on latency has failed.
  private func withoutFigure(_ check: Condition) -> RuleOutcome {
    let missing = "no data on \(check.metric.title) in \(after.run.id)"
    let baseline = before.figure(check.metric).map { $0.interval?.upperBound ?? $0.value }
    guard let limit = check.limit(baseline: baseline, maxSize: after.maxSize), let slow = slowness(check, limit),
      slow.status == .failed
    else {
      return RuleOutcome(check, .undecided, missing)
    }
    return RuleOutcome(check, .failed, missing + slow.text)
  }

  // MARK: - A fixed limit

  private func absolute(_ check: Condition, _ figure: Figure, _ limit: Double) -> RuleOutcome {
    let isNever = check.metric == .errorRate && check.comparator == .equal
    let isCounted = [.connectionsUsed, .freeSlots].contains(check.metric)
    if check.metric.isTotal || isCounted || isNever { return counted(check, figure, limit) }
    let shown = text(check.metric, figure)
    let status = check.comparator.status(of: figure.interval ?? figure.value...figure.value, limit: limit)
    if status == .failed, mayReach(check, figure) { return RuleOutcome(check, .undecided, shown + larger(check)) }
    if status == .failed { return RuleOutcome(check, .failed, shown + (censored(check, figure) ?? "")) }
    let slow = slowness(check, limit)
    if let slow, slow.status == .failed { return RuleOutcome(check, .failed, shown + slow.text) }
    guard status == .passed else { return RuleOutcome(check, .undecided, shown) }
    let doubt =
      gaps(check, figure, in: after) ?? unbounded(figure) ?? censored(check, figure)
      ?? (slow?.status == .undecided ? slow?.text : nil)
      ?? (check.metric.isFailure ? tooFewForFailures(check) : nil)
    return RuleOutcome(check, doubt == nil ? .passed : .undecided, shown + (doubt ?? ""))
  }

  private func ofMaximum(_ check: Condition, _ figure: Figure, _ share: Double) -> RuleOutcome {
    let limit = share * Double(after.maxSize)
    var outcome = absolute(check, figure, limit)
    outcome.evidence +=
      "; \(decimal(share * 100, places: 3)) % of max_size \(after.maxSize) is \(decimal(limit, places: 2))"
    return outcome
  }

  /// A block without a value is no reason to pass: a server that froze answers nothing, and no percentile shows it.
  /// Memory is read so seldom that a short block may lack it.
  private func gaps(_ check: Condition, _ figure: Figure, in run: Measurement) -> String? {
    guard figure.blocks < run.blocks.count, check.metric != .backendMemory else { return nil }
    return "; no data in \(run.blocks.count - figure.blocks) of \(count(run.blocks.count, "block")) of \(run.run.id)"
  }

  private func unbounded(_ figure: Figure) -> String? {
    figure.interval == nil && !isPlain ? "; an interval needs \(Measurement.blocksForInterval) blocks" : nil
  }

  /// A value known only from below may lie above a lower limit that it does not reach.
  private func mayReach(_ check: Condition, _ figure: Figure) -> Bool {
    figure.isCensored && (check.comparator == .greater || check.comparator == .greaterOrEqual)
  }

  private func larger(_ check: Condition) -> String { "; \(check.metric.cutOff), the true value is larger" }

  private func censored(_ check: Condition, _ figure: Figure) -> String? {
    figure.isCensored && check.comparator.isUpperLimit ? "; \(check.metric.cutOff), the true value is larger" : nil
  }

  /// `p(95) < 400ms` also says that fewer than 5 % of all requests take longer: judged so too, as the windowed percentile
  /// does not see short stalls, and that of the successes neither timeouts nor what was stuck when the block ended.
  /// - Parameter allowed: the share that may be so slow; nil: what the percentile says.
  private func slowness(
    _ check: Condition, _ limit: Double, allowed: Double? = nil
  ) -> (status: RuleOutcome.Status, text: String)? {
    guard case .latency(let percentile) = check.metric, check.comparator.isUpperLimit, limit < 1e9 else { return nil }
    let blocks = after.blocks.filter { $0.completed + $0.timeouts + $0.stuck(longerThan: limit) > 0 }
    guard !blocks.isEmpty else { return nil }
    let allowed = allowed ?? 1 - percentile / 100
    let certain = blocks.map { $0.slow(limit, wanted: after.run.wanted, certain: true) }
    let possible = blocks.map { $0.slow(limit, wanted: after.run.wanted, certain: false) }
    let text =
      "; \(Metric.errorRate.text(Proportion.pooled(possible).rate ?? 0)) of all requests"
      + " took longer than the limit or were given up"
    if interval(certain).lowerBound > allowed { return (.failed, text) }
    return (interval(possible).upperBound <= allowed ? .passed : .undecided, text)
  }

  private func interval(_ proportions: [Proportion]) -> ClosedRange<Double> {
    let rate = Proportion.pooled(proportions).rate ?? 0
    return Measurement.interval(of: proportions, level) ?? rate...rate
  }

  private func tooFewForFailures(_ check: Condition) -> String? {
    guard !isPlain, check.comparator.isUpperLimit || check.comparator == .equal else { return nil }
    guard after.blocks.count < Judgement.blocksForFailures else { return nil }
    return "; a limit on failures needs \(Judgement.blocksForFailures) blocks, as bursts may be yet unseen"
  }

  /// Counts are what they are; what they say about the rate stands beside.
  private func counted(_ check: Condition, _ figure: Figure, _ limit: Double) -> RuleOutcome {
    let holds = check.comparator.holds(figure.value, limit)
    guard check.metric.isFailure else {
      return RuleOutcome(check, holds ? .passed : .failed, text(check.metric, figure))
    }
    let proportions = after.proportions(of: check.metric)
    let shown =
      "\(check.metric.text(figure.value)) of \(figure.samples) requests" + rateBound(proportions)
      + " (\(count(figure.blocks, "block")), \(after.run.id))"
    guard figure.samples > 0 else { return RuleOutcome(check, .undecided, "no request finished in \(after.run.id)") }
    guard holds else { return RuleOutcome(check, .failed, shown) }
    if let doubt = gaps(check, figure, in: after) ?? tooFewForFailures(check) {
      return RuleOutcome(check, .undecided, shown + doubt)
    }
    return RuleOutcome(check, .passed, shown)
  }

  /// One-sided: after none of n events the rate is below 3/n.
  private func rateBound(_ proportions: [Proportion]) -> String {
    guard let effect = Proportion.designEffect(proportions) ?? (proportions.isEmpty ? nil : 1) else { return "" }
    let bound = Proportion.pooled(proportions).effective(designEffect: effect).clopperPearsonUpper()
    return ", a rate of at most \(decimal(bound * 100, places: bound < 0.0001 ? 5 : 3)) %"
  }

  // MARK: - A limit from the baseline

  private func relative(_ check: Condition, _ figure: Figure, factor: Double, margin: Double) -> RuleOutcome {
    guard let baseline = before.figure(check.metric) else {
      return RuleOutcome(check, .undecided, "no data on \(check.metric.title) in \(before.run.id)")
    }
    let shown = "\(text(check.metric, figure)) against \(text(check.metric, baseline, of: before.run.id))"
    let limit = baseline.value * factor + margin
    guard let paired = pairedStatus(check, baseline.value, factor: factor, margin: margin) else {
      let holds = check.comparator.holds(figure.value, limit)
      if !holds, mayReach(check, figure) { return RuleOutcome(check, .undecided, shown + larger(check)) }
      if isPlain || !holds { return RuleOutcome(check, holds ? .passed : .failed, shown) }
      return RuleOutcome(check, .undecided, shown + "; needs \(Comparison.pairsForFinding) pairs, has \(pairs.count)")
    }
    var status = paired.status
    if status == .passed, check.comparator.isUpperLimit ? figure.isCensored : baseline.isCensored {
      return RuleOutcome(check, .undecided, shown + "; \(check.metric.cutOff), the true value is larger")
    }
    if status == .failed, check.comparator.isUpperLimit, baseline.isCensored { status = .undecided }
    if status == .failed, mayReach(check, figure) { return RuleOutcome(check, .undecided, shown + larger(check)) }
    let hidden = status == .failed ? nil : hiddenSlowness(check, baseline, factor: factor, margin: margin)
    if let hidden, hidden.status == .failed { return RuleOutcome(check, .failed, shown + hidden.text) }
    let doubt =
      gaps(check, figure, in: after) ?? gaps(check, baseline, in: before)
      ?? (hidden?.status == .undecided ? hidden?.text : nil)
      ?? (check.metric.isFailure ? tooFewForFailures(check) : nil)
    if status == .passed, let doubt { return RuleOutcome(check, .undecided, shown + doubt) }
    return RuleOutcome(check, status, shown + "; " + paired.text)
  }

  /// No histogram holds what was stuck when a block ended, so no percentile of a pair shows it. Where so many were stuck
  /// that they could move the percentile, the share of slow requests decides too: against the share that the percentile
  /// allows, or that the baseline itself had beyond its own value, whichever is larger.
  private func hiddenSlowness(
    _ check: Condition, _ baseline: Figure, factor: Double, margin: Double
  ) -> (status: RuleOutcome.Status, text: String)? {
    guard case .latency(let percentile) = check.metric, check.comparator.isUpperLimit else { return nil }
    let allowed = 1 - percentile / 100
    let limit = baseline.value * factor + margin
    let stuck = after.blocks.reduce(0) { $0 + $1.stuck(longerThan: limit) }
    guard Double(stuck) > Self.materialShare * allowed * Double(after.finished + stuck) else { return nil }
    let usual = Proportion.pooled(
      before.blocks.map { $0.slow(baseline.value, wanted: before.run.wanted, certain: false) })
    let fair = max(allowed, usual.rate ?? 0)
    // Sure to be beyond the limit wherever the baseline's true value lies.
    let surely = (baseline.interval?.upperBound ?? baseline.value) * factor + margin
    if let slow = slowness(check, surely, allowed: fair), slow.status == .failed { return slow }
    let slow = slowness(check, limit, allowed: fair)
    return slow?.status == .passed ? nil : slow.map { (.undecided, $0.text) }
  }

  /// A part of the allowed share that moves a percentile by less than the noise.
  private static let materialShare = 0.1

  /// The ratio after/before against the limit as a ratio, or where zero is common after - factor x before against the margin.
  private func pairedStatus(
    _ check: Condition, _ baseline: Double, factor: Double, margin: Double
  ) -> (status: RuleOutcome.Status, text: String)? {
    let metric = check.metric
    let values = pairs.compactMap { pair in
      pair.before[metric].flatMap { before in pair.after[metric].map { (before, $0) } }
    }
    if !metric.mayBeZero, baseline > 0, values.allSatisfy({ $0.0 > 0 && $0.1 > 0 }) {
      let ratios = values.map { logarithm($0.1 / $0.0) }
      guard let interval = level.paired(ratios) else { return nil }
      let range = exponential(interval.lowerBound)...exponential(interval.upperBound)
      let status = check.comparator.status(of: range, limit: factor + margin / baseline)
      return (
        status,
        "ratio \(fixed(range.lowerBound, places: 3)) to \(fixed(range.upperBound, places: 3)), \(count(values.count, "pair"))"
      )
    }
    let excess = values.map { $0.1 - factor * $0.0 }
    guard let interval = level.paired(excess) else { return nil }
    let perPair = metric.isTotal ? margin / Double(excess.count) : margin
    let status = check.comparator.status(of: interval, limit: perPair)
    let span = metric.span(interval)
    return (
      status,
      "excess over the baseline's \(decimal(factor, places: 3)) x: \(span) in a pair, \(count(values.count, "pair"))"
    )
  }

  // MARK: - Words

  /// `145 ms (142 to 149, 8 blocks, run-13)`.
  private func text(_ metric: Metric, _ figure: Figure, of run: RunID? = nil) -> String {
    let confidence = level == .once || run != nil ? "" : level.isAnyTime ? " at any time" : level.text
    let interval = figure.interval.map { metric.span($0) + confidence + ", " } ?? ""
    return "\(metric.text(figure.value)) (\(interval)\(count(figure.blocks, "block")), \(run ?? after.run.id))"
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension BlockFigures {
  /// Requests not answered within `limit` seconds. One given up before the limit might have been: it counts as slow
  /// only where that must be excluded, not where it must be certain. One stuck until the end of the block is slow.
  fileprivate func slow(_ limit: Double, wanted: PoolSettings, certain: Bool) -> Proportion {
    let latencies = histograms[.latency] ?? Histogram()
    // An app's pool has its timeout, and poolops's wait for a connection to the app another.
    let acquire = app == nil ? (block.effective ?? wanted).acquireTimeout?.seconds ?? 0 : 0
    let givenUp = certain ? (acquire >= limit ? failed[.acquireTimeout] ?? 0 : 0) : timeouts
    let stuck = stuck(longerThan: limit)
    let trials = Double(latencies.count + timeouts + stuck)
    let slow = latencies.count(above: Int64(limit * 1e9)) + Double(givenUp + stuck)
    return Proportion(events: min(trials, slow), trials: trials)
  }
}

extension RuleOutcome {
  init(_ check: Condition, _ status: Status, _ evidence: String) {
    self.init(rule: check.text, status: status, evidence: evidence)
  }
}

extension Condition.Comparator {
  var isUpperLimit: Bool { self == .less || self == .lessOrEqual }

  /// Where all values of the interval stand to the limit.
  func status(of interval: ClosedRange<Double>, limit: Double) -> RuleOutcome.Status {
    if self == .equal {
      guard interval.contains(limit) else { return .failed }
      return interval.lowerBound == interval.upperBound ? .passed : .undecided
    }
    let ends = (holds(interval.lowerBound, limit), holds(interval.upperBound, limit))
    if ends.0 && ends.1 { return .passed }
    return ends.0 || ends.1 ? .undecided : .failed
  }
}

extension Metric {
  /// `142 to 149`, with units only where they are not those of both ends' neighbours.
  func span(_ interval: ClosedRange<Double>) -> String {
    let (low, high) = (text(interval.lowerBound), text(interval.upperBound))
    guard let lowUnit = low.lastIndex(of: " "), let highUnit = high.lastIndex(of: " "),
      low[lowUnit...] == high[highUnit...]
    else { return "\(low) to \(high)" }
    return "\(low[..<lowUnit]) to \(high[..<highUnit])"
  }
}
