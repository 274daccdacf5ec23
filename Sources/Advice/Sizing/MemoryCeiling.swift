import Model

/// How many backends a part of the server's memory holds.
enum MemoryCeiling: SizingFormula {
  static let name = "memory ceiling"
  static let expression = "server memory / 4 / memory of a backend"
  static let source = "a quarter for backends is our limit; shared_buffers takes another"
  static let share = 0.25

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    try inputs.need(.serverMemory, .backendMemory)
    let ceiling = try inputs.quantity(.serverMemory) * Quantity(share, .pure) / inputs.quantity(.backendMemory)
    return Quantity(ceiling.value.rounded(.down), ceiling.dimension)
  }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    "A ceiling for all clients of the server together. Sorts and hashes take work_mem on top, more than once a statement."
  }
}
