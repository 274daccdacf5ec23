import Model
import Statistics

/// Users times a share of them that queries at any time.
enum DutyCycle: SizingFormula {
  static let name = "share of users"
  static let expression = "users x 0.1"
  static let source = "in reports: concurrent users x 0.1 queries"
  static let share = 0.1

  static func evaluate(_ inputs: SizingInputs) throws(FormulaProblem) -> Quantity {
    try inputs.quantity(.users) * Quantity(share, .pure) * .requestPerUser * .connectionPerRequest
  }

  /// The think time at which a user queries for that share of the time: S / (S + Z) = 0.1.
  static func impliedThinkTime(serviceTime: Double) -> Double { serviceTime * (1 - share) / share }

  static func note(_ inputs: SizingInputs, _ result: Quantity) -> String {
    let front = "Its unit is right. The 0.1 is service time / (service time + think time)"
    guard let service = inputs.value(.serviceTime), let users = inputs.count(.users) else {
      return front + ", so it is a statement about how long users pause, and no constant."
    }
    let implied = impliedThinkTime(serviceTime: service)
    var note = front + ", so it says that users pause for \(seconds(implied))"
    if let think = inputs.value(.thinkTime) {
      note += "; with \(seconds(think)) it is \(decimal(service / (service + think), places: 4))"
    }
    let size = Int(result.value.rounded(.up))
    if let pool = ClosedPool(users: users, servers: size, serviceTime: service, thinkTime: implied) {
      note +=
        ". If it were right, \(size) connections would be \(fixed(pool.utilisation * 100, places: 1)) % in use: "
        + "it leaves no room"
    }
    return note + "."
  }

  private static func seconds(_ value: Double) -> String { decimal(value, places: 3) + " s" }
}
