import Model

/// The wiki's starting point.
enum CoresAndSpindles: SizingFormula {
  static let name = "cores and spindles"
  static let expression = "cores x 2 + spindles"
  static let source = "PostgreSQL wiki and HikariCP, \"About Pool Sizing\""

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    try inputs.need(.cores)
    let perCore = Quantity(2, .connections / Dimension(.core))
    let perSpindle = Quantity(1, .connections / Dimension(.spindle))
    let (cores, spindles) = (try inputs.quantity(.cores), try inputs.quantity(.spindles))
    do throws(Quantity.Mismatch) { return try cores * perCore + spindles * perSpindle } catch { throw .units(error) }
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    let rule = "For statements that keep a core or a disk of the database busy."
    guard let busy = try? inputs.busy(), busy.value > result.value else { return rule }
    return rule
      + " \(fixed(busy.value, places: 1)) are busy here, so it fits only if they compute little and wait much."
  }
}

/// Seed of many examples: a multiple of the application's cores, between two bounds.
enum CoresTimesFour: SizingFormula {
  static let name = "CPU count"
  static let expression = "cores x 4, at least 20, at most 100"
  static let source = "in many code bases (num_cpus x 4)"

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    let size = try inputs.quantity(.cores) * Quantity(4, .connections / Dimension(.core))
    return Quantity(min(max(size.value, 20), 100), size.dimension)
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    "Its unit is right. It is usually given the application's cores, which say nothing about how long a request holds "
      + "a connection, and every process of the application takes as many again."
  }
}
