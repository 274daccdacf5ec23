import Model

/// From checks and two recorded runs to a verdict.
///
/// A check passes only when its whole interval lies on the good side, and fails only when it lies wholly on the bad side.
/// Any failed check is NO-GO; else any undecided one is INCONCLUSIVE; else GO. What cannot be trusted is INCONCLUSIVE.
package enum Judgement {
  /// Fewest blocks on which a limit on failures may pass: they come in bursts, and a burst not yet seen cannot be
  /// excluded. Miss rate of Wilson's interval with design effect at 8 blocks: 4-6 %, by simulation.
  package static let blocksForFailures = 8

  /// - Parameter wasRehearsed: the change was put back once before it was measured, and read back.
  package static func judge(
    _ experiment: Experiment, baseline: RecordedRun, retest: RecordedRun, wasRehearsed: Bool
  ) -> Verdict {
    let verdict = judge(
      checks: experiment.checks, plan: experiment.pairs, shape: experiment.load.shape, baseline: baseline,
      retest: retest)
    guard verdict.decision == .go, !wasRehearsed, !experiment.alternationGoesBack else { return verdict }
    return Verdict(
      decision: .inconclusive, rules: verdict.rules,
      reason: "All checks hold, but the way back from this change was never tried: leave 'rehearse' on.")
  }

  /// - Parameters:
  ///   - plan: as the experiment had it; a plain before and after (1 pair) never gives GO.
  ///   - shape: see `RunFigures.of`.
  package static func judge(
    checks: [Condition], plan: PairsSpec, shape: LoadShape? = nil, baseline: RecordedRun, retest: RecordedRun
  ) -> Verdict {
    let metrics = checks.map(\.metric)
    let before = Measurement(baseline, metrics: metrics)
    let after = Measurement(retest, metrics: metrics)
    let pairs = Comparison.isPaired(baseline.run, retest.run) ? Pair.of(before, after) : []
    let judge = CheckJudge(
      before: before, after: after, pairs: pairs, level: Look.level(of: plan), isPlain: plan.count == 1)
    let objections = [before, after].flatMap { measurement in
      Objections(measurement: measurement, isOpenLoop: shape?.isOpenLoop ?? false).sentences.map {
        "\(measurement.run.id): \($0)"
      }
    }
    return verdict(checks.map(judge.outcome), objections: objections, plan: plan, judge)
  }

  private static func verdict(
    _ rules: [RuleOutcome], objections: [String], plan: PairsSpec, _ judge: CheckJudge
  ) -> Verdict {
    if let first = objections.first {
      let more = objections.count > 1 ? " (and \(objections.count - 1) more)" : ""
      return Verdict(
        decision: .inconclusive, rules: rules, reason: "The measurement cannot support a verdict: \(first)\(more).")
    }
    if rules.isEmpty {
      return Verdict(decision: .inconclusive, rules: rules, reason: "The experiment has no checks.")
    }
    let decision = Decision(of: rules)
    if decision == .go, plan.count == 1 {
      return Verdict(
        decision: .inconclusive, rules: rules,
        reason:
          "All checks hold, but this is a plain before and after (1 pair): drift is not separated from the change.")
    }
    let blocks = "\(judge.after.blocks.count) \(judge.after.blocks.count == 1 ? "block" : "blocks")"
    let reason = rules.sentence(
      holding:
        "\(judge.after.run.id) keeps \(rules.count == 1 ? "its check" : "all \(rules.count) checks") over \(blocks).")
    return Verdict(decision: decision, rules: rules, reason: reason)
  }
}

extension Experiment {
  /// Whether going from a block of the change to one of the baseline is the act that puts the change back.
  ///
  /// So it is for the built-in pool: one file, replaced as a whole, which each pool reads at its start. Elsewhere an undo
  /// is another act than an apply (RELOAD, RESET, a program of its own), and only a rehearsal has tried it.
  fileprivate var alternationGoesBack: Bool { target == .builtin && pairs.count > 1 }
}

extension Decision {
  /// Any failed rule is NO-GO; else any undecided one is INCONCLUSIVE; else GO.
  init(of rules: [RuleOutcome]) {
    if rules.contains(where: { $0.status == .failed }) {
      self = .noGo
    } else {
      self = rules.allSatisfy { $0.status == .passed } && !rules.isEmpty ? .go : .inconclusive
    }
  }
}

extension [RuleOutcome] {
  /// One sentence: the first rule that decided with its evidence, and how many others there are.
  func sentence(holding: String) -> String {
    let failed = filter { $0.status == .failed }
    let undecided = filter { $0.status == .undecided }
    if let first = failed.first { return Self.sentence(first, "does not hold", others: failed.count - 1) }
    if let first = undecided.first { return Self.sentence(first, "is not decided", others: undecided.count - 1) }
    return holding
  }

  private static func sentence(_ rule: RuleOutcome, _ what: String, others: Int) -> String {
    let more = others > 0 ? ", and \(others) more" : ""
    return "\(rule.rule) \(what)\(more): \(rule.evidence)."
  }
}
