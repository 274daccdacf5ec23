extension AlertRule {
  /// Where its number is from, and what is known of its lead: the annotation `evidence`.
  ///
  /// - Parameter origin: where the acquire timeout is from.
  func evidence(_ standing: LeadStanding, _ origin: String) -> String {
    let threshold = "Threshold: \(basis)\(restsOnTimeout ? " (acquire timeout: \(origin))" : "")."
    return Self.words(standing).map { "\($0) \(threshold)" } ?? threshold
  }

  private static func words(_ standing: LeadStanding) -> String? {
    switch standing {
    case .none: nil
    case .unproven: "Not proven here: no experiment has measured how far it leads."
    case .proven(let proof):
      "Proven: it led the first failed request by \(PromQL.words(AlertTiming.milliseconds(proof.lead))) at least "
        + "(\(proof.citation))."
    case .refuted(let proof):
      "Measured, and it did not lead as it should: \(shortfall(proof)) (\(proof.citation))."
    case .measuredElsewhere(let proof):
      "Not proven here: \(proof.citation) measured it with an acquire timeout of "
        + "\(PromQL.words(AlertTiming.milliseconds(proof.acquireTimeout))) at one sample every "
        + "\(PromQL.duration(AlertTiming.milliseconds(proof.interval))), from which nothing follows for this one."
    }
  }

  private static func shortfall(_ proof: LeadProof) -> String {
    let lead = AlertTiming.milliseconds(proof.lead)
    if lead <= 0 { return "the first request failed \(PromQL.words(-lead)) before it" }
    if let promised = proof.guaranteed, proof.led {
      return "by \(PromQL.words(lead)), where \(PromQL.words(AlertTiming.milliseconds(promised))) was promised"
    }
    return "not in every run"
  }

  /// Its annotations, in the order in which a person wants to read them.
  func annotations(_ context: AlertContext) -> [(name: String, text: String)] {
    let plan = context.plan
    let timing = context.timing
    let origin = plan.timeout(of: context.source).origin
    let texts: [(String, String?)] = [
      ("summary", summary), ("description", description),
      ("evidence", evidence(plan.standing(of: self, timing), origin)),
      ("lead", kind.leads ? lead(timing).text : nil),
      ("runbook_url", kind.isOfPool ? plan.runbookLink : plan.runbook),
    ]
    return texts.compactMap { name, text in text.map { (name, $0) } }
  }
}
