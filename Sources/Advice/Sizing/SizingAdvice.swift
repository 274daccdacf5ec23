import Model

/// The answer of `poolops size`: every formula side by side, and one range with its reasons.
package struct SizingAdvice: Sendable {
  /// What the demand lacks, so that no size follows.
  package enum Missing: Error, Hashable, Sendable {
    case serviceTime
    case demand
    /// Users without a pause: how many connections they need for pauses from `longest` down to `shortest`.
    case thinkTime(users: Int, longest: Double, few: Int, shortest: Double, many: Int)
    /// More than a closed model is made for.
    case tooMany(users: Double)
    case tooBusy(Double)
  }

  package var inputs: SizingInputs
  package var formulas: [FormulaResult]
  /// The name of the model behind forecasts and answer.
  package var model: String
  package var forecasts: [SizeForecast]
  /// Connections busy on average if nobody waited.
  package var busy: Double
  /// The fewest that are enough, to the most that gain anything and fit; nil where there is no such size.
  package var range: ClosedRange<Int>?
  package var reasons: [String]
  package var caveats: [String]

  /// The closed model looks at every number of users that may be inside.
  package static let mostUsers = 20_000
  package static let mostBusy = 100_000.0
  /// PostgreSQL's default of superuser_reserved_connections.
  package static let reservedSlots = 3

  /// - Parameter shown: sizes to forecast beside the usual ones, such as that of the run.
  package init(_ typed: SizingInputs, shown: [Int] = []) throws(Missing) {
    let inputs = typed.completed
    let load = try Self.load(inputs)
    let limits = Limits(inputs, load)
    self.inputs = inputs
    formulas = FormulaResult.all(inputs)
    model = load is ClosedLoad ? ClosedLoadFormula.name : OpenLoadFormula.name
    busy = load.busy
    range = limits.range
    reasons = limits.reasons
    caveats = Self.caveats(inputs, load)
    forecasts = Self.sizes(limits, load, formulas, shown).compactMap(load.forecast)
  }

  private static func load(_ inputs: SizingInputs) throws(Missing) -> any PoolModel {
    guard let service = inputs.value(.serviceTime) else { throw .serviceTime }
    if let users = inputs.value(.users), users > Double(mostUsers) { throw .tooMany(users: users) }
    if let closed = inputs.closedLoad { return closed }
    if let open = inputs.openLoad {
      guard open.busy <= mostBusy else { throw .tooBusy(open.busy) }
      return open
    }
    if let users = inputs.count(.users) { throw spread(users, service) }
    throw .demand
  }

  private static func spread(_ users: Int, _ service: Double) -> Missing {
    let (longest, shortest) = (30.0, 0.1)
    let need = { (think: Double) in
      ClosedLoad(users: users, thinkTime: think, serviceTime: service, acquireTimeout: nil)?.fewest ?? users
    }
    return .thinkTime(users: users, longest: longest, few: need(longest), shortest: shortest, many: need(shortest))
  }

  /// Around the answer: the busy ones, both ends, and what the formulas and the person would take.
  private static func sizes(
    _ limits: Limits, _ load: any PoolModel, _ formulas: [FormulaResult], _ shown: [Int]
  ) -> [Int] {
    let rules = [CoresAndSpindles.name, DutyCycle.name, CoresTimesFour.name]
    let theirs = formulas.filter { rules.contains($0.name) }.compactMap(\.size)
    let ends = [limits.fewest.map { max(1, $0 - 1) }, limits.fewest, limits.range?.upperBound].compactMap { $0 }
    let sizes = Set(ends + theirs + shown + [max(1, Int(load.busy.rounded(.up)))])
    return sizes.filter { $0 > 0 && $0 <= max(load.mostUseful, ends.max() ?? 0) }.sorted()
  }

  private static func caveats(_ inputs: SizingInputs, _ load: any PoolModel) -> [String] {
    var found = [
      "Service times are taken as exponential, and the same at every size: if the database runs out of cores, more "
        + "connections make them longer, and a smaller pool is faster."
    ]
    if let closed = load as? ClosedLoad {
      let half = ClosedLoad(
        users: closed.users, thinkTime: closed.thinkTime / 2, serviceTime: closed.serviceTime, acquireTimeout: nil)
      let need = half.map { "; with half of it \(fixed($0.busy, places: 1)) connections would be busy" } ?? ""
      found.append(
        "\(closed.users) users mean nothing without their think time: it is a statement about people\(need).")
    } else {
      found.append(
        "Requests are taken as coming independently, at the same rate all the time: peaks need their own sum.")
    }
    if load is ClosedLoad, inputs[.acquireTimeout] != nil {
      found.append("The share that gives up is right within a factor of two where the pool is short.")
    }
    found += cores(inputs)
    found.append("The size is of all pools of the application together: divide it by its processes.")
    return found
  }

  /// Whether the cores can do the work.
  private static func cores(_ inputs: SizingInputs) -> [String] {
    guard let cores = inputs.value(.cores), let demand = try? inputs.demand(), let service = inputs.value(.serviceTime),
      let busy = try? inputs.busy()
    else { return [] }
    let rate = "\(fixed(demand.value, places: 1)) requests/s"
    if let each = inputs.value(.cpuPerRequest) {
      let needed = demand.value * each
      let share = fixed(needed / cores * 100, places: 1)
      return [
        "At \(rate) the measured \(decimal(each * 1000, places: 3)) ms of CPU a request need \(fixed(needed, places: 2)) "
          + "of \(decimal(cores, places: 2)) cores (\(share) %)"
          + (needed > cores * SizeForecast.mostUtilisation ? ": the cores are short, and no pool size helps." : ".")
      ]
    }
    guard busy.value > cores else { return [] }
    return [
      "\(decimal(cores, places: 2)) cores carry \(rate) only if a request computes for less than "
        + "\(decimal(cores / demand.value * 1000, places: 2)) ms of its \(decimal(service * 1000, places: 2)) ms: "
        + "measure the CPU a request."
    ]
  }
}
