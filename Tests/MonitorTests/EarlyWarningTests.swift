import Model
import TestSupport
import Testing

@testable import Monitor

/// What a source tells at one second.
private struct Told {
  var at: Double
  var waiting: Double?
  var oldest: Double?
  var acquisitions: Double?
  init(_ at: Double, waiting: Double? = nil, oldest: Double? = nil, acquisitions: Double? = nil) {
    (self.at, self.waiting, self.oldest, self.acquisitions) = (at, waiting, oldest, acquisitions)
  }

  var observation: PoolObservation {
    var gauges = PoolGauges()
    gauges[.waiting] = waiting
    gauges[.oldestWait] = oldest
    gauges[.acquisitions] = acquisitions
    return PoolObservation(at: at, gauges: gauges)
  }
}

extension EarlyWarning {
  fileprivate mutating func levels(_ told: [Told]) -> [WarningLevel] { told.map { take($0.observation).level } }
}

private func rule(_ timeout: Double?, every interval: Double = 1) -> EarlyWarning.Rule {
  EarlyWarning.Rule(acquireTimeout: timeout.map(Duration.ofSeconds), interval: .ofSeconds(interval))
}

@Suite struct EarlyWarningTests {
  /// The arithmetic of one waiter that nobody serves: METHODS.md section 6, oracles/early_warning_timeline.json.
  private struct Timeline: Decodable {
    var acquireTimeout: Double
    var sampleInterval: Double
    var thresholdFraction: Double
    var firstWaiterArrives: Double
    var alertAt: Double
    var firstFailureAt: Double
    var guaranteedLead: Double
  }

  private static let oracles = ReferenceData(folder: "Oracles")

  @Test(arguments: [true, false]) func `an alert comes when the oracle says`(tellsAge: Bool) throws {
    let timelines: [Timeline] = try Self.oracles.json("early_warning_timeline.json")
    #expect(timelines.count >= 6)
    for oracle in timelines {
      var rule = rule(oracle.acquireTimeout, every: oracle.sampleInterval)
      (rule.warnAt, rule.alertAt) = (oracle.thresholdFraction, oracle.thresholdFraction)
      var warning = EarlyWarning(rule)
      var alert: Double?
      for index in 0... {
        let now = Double(index) * oracle.sampleInterval
        guard now < oracle.firstFailureAt, alert == nil else { break }
        let age = max(0, now - oracle.firstWaiterArrives)
        let waiting = now > oracle.firstWaiterArrives ? 1.0 : 0
        let outlook = warning.take(Told(now, waiting: waiting, oldest: tellsAge ? age : nil).observation)
        if outlook.level == .alert { alert = now }
      }
      let fired = try #require(alert)
      // Without ages a rule that counts from the last empty queue fires a sample earlier, never later.
      #expect(
        tellsAge ? fired == oracle.alertAt : fired <= oracle.alertAt && fired >= oracle.alertAt - oracle.sampleInterval)
      #expect(oracle.firstFailureAt - fired >= oracle.guaranteedLead - 1e-9)
      if oracle.sampleInterval * 10 <= oracle.acquireTimeout {
        guard case .seconds(let promised) = rule.lead else { Issue.record("no lead is promised"); continue }
        #expect(abs(promised - oracle.guaranteedLead) < 1e-9)
      } else {
        #expect(rule.lead == .none(.sampledTooSeldom))
      }
    }
  }

  @Test func `levels rise at once and fall after five calm samples`() {
    var warning = EarlyWarning(rule(10))
    let told = [0, 1.9, 2, 4.9, 5, 0, 0, 0, 0, 0, 0].enumerated().map { Told(Double($0), waiting: 1, oldest: $1) }
    #expect(
      warning.levels(told) == [
        .calm, .calm, .warning, .warning, .alert, .alert, .alert, .alert, .alert, .alert, .calm,
      ])
  }

  @Test func `a level that comes back meanwhile begins its calm anew`() {
    var warning = EarlyWarning(rule(10))
    let ages = [5.0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0]
    let levels = warning.levels(ages.enumerated().map { Told(Double($0), waiting: 1, oldest: $1) })
    #expect(levels.dropLast().allSatisfy { $0 == .alert } && levels.last == .calm)
  }

  @Test func `without an acquire timeout nothing fails by waiting, and nothing is promised`() {
    var warning = EarlyWarning(rule(nil))
    let outlook = warning.take(Told(0, waiting: 100, oldest: 1000).observation)
    #expect(outlook.level == .calm && outlook.exhaustionETA == nil && outlook.age == 1000)
    #expect(warning.rule.lead == .none(.waitsForEver))
  }

  @Test func `a source that tells nothing of waiting is calm, and says that it knows no age`() {
    var warning = EarlyWarning(rule(5))
    let outlook = warning.take(Told(0, acquisitions: 5).observation)
    #expect(outlook.level == .calm && outlook.age == nil && outlook.predictedWait == nil)
  }

  @Test func `what is predicted alerts early only where the oldest waiter bears it out`() {
    // 10 a second are served: 110 waiters take 11 s, more than 10 s.
    var young = EarlyWarning(rule(10))
    var old = young
    for second in 0...5 {
      let acquisitions = Double(second) * 10
      let first = young.take(Told(Double(second), waiting: 110, oldest: 1, acquisitions: acquisitions).observation)
      let second = old.take(Told(Double(second), waiting: 110, oldest: 2, acquisitions: acquisitions).observation)
      #expect(first.level == .calm)
      #expect(second.level == (acquisitions == 0 ? .warning : .alert))
    }
  }

  @Test func `time to the first failure`() throws {
    // Nobody is served: the oldest one fails when its time is over.
    var stalled = EarlyWarning(rule(10))
    _ = stalled.take(Told(0, waiting: 5, oldest: 2, acquisitions: 100).observation)
    let outlook = stalled.take(Told(1, waiting: 5, oldest: 3, acquisitions: 100).observation)
    #expect(outlook.predictedWait == .infinity && outlook.exhaustionETA == 7)

    // 10 a second for 200 waiters are 20 s; the oldest has waited 2 s. Of those who came over 2 s the one at share x is to
    // wait 2 (1 - x) + 20 x = 10 at x = 8 / 18, and fails when it is 10 s old: in 10 - 2 (1 - 8 / 18) s.
    var overloaded = EarlyWarning(rule(10))
    _ = overloaded.take(Told(0, waiting: 200, oldest: 1, acquisitions: 0).observation)
    let eta = try #require(
      overloaded.take(Told(1, waiting: 200, oldest: 2, acquisitions: 10).observation).exhaustionETA)
    #expect(abs(eta - (10 - 2 * (1 - 8.0 / 18))) < 1e-9)

    // The wait grows by 1 s each second from 1 s: it reaches 10 s after 7 more seconds, and 10 s later the first one fails.
    var growing = EarlyWarning(rule(10))
    var last: Double?
    for second in 0...3 {
      let told = Told(Double(second), waiting: Double(second) * 10, oldest: 1, acquisitions: Double(second) * 10)
      last = growing.take(told.observation).exhaustionETA
    }
    #expect(try abs(#require(last) - 17) < 1e-9)

    // A short queue that does not grow ends in no failure; nor does none at all.
    var steady = EarlyWarning(rule(10))
    for second in 0...9 {
      let told = Told(Double(second), waiting: 20, oldest: 1, acquisitions: Double(second) * 10)
      #expect(steady.take(told.observation).exhaustionETA == nil)
    }
    #expect(steady.take(Told(10, waiting: 0, oldest: 0, acquisitions: 100).observation).exhaustionETA == nil)
  }

  @Test func `an app that was restarted counts from zero again, and nothing is made of it`() {
    var warning = EarlyWarning(rule(10))
    _ = warning.take(Told(0, waiting: 10, oldest: 1, acquisitions: 1000).observation)
    let outlook = warning.take(Told(1, waiting: 10, oldest: 1, acquisitions: 3).observation)
    #expect(outlook.predictedWait == nil && outlook.level == .calm)
    #expect(warning.take(Told(2, waiting: 10, oldest: 1, acquisitions: 13).observation).predictedWait == 1)
  }

  @Test func `what was seen before a source went says nothing of it when it is back`() {
    var warning = EarlyWarning(rule(5))
    _ = warning.levels([Told(0, waiting: 0), Told(1, waiting: 3)])
    warning.forget()
    let outlook = warning.take(Told(60, waiting: 3).observation)
    #expect(outlook.level == .calm && outlook.age == 0 && outlook.isAgeInferred)
  }
}
