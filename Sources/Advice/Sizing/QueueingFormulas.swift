import Model

/// Users who think: the fewest connections that keep the limits.
enum ClosedLoadFormula: SizingFormula {
  static let name = "M/M/c//N"
  static let expression = "fewest below 80 % in use, with short waits"
  static let source = "machine-repair model"

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    try inputs.need(.users, .thinkTime, .serviceTime)
    guard let fewest = inputs.closedLoad?.fewest else {
      throw .noResult("users who hardly pause keep every connection in use: no size keeps the limits")
    }
    return Quantity(Double(fewest), try inputs.busy().dimension)
  }
}

/// Independent arrivals: the fewest connections that keep the limits.
enum OpenLoadFormula: SizingFormula {
  static let name = "M/M/c"
  static let expression = "fewest below 80 % in use, with short waits"
  static let source = "Erlang 1917; timeout: Baccelli and Hebuterne 1981"

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    try inputs.need(.rate, .serviceTime)
    guard let fewest = inputs.openLoad?.fewest else { throw .noResult("no size keeps the limits") }
    return try inputs.quantity(.rate) * inputs.quantity(.serviceTime) * .connectionPerRequest
      * Quantity(Double(fewest) / (inputs.openLoad?.busy ?? .nan), .pure)
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    guard inputs.closedLoad != nil else { return "" }
    return "As if requests came whether or not earlier ones are answered; the users above wait for their answers."
  }
}
