import Model

/// A formula that circulates in reviews, given a rate where it says requests.
enum RequestsOverTimeout: SizingFormula {
  static let name = "requests over timeout"
  static let expression = "rate x service time / timeout"
  static let source = "in reviews: concurrent_requests x avg_query_time / request_timeout"

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    if inputs[.users] != nil, inputs[.thinkTime] != nil {
      try inputs.need(.serviceTime, .acquireTimeout)
    } else {
      try inputs.need(.rate, .serviceTime, .acquireTimeout)
    }
    return try inputs.busy() / inputs.quantity(.acquireTimeout)
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    guard result.dimension != .connections, let busy = try? inputs.busy() else { return "" }
    return
      "With the acquire timeout as its timeout: \(result.dimension.text), that is \(result.dimension.withoutCounts.text): a rate, not a number of "
      + "connections. The first two factors alone are Little's law, \(fixed(busy.value, places: 1)). With a number of "
      + "requests in the place of the rate the unit is right, and it answers another question: how many connections "
      + "finish a burst of so many requests within the timeout."
  }
}
