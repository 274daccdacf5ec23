import Model

/// What an experiment showed of how far ahead of the first failed request a rule fires.
package struct LeadProof: Hashable, Sendable {
  /// The `id` of the alert source, and the alert's name.
  package var source: String
  package var rule: String
  package var runs: [RunID]
  package var acquireTimeout: Duration
  /// How often the pool was looked at.
  package var interval: Duration
  /// The least of the runs; below zero where the failure came first.
  package var lead: Duration
  /// The least that the method promised under those two; nil: nothing.
  package var guaranteed: Duration?
  /// Whether it fired before the first failure in every run.
  package var led: Bool
  package init(
    source: String, rule: String, runs: [RunID], acquireTimeout: Duration, interval: Duration, lead: Duration,
    guaranteed: Duration? = nil, led: Bool
  ) {
    self.source = source
    self.rule = rule
    self.runs = runs
    self.acquireTimeout = acquireTimeout
    self.interval = interval
    self.lead = lead
    self.guaranteed = guaranteed
    self.led = led
  }

  /// Whether it shows a lead: in every run, of some length, and no shorter than what was promised.
  package var holds: Bool {
    led && lead > .zero && !runs.isEmpty && (guaranteed.map { lead >= $0 } ?? true)
  }

  /// The same, where as much as `promised` is asked of it, too.
  func measured(against promised: Duration?) -> LeadProof {
    var proof = self
    proof.guaranteed = [guaranteed, promised].compactMap { $0 }.max()
    return proof
  }

  var citation: String { Phrases.list(runs.map(\.description)) }
}

/// What is known of a rule's lead.
package enum LeadStanding: Hashable, Sendable {
  /// It tells of what has happened, and is to lead nothing.
  case none
  case unproven
  case proven(LeadProof)
  /// Measured, and it did not lead, or by less than was promised.
  case refuted(LeadProof)
  /// Measured, under an acquire timeout or at an interval from which nothing follows for these.
  case measuredElsewhere(LeadProof)

  /// The proofs of one rule, weighed for the timing that it is rendered with. What failed counts before what held.
  init(_ proofs: [LeadProof], _ timing: AlertTiming) {
    let sameTimeout = proofs.filter { AlertTiming.milliseconds($0.acquireTimeout) == timing.acquireTimeout }
    func interval(_ proof: LeadProof) -> Int { AlertTiming.milliseconds(proof.interval) }
    // To look less often than what did not lead helps nothing; to look more often than what led does no harm.
    if let failed = sameTimeout.first(where: { !$0.holds && interval($0) <= timing.interval }) {
      self = .refuted(failed)
    } else if let held = sameTimeout.first(where: { $0.holds && interval($0) >= timing.interval }) {
      self = .proven(held)
    } else {
      self = proofs.first.map(LeadStanding.measuredElsewhere) ?? .unproven
    }
  }

  package var word: String {
    switch self {
    case .none: "-"
    case .unproven, .measuredElsewhere: "not proven"
    case .proven(let proof): "proven (\(proof.citation))"
    case .refuted(let proof): "did not lead (\(proof.citation))"
    }
  }

  package var isProven: Bool { if case .proven = self { true } else { false } }
}
