import Model
import Monitor

/// A ramp into exhaustion: one block in which the load grows until a request fails, and what the alert made of it.
extension ExperimentRunner {
  mutating func exhaust(_ block: PlannedBlock) throws(Failure) {
    let run = try self.run(of: block.arm)
    let load = BlockOfLoad(ports, Aim(experiment, block.arm), block, seed: source.seed, inForce)
    lead = try stages.carryOut(.ramp, "") { () throws(Failure) in
      guard let times = try load.carryOut(run: run) else { preconditionFailure("a ramp has its rule armed") }
      try ports.record.recordLead(times, of: run)
      return (times, times.note)
    }
  }

  mutating func decideLead() throws(Failure) -> Decision {
    guard let id, let run = runs[.baseline], let lead else { preconditionFailure("the verdict comes after the ramp") }
    let found = try stages.carryOut(.judge, "") { () throws(Failure) in
      let verdict = lead.verdict(of: run)
      return (verdict, "\(verdict.decision.rawValue): \(verdict.reason)")
    }
    try ports.record.recordVerdict(id, found)
    verdict = found
    return found.decision
  }
}

extension LeadTimes {
  /// What happened when, for the stage.
  fileprivate var note: String {
    let moments = [
      ("warning", firing(of: .warning)), ("alert", firing(of: .alert)), ("first failed request", failure?.second),
    ]
    return moments.map { "\($0.0) \($0.1.map { "at \(Self.text($0))" } ?? "never")" }.joined(separator: ", ")
  }
}
