/// With fewer connections, threads that each hold some and wait for one more can block one another for ever.
enum DeadlockFloor: SizingFormula {
  static let name = "deadlock floor"
  static let expression = "threads x (connections per thread - 1) + 1"
  static let source = "HikariCP, \"About Pool Sizing\""

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    try inputs.need(.threads, .connectionsPerThread)
    let (threads, each) = (try inputs.quantity(.threads), try inputs.quantity(.connectionsPerThread))
    do throws(Quantity.Mismatch) {
      return try threads * (each - Quantity(1, each.dimension)) + Quantity(1, .connections)
    } catch {
      throw .units(error)
    }
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    "A floor, not a size: with fewer, threads can wait for one another until the acquire timeout."
  }
}
