import Testing

@testable import Monitor

@Suite struct WaiterAgeTests {
  private struct Row: Sendable {
    var name: String
    /// Requests waiting, and connections handed out so far, second by second.
    var told: [(waiting: Double?, acquisitions: Double?)]
    var bounds: [Double?]
  }

  private static let rows = [
    Row(
      name: "nobody served since the queue was empty", told: [(0, 0), (3, 0), (4, 0), (5, 0)], bounds: [0, 1, 2, 3]),
    Row(
      name: "a queue that was never seen empty", told: [(3, nil), (3, nil), (0, nil), (2, nil)], bounds: [0, 1, 0, 1]),
    Row(
      name: "all who waited two samples ago have been served", told: [(10, 0), (10, 4), (10, 8), (10, 12), (10, 16)],
      bounds: [0, 1, 2, 3, 3]),
    Row(
      name: "all who waited at the last sample have been served", told: [(5, 0), (5, 5), (5, 10)], bounds: [0, 1, 1]),
    Row(name: "a restart begins anew", told: [(5, 90), (5, 91), (5, 0), (5, 1)], bounds: [0, 1, 0, 1]),
    Row(name: "nothing is told of waiting", told: [(nil, 5), (nil, 6)], bounds: [nil, nil]),
  ]

  @Test(arguments: rows.indices) func `bounds`(index: Int) {
    let row = Self.rows[index]
    var ages = WaiterAge()
    let bounds = row.told.enumerated().map { second, told in
      ages.bound(Double(second), waiting: told.waiting, acquisitions: told.acquisitions)
    }
    #expect(bounds == row.bounds, "\(row.name)")
  }

  @Test func `a queue that grows for ever is told of with its full age`() {
    var ages = WaiterAge()
    for second in 0...5000 {
      #expect(ages.bound(Double(second), waiting: Double(second), acquisitions: 0) == Double(second))
    }
  }
}
