import Model

/// One formula that somebody sizes a pool with.
protocol SizingFormula: SendableMetatype {
  static var name: String { get }
  static var expression: String { get }
  /// Where people find it.
  static var source: String { get }
  /// Carries the units along, so that the unit of the result is computed.
  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity
  /// What the result means, or what is wrong with it; empty for nothing to add.
  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String
}

extension SizingFormula {
  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String { "" }
}

enum FormulaProblem: Error, Hashable {
  case lacks([SizingTerm])
  /// The inputs are there, and still there is no result.
  case noResult(String)
  case units(Quantity.Mismatch)
}

/// A formula with what came of it.
package struct FormulaResult: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    /// A number of connections.
    case connections(Double)
    /// Something else than a number of connections, so that it cannot be a pool size.
    case wrongUnit(Quantity)
    case lacks([SizingTerm])
    case noResult(String)
  }
  package var name: String
  package var expression: String
  package var source: String
  package var outcome: Outcome
  package var note: String

  /// Every formula in use, in the order of the report.
  package static func all(_ inputs: SizingInputs) -> [FormulaResult] {
    formulas.map { FormulaResult($0, inputs) }
  }

  private static let formulas: [any SizingFormula.Type] = [
    LittlesLawFormula.self, ClosedLoadFormula.self, OpenLoadFormula.self, CoresAndSpindles.self, DeadlockFloor.self,
    RequestsOverTimeout.self, DutyCycle.self, CoresTimesFour.self, MemoryCeiling.self,
  ]

  init(_ formula: any SizingFormula.Type, _ inputs: SizingInputs) {
    name = formula.name
    expression = formula.expression
    source = formula.source
    note = ""
    do throws(FormulaProblem) {
      let result = try formula.evaluate(inputs)
      outcome = result.dimension == .connections ? .connections(result.value) : .wrongUnit(result)
      note = formula.note(inputs, result)
    } catch {
      outcome =
        switch error {
        case .lacks(let terms): .lacks(terms)
        case .noResult(let reason): .noResult(reason)
        case .units(let mismatch): .noResult(mismatch.description)
        }
    }
  }

  /// As a pool size, rounded up; nil where there is none.
  package var size: Int? {
    guard case .connections(let value) = outcome, value.isFinite else { return nil }
    return Int(min(value, 1e9).rounded(.up))
  }
}

extension SizingInputs {
  /// Requests per second: users who think where they are known, else the rate.
  func demand() throws(FormulaProblem) -> Quantity {
    guard self[.users] != nil, self[.thinkTime] != nil else { return try quantity(.rate) }
    return try quantity(.users) * .requestPerUser / round()
  }

  /// Time of a user from one request to the next, when nobody waits.
  private func round() throws(FormulaProblem) -> Quantity {
    let (think, service) = (try quantity(.thinkTime), try quantity(.serviceTime))
    do throws(Quantity.Mismatch) { return try think + service } catch { throw .units(error) }
  }

  /// Connections busy on average.
  func busy() throws(FormulaProblem) -> Quantity {
    try demand() * quantity(.serviceTime) * .connectionPerRequest
  }

  /// The users' model; nil where an input is missing.
  package var closedLoad: ClosedLoad? {
    guard let users = count(.users), let think = value(.thinkTime), let service = value(.serviceTime) else {
      return nil
    }
    return ClosedLoad(
      users: users, thinkTime: think, serviceTime: service, acquireTimeout: value(.acquireTimeout))
  }

  /// The model of independent arrivals; nil where an input is missing.
  package var openLoad: OpenLoad? {
    guard let rate = value(.rate), let service = value(.serviceTime) else { return nil }
    return OpenLoad(rate: rate, serviceTime: service, acquireTimeout: value(.acquireTimeout))
  }
}
