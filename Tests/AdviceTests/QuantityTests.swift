import Advice
import Testing

@Suite struct QuantityTests {
  private static let rate = Quantity(100, .rate)
  private static let service = Quantity(0.05, .time)
  private static let users = Quantity(500, .users)

  private static let products: [(quantity: Quantity, value: Double, unit: String, plain: String)] = [
    (rate * service * .connectionPerRequest, 5, "connections", ""),
    (rate * service * .connectionPerRequest / Quantity(0.1, .time), 50, "connections/s", "1/s"),
    (users * .requestPerUser / Quantity(0.5, .time), 1000, "requests/s", "1/s"),
    (rate / rate, 1, "", ""),
    (service * service, 0.0025, "s^2", "s^2"),
    (Quantity(1, .pure) / service / service, 400, "1/s^2", "1/s^2"),
    (Quantity(8e9, .memory) / Quantity(1e7, .memory / .connections), 800, "connections", ""),
    (rate * service, 5, "requests", ""),
  ]

  @Test(arguments: products) func `units follow the arithmetic`(
    quantity: Quantity, value: Double, unit: String, plain: String
  ) {
    #expect(abs(quantity.value / value - 1) < 1e-12)
    #expect(quantity.dimension.text == unit)
    #expect(quantity.dimension.withoutCounts.text == plain)
  }

  @Test func `like units add, and unlike ones are refused by name`() throws {
    #expect(try (Self.service + Self.service).value == 0.1)
    #expect(try (Self.users - Quantity(1, .users)).value == 499)
    let mismatch = #expect(throws: Quantity.Mismatch.self) { try Self.service + Self.users }
    #expect(mismatch?.description == "'s' and 'users' cannot be added")
  }
}
