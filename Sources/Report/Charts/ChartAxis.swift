import Glibc
import Model

/// One axis of a chart: which values it spans, and where its ticks stand.
struct ChartAxis: Hashable, Sendable {
  struct Tick: Hashable, Sendable {
    var value: Double
    var text: String
    /// Its text gives way where there is little room.
    var isMinor = false
  }

  var range: ClosedRange<Double>
  var isLogarithmic = false
  var ticks: [Tick]

  /// Where a value stands: 0 at the lower end, 1 at the upper one.
  func position(_ value: Double) -> Double {
    guard range.upperBound > range.lowerBound else { return 0 }
    if isLogarithmic {
      let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
      return (log10(max(value, range.lowerBound)) - low) / (high - low)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// How the values of an axis are written.
  enum Unit: Hashable, Sendable {
    case seconds
    case perSecond
    case count
    case share
  }

  /// From zero to a round number at or above `highest`: a length that starts elsewhere would lie.
  static func linear(to highest: Double, _ unit: Unit) -> ChartAxis {
    let highest = highest.isFinite && highest > 0 ? highest : 1
    let step = roundStep(atLeast: highest / 4)
    let count = max(1, Int((highest / step - 1e-9).rounded(.up)))
    let top = Double(count) * step
    return ChartAxis(
      range: 0...top,
      ticks: (0...count).map { Tick(value: Double($0) * step, text: text(Double($0) * step, unit, step, top)) })
  }

  /// Powers of ten with their double and fivefold between them.
  static func logarithmic(_ low: Double, _ high: Double, _ unit: Unit) -> ChartAxis {
    let range = max(low, 1e-9)...max(high, low * 10, 1e-8)
    var ticks: [Tick] = []
    for exponent in Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.up)) {
      for digit in [1.0, 2, 5] {
        let value = digit * pow(10, Double(exponent))
        guard range.contains(value * 1.000001) || range.contains(value) else { continue }
        ticks.append(Tick(value: value, text: text(value, unit, value, value), isMinor: digit != 1))
      }
    }
    return ChartAxis(range: range, isLogarithmic: true, ticks: ticks)
  }

  /// Elapsed time in seconds, with steps that a clock has.
  static func time(_ range: ClosedRange<Double>) -> ChartAxis {
    let length = max(range.upperBound - range.lowerBound, 1)
    let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400]
    let step = steps.first { length / $0 <= 8 } ?? 86_400 * (length / 8 / 86_400).rounded(.up)
    let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((range.upperBound / step + 1e-9).rounded(.down))
    let ticks = (first...max(first, last)).map { index in
      let value = Double(index) * step
      return Tick(value: value, text: elapsed(value, step), isMinor: index % 2 != 0 && last - first > 4)
    }
    return ChartAxis(range: range.lowerBound...range.lowerBound + length, ticks: ticks)
  }

  private static func elapsed(_ seconds: Double, _ step: Double) -> String {
    switch step {
    case _ where seconds == 0: "0"
    case ..<60: "\(Int(seconds)) s"
    case ..<3600: "\(Int(seconds / 60)) min"
    default: "\(Int(seconds / 3600)) h"
    }
  }

  /// 1, 2 or 5 times a power of ten.
  static func roundStep(atLeast least: Double) -> Double {
    let power = pow(10, log10(least).rounded(.down))
    let digit = [1.0, 2, 5, 10].first { $0 * power >= least * (1 - 1e-9) } ?? 10
    return digit * power
  }

  private static func text(_ value: Double, _ unit: Unit, _ step: Double, _ top: Double) -> String {
    switch unit {
    case .seconds: time(value, top)
    case .perSecond, .count: value >= 10_000 ? Phrases.grouped(Int(value)) : trimmed(value)
    case .share: trimmed(value * 100) + " %"
    }
  }

  private static func time(_ seconds: Double, _ top: Double) -> String {
    switch top {
    case _ where seconds == 0: "0"
    case ..<0.001: trimmed(seconds * 1e6) + " us"
    case ..<2: trimmed(seconds * 1e3) + " ms"
    default: trimmed(seconds) + " s"
    }
  }

  private static func trimmed(_ value: Double) -> String { decimal(value, places: 3) }
}
