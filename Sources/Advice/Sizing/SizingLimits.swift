import Model

extension SizingAdvice {
  /// What pushes the size up, and what holds it down, each with its reason.
  struct Limits {
    /// The fewest that are enough; nil where none are.
    let fewest: Int?
    let range: ClosedRange<Int>?
    let reasons: [String]

    private struct Bound {
      var size: Int
      var reason: String
    }

    init(_ inputs: SizingInputs, _ load: any PoolModel) {
      let floors = Self.floors(inputs, load)
      let ceilings = Self.ceilings(inputs)
      guard let floor = floors.max(by: { $0.size < $1.size }), load.fewest != nil else {
        fewest = nil
        range = nil
        reasons = [
          "No size keeps the limits: users who hardly pause keep every connection in use. Only faster statements or "
            + "fewer users help."
        ]
        return
      }
      fewest = floor.size
      let worthwhile = Bound(
        size: max(load.mostWorthwhile, floor.size),
        reason: "at most 0.01 % of requests wait at all: more connections gain nothing that could be measured")
      let top = ([worthwhile] + ceilings).min { $0.size < $1.size } ?? worthwhile
      range = floor.size <= top.size ? floor.size...top.size : nil
      let number = decimal(load.busy, places: load.busy < 1 ? 3 : 1)
      let busy = "\(number) \(number == "1" ? "connection is" : "connections are") busy on average (Little's law)."
      let others = ceilings.filter { $0.size != top.size }.map { "\($0.size): \($0.reason)." }
      guard range != nil else {
        reasons = [busy, "\(floor.size) are needed: \(floor.reason).", "Only \(top.size) fit: \(top.reason)."] + others
        return
      }
      let upwards =
        load.mostWorthwhile <= floor.size && top.reason == worthwhile.reason
        ? "Not more: there, practically nobody waits." : "To \(top.size): \(top.reason)."
      reasons =
        [busy, "From \(floor.size): \(floor.reason).", upwards]
        + others.map { "Not above " + $0 }
    }

    private static func floors(_ inputs: SizingInputs, _ load: any PoolModel) -> [Bound] {
      var bounds: [Bound] = []
      if let fewest = load.fewest {
        let half = decimal((inputs.value(.serviceTime) ?? 0) * 500, places: 1)
        let patience = inputs[.acquireTimeout] == nil ? "" : ", and at most 0.01 % giving up"
        bounds.append(
          Bound(
            size: fewest,
            reason: "the fewest below 80 % in use, with at most 1 % waiting over \(half) ms\(patience)"))
      }
      if let floor = size(DeadlockFloor.self, inputs) {
        bounds.append(Bound(size: floor, reason: "the deadlock floor; with fewer, threads can wait for one another"))
      }
      return bounds
    }

    private static func ceilings(_ inputs: SizingInputs) -> [Bound] {
      var bounds: [Bound] = []
      if let memory = size(MemoryCeiling.self, inputs) {
        bounds.append(Bound(size: memory, reason: "a quarter of the server's memory"))
      }
      if let slots = inputs.count(.maxConnections) {
        bounds.append(
          Bound(
            size: max(0, slots - reservedSlots),
            reason: "max_connections \(slots) less \(reservedSlots) reserved, shared with every other client"))
      }
      return bounds
    }

    private static func size(_ formula: any SizingFormula.Type, _ inputs: SizingInputs) -> Int? {
      FormulaResult(formula, inputs).size
    }
  }
}
