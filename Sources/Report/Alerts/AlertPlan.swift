import Ecosystems
import Model

/// What alert rules are rendered from.
package struct AlertPlan: Hashable, Sendable {
  /// An acquire timeout, and where it is from.
  package struct Timeout: Hashable, Sendable {
    package var value: Duration
    /// As it stands in parentheses: `run-6 of peak#1`.
    package var origin: String
    package init(_ value: Duration, origin: String) {
      self.value = value
      self.origin = origin
    }
  }

  /// The pool that an experiment ended with.
  package struct SizedPool: Hashable, Sendable {
    package var size: Int
    package var run: RunID
    package init(size: Int, run: RunID) {
      self.size = size
      self.run = run
    }
  }

  /// nil: each source's own default.
  package var timeout: Timeout?
  package var interval: Duration
  package var pool: SizedPool?
  package var proofs: [LeadProof]
  /// The page that alerts link to, and the section of it that tells what to do.
  package var runbook: String?
  package var runbookSection: String?
  /// Prometheus knows `keep_firing_for` since 2.42.
  package var keepsFiring: Bool

  package static let standardInterval = Duration.seconds(15)
  /// Where nothing says how long a request waits. A short one errs on the side of an early alert.
  static let assumedTimeout = Timeout(.seconds(5), origin: "assumed")

  package init(
    timeout: Timeout? = nil, interval: Duration = standardInterval, pool: SizedPool? = nil, proofs: [LeadProof] = [],
    runbook: String? = nil, runbookSection: String? = nil, keepsFiring: Bool = true
  ) {
    self.timeout = timeout
    self.interval = interval
    self.pool = pool
    self.proofs = proofs
    self.runbook = runbook
    self.runbookSection = runbookSection
    self.keepsFiring = keepsFiring
  }

  func timeout(of source: AlertSource) -> Timeout {
    if let timeout { return timeout }
    guard let ecosystem = source.ecosystem.flatMap(Ecosystem.named),
      case .duration(let standard) = ecosystem.standard(of: .acquireTimeout)
    else { return Self.assumedTimeout }
    return Timeout(standard, origin: "\(ecosystem.versions.library)'s default")
  }

  /// What the rules of a source are made for, as part of a sentence.
  func basis(of source: AlertSource) -> String {
    let timing = timing(of: source)
    let interval = "scraped and evaluated every \(PromQL.duration(timing.interval))"
    guard source.seesPools else { return interval }
    return "acquire timeout \(PromQL.words(timing.acquireTimeout)) (\(timeout(of: source).origin)), \(interval)"
  }

  func timing(of source: AlertSource) -> AlertTiming {
    AlertTiming(acquireTimeout: timeout(of: source).value, interval: interval, staleness: source.staleness)
  }

  func standing(of rule: AlertRule, _ timing: AlertTiming) -> LeadStanding {
    guard rule.kind.leads else { return .none }
    let promised = rule.lead(timing).guaranteed.map { Duration.milliseconds($0) }
    let own = proofs.filter { $0.source == rule.source && $0.rule == rule.kind.name }
    return LeadStanding(own.map { $0.measured(against: promised) }, timing)
  }

  /// `https://wiki.example/pool#trigger`; a link with a section of its own is left as it is.
  var runbookLink: String? {
    guard let runbook else { return nil }
    guard let runbookSection, !runbook.contains("#") else { return runbook }
    return "\(runbook)#\(runbookSection)"
  }
}
