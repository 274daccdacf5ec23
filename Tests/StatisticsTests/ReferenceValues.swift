import TestSupport

/// Produced by scipy and closed forms; see each test for the tolerance.
let oracles = ReferenceData(folder: "Oracles")

typealias Row = [String: Double]

extension Row {
  func number(_ column: String) -> Double { self[column] ?? .nan }
  func whole(_ column: String) -> Int { Int(number(column)) }
}
