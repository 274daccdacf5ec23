import Model

/// Did a person vouch for it, for these words, and not too long ago?
extension GoNoGo.Input {
  func outcome(of item: GoNoGo.ManualItem) -> RuleOutcome {
    let (status, evidence) = judge(item)
    return RuleOutcome(rule: "\(item.id): \(item.text)", status: status, evidence: evidence)
  }

  private func judge(_ item: GoNoGo.ManualItem) -> (RuleOutcome.Status, String) {
    let command = "type: poolops go-no-go sign \(item.id) --by NAME"
    guard let signature = item.signature else { return (.undecided, "nobody has signed; \(command)") }
    let signed = "signed by \(signature.signedBy) at \(signature.at.text)"
    guard signature.subject == item.subject else {
      return (.undecided, "\(signed), for other words than the present ones; \(command)")
    }
    if let doubt = doubt(of: signature.at, maxAge: item.maxAge, counts: "it counts") {
      return (.undecided, "\(signed), which \(doubt); \(command)")
    }
    return (.passed, signed + (signature.note.isEmpty ? "" : ": \(signature.note)"))
  }
}
