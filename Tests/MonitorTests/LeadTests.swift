import Model
import Monitor
import Testing

/// When the alert came, when the first request failed, and what that says.
@Suite struct LeadTests {
  private static let rule = EarlyWarning.Rule(acquireTimeout: .seconds(5), interval: .milliseconds(500))

  private static func times(
    _ levels: [(Double, WarningLevel)], fails: Double?, with error: ErrorClass = .acquireTimeout, gap: Double? = 0.5,
    timeouts: Int? = nil
  ) -> LeadTimes {
    LeadTimes(
      rule: rule, changes: levels.map { LevelChange(second: $0.0, level: $0.1) },
      failure: fails.map { FirstFailure(second: $0, error: error) }, samples: 40, longestGap: gap, age: .told,
      timeouts: timeouts)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var times: LeadTimes
    var finding: LeadFinding
    var decision: Decision
    /// Of the last rule.
    var status: RuleOutcome.Status
    var says: String
  }

  static let cases = [
    Case(
      testDescription: "in time", times: times([(10, .warning), (12, .alert)], fails: 16.125), finding: .led(4.125),
      decision: .go, status: .passed, says: "The alert leads by 4.13 s (run-21), 2 s of which are guaranteed."),
    Case(
      testDescription: "exactly as promised", times: times([(12, .alert)], fails: 14), finding: .led(2), decision: .go,
      status: .passed, says: "leads by 2 s"),
    Case(
      testDescription: "less than promised", times: times([(12, .alert)], fails: 13), finding: .led(1),
      decision: .noGo, status: .failed, says: "less than the 2 s that are guaranteed."),
    Case(
      testDescription: "less than promised, as the machine stood still",
      times: times([(12, .alert)], fails: 13, gap: 1.5), finding: .led(1), decision: .inconclusive,
      status: .undecided, says: "looked at up to 1.5 s apart, and not every 500ms"),
    Case(
      testDescription: "late", times: times([(12, .alert)], fails: 11.5), finding: .late(0.5), decision: .noGo,
      status: .failed, says: "failed 0.5 s before the alert came (run-21)."),
    Case(
      testDescription: "a warning alone", times: times([(10, .warning)], fails: 20), finding: .silent, decision: .noGo,
      status: .failed, says: "A request failed, and no alert came (run-21)."),
    Case(
      testDescription: "nobody looked", times: times([], fails: 20, gap: nil).with(samples: 0), finding: .silent,
      decision: .inconclusive, status: .undecided, says: "the pool told nothing of itself"),
    Case(
      testDescription: "an alert that had ended", times: times([(3, .alert), (6, .calm)], fails: 20), finding: .silent,
      decision: .noGo, status: .failed, says: "no alert came"),
    Case(
      testDescription: "the alert that stood counts, and not an earlier one",
      times: times([(3, .alert), (6, .calm), (15, .warning), (16, .alert)], fails: 20), finding: .led(4),
      decision: .go, status: .passed, says: "leads by 4 s"),
    Case(
      testDescription: "nothing failed", times: times([(10, .warning), (12, .calm)], fails: nil),
      finding: .nothingFailed, decision: .inconclusive, status: .undecided, says: "did not exhaust the pool"),
    Case(
      testDescription: "refused at once", times: times([(12, .alert)], fails: 16, with: .queueFull),
      finding: .otherCause(.queueFull), decision: .inconclusive, status: .undecided,
      says: "failed with queue_full, which no wait for a connection foretells"),
    Case(
      testDescription: "an app answers 500, and its pool counts a timeout",
      times: times([(12, .alert)], fails: 16, with: .status(500), timeouts: 2), finding: .led(4), decision: .go,
      status: .passed, says: "leads by 4 s"),
    Case(
      testDescription: "an app answers 500 for another reason",
      times: times([(12, .alert)], fails: 16, with: .status(500), timeouts: 0), finding: .otherCause(.status(500)),
      decision: .inconclusive, status: .undecided, says: "http:500"),
  ]

  @Test(arguments: cases) func `what a ramp showed decides`(test: Case) {
    let verdict = test.times.verdict(of: RunID(21))
    #expect(test.times.finding == test.finding)
    #expect(verdict.decision == test.decision && verdict.rules.last?.status == test.status, "\(verdict)")
    #expect(verdict.reason.contains(test.says), "\(verdict.reason)")
    #expect(verdict.rules.allSatisfy { $0.evidence.contains("run-21") }, "\(verdict)")
  }

  private static func sample(
    _ second: Double, _ level: WarningLevel, took: Double = 0.01, waits: Double? = nil, timeouts: Double? = nil
  ) -> WarningSample {
    WarningSample(
      taken: second, known: second + took, level: level, age: .told, oldestWait: waits, timeouts: timeouts)
  }

  /// The queue's outlook may raise the alert before anybody has waited for half of the timeout.
  @Test func `what a rule on the age alone would go by is followed apart, until the failure`() {
    var watch = LeadWatch(Self.rule)
    let waits = [0.5, 2.6, 0.9, 1.5, 2.5, 3.4]
    let failure = FirstFailure(second: 5.5, error: .acquireTimeout)
    watch.take(waits.enumerated().map { Self.sample(Double($0.offset), .alert, waits: $0.element) }, failure: nil)
    #expect(watch.times.aged == [.warning: 3.01, .alert: 4.01])
    watch.take([Self.sample(6, .alert, waits: 0), Self.sample(6.5, .alert)], failure: failure)
    #expect(watch.times.aged == [.warning: 3.01, .alert: 4.01], "what comes after it is another story")
    watch = LeadWatch(Self.rule)
    watch.take([Self.sample(0, .alert, waits: 3), Self.sample(1, .alert)], failure: nil)
    #expect(watch.times.aged.isEmpty, "an age that is not known is none")
  }

  @Test func `a watch follows the levels, and is over a moment after the first failure`() {
    var watch = LeadWatch(Self.rule)
    watch.take([Self.sample(-0.5, .calm, timeouts: 7), Self.sample(0, .calm)], failure: nil)
    watch.take([Self.sample(0.5, .warning), Self.sample(1.25, .alert, took: 0.05)], failure: nil)
    #expect(watch.level == .alert && !watch.isOver)
    let failure = FirstFailure(second: 4, error: .acquireTimeout)
    watch.take([], failure: failure)
    #expect(!watch.isOver, "a sample from after it is still to come")
    watch.take([Self.sample(3.9, .alert, took: 0.3, timeouts: 7)], failure: failure)
    #expect(!watch.isOver && watch.times.timeouts == 0, "what was asked before it does not know of it yet")
    watch.take([Self.sample(4.5, .alert, timeouts: 9)], failure: failure)
    #expect(watch.isOver)
    let times = watch.times
    #expect(times.changes == [LevelChange(second: 0.51, level: .warning), LevelChange(second: 1.3, level: .alert)])
    #expect(times.samples == 6 && times.timeouts == 2 && times.age == .told && times.failure == failure)
    #expect(abs((times.longestGap ?? 0) - 2.95) < 1e-9, "from the sample of 1.25 s to when that of 3.9 s was known")
    #expect(times.lead(of: .alert) == 4 - 1.3 && times.lead(of: .warning) == 4 - 0.51 && times.falseAlarms == 0)
  }

  @Test func `an alert that does not come is waited for, but not for ever`() {
    var watch = LeadWatch(Self.rule)
    let failure = FirstFailure(second: 1, error: .queueFull)
    for index in 0..<8 {
      #expect(!watch.isOver, "\(index)")
      watch.take([Self.sample(Double(index) / 2, .calm)], failure: index >= 2 ? failure : nil)
    }
    #expect(watch.isOver && watch.times.firing(of: .alert) == nil)
    var late = LeadWatch(Self.rule)
    late.take([Self.sample(0, .calm), Self.sample(1.5, .alert)], failure: failure)
    #expect(late.isOver && late.times.lead(of: .alert).map { $0 < 0 } == true)
  }

  @Test func `alerts that ended before the failure are counted`() {
    let times = Self.times([(1, .alert), (2, .calm), (3, .alert), (4, .warning), (9, .alert)], fails: 10)
    #expect(times.falseAlarms == 2 && times.firing(of: .alert) == 9 && times.firing(of: .warning) == 3)
    #expect(Self.times([(1, .alert), (2, .calm)], fails: nil).falseAlarms == 1)
    #expect(Self.times([(1, .alert)], fails: nil).falseAlarms == 0)
  }
}

extension LeadTimes {
  fileprivate func with(samples: Int) -> LeadTimes {
    var times = self
    times.samples = samples
    return times
  }
}
