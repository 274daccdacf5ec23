/// Durations as people write them: `250us 500ms 30s 10m 1h`, fractions allowed (`1.5s`).
extension Duration {
  /// Whole nanoseconds, saturating at about 292 years.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    return scaled + attoseconds / 1_000_000_000
  }

  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }

  package static func ofSeconds(_ seconds: Double) -> Duration {
    .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  private static let units: [(suffix: String, nanoseconds: Double)] = [
    ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
  ]

  /// Reads `500ms`, `30s`, `1.5m`; nil when the unit is missing or unknown, or the number is negative.
  package init?(text: String) {
    let number = text.prefix { $0.isNumber || $0 == "." }
    let suffix = text.dropFirst(number.count)
    guard let value = Double(number), value.isFinite,
      let unit = Self.units.first(where: { $0.suffix == suffix }), value * unit.nanoseconds < 9e18
    else { return nil }
    self = .nanoseconds(Int64((value * unit.nanoseconds).rounded()))
  }

  /// The shortest exact form in the largest unit that keeps it below four digits: `340ms`, `20s`, `1.5s`, `30m`.
  package var text: String {
    let value = Double(nanoseconds)
    if value == 0 { return "0s" }
    let chosen = Self.units.last { value.magnitude >= $0.nanoseconds } ?? Self.units[0]
    let amount = value / chosen.nanoseconds
    let isExact = (amount * 1000).rounded() == amount * 1000
    if !isExact, let finer = Self.units.last(where: { $0.nanoseconds < chosen.nanoseconds }) {
      return decimal(value / finer.nanoseconds, places: 3) + finer.suffix
    }
    return decimal(amount, places: 3) + chosen.suffix
  }
}

/// A number with at most `places` decimals and no trailing zeros: `48.4`, `50`, `0.05`.
package func decimal(_ value: Double, places: Int) -> String {
  guard value.isFinite else { return value.isNaN ? "nan" : (value < 0 ? "-inf" : "inf") }
  var text = fixed(value, places: places)
  guard text.contains(".") else { return text }
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text == "-0" ? "0" : text
}

/// A number with exactly `places` decimals, rounded half away from zero: `0.10`, `413.2`.
package func fixed(_ value: Double, places: Int) -> String {
  guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
  var scale: Int64 = 1
  for _ in 0..<places { scale *= 10 }
  let scaled = (value.magnitude * Double(scale)).rounded()
  guard scaled < 9e18 else { return "\(value)" }
  let units = Int64(scaled)
  let sign = value < 0 && units != 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(units)" }
  let fraction = String(units % scale)
  return "\(sign)\(units / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}
