import Model

/// L = X W.
enum LittlesLawFormula: SizingFormula {
  static let name = "Little's law"
  static let expression = "rate x service time"
  static let source = "Little 1961"

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    if inputs[.users] != nil, inputs[.thinkTime] != nil {
      try inputs.need(.serviceTime)
    } else {
      try inputs.need(.rate, .serviceTime)
    }
    return try inputs.busy()
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    "Busy on average, at \(demand(inputs)). A pool of just that many would be in use all the time: it needs room."
  }

  private static func demand(_ inputs: SizingInputs) -> String {
    guard let demand = try? inputs.demand() else { return "the demand" }
    let rate = "\(fixed(demand.value, places: 1)) \(demand.dimension.text)"
    guard let users = inputs.count(.users), let think = inputs.value(.thinkTime),
      let service = inputs.value(.serviceTime)
    else { return rate }
    return "\(rate) = \(users) users / (\(decimal(think, places: 4)) s + \(decimal(service, places: 4)) s)"
  }
}
