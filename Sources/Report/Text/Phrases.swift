import Evidence
import Model

/// How figures and their changes are written, alike in every report.
enum Phrases {
  /// `145 ms`, `>= 340 ms (censored)`, or `no data`.
  static func figure(_ metric: Metric, _ figure: Figure?) -> String {
    atLeast(metric, figure) + (figure?.isCensored == true && figure?.value.isFinite == true ? " (censored)" : "")
  }

  /// `>= 340 ms` where it is censored: for a narrow column, with a note below.
  static func atLeast(_ metric: Metric, _ figure: Figure?) -> String {
    guard let figure, figure.value.isFinite else { return "no data" }
    return (figure.isCensored ? ">= " : "") + metric.text(figure.value)
  }

  /// `142 to 149 ms`; a dash where there are too few blocks for an interval.
  static func interval(_ metric: Metric, _ interval: ClosedRange<Double>?) -> String {
    guard let interval else { return "-" }
    return shared(metric.text(interval.lowerBound), metric.text(interval.upperBound))
  }

  /// `142 to 149 ms`, `0 to 12 us`: the unit stands once where both ends have it, and nothing has every unit.
  private static func shared(_ low: String, _ high: String) -> String {
    let left = low.split(separator: " ", maxSplits: 1)
    let right = high.split(separator: " ", maxSplits: 1)
    let isSame = left.count == 2 && right.count == 2 && (left[1] == right[1] || left[0] == "0")
    return (isSame ? String(left[0]) : low) + " to " + high
  }

  /// `-340 ms`; shares change by percentage points. Where one side is censored, the change is only bounded by it.
  static func change(_ row: ComparisonRow) -> String {
    guard let change = row.change, change.isFinite else { return "-" }
    guard let bound = bound(row) else { return "unknown" }
    return bound + signed(row.metric, change)
  }

  /// `-70.1 %`; a dash where the value before is zero, or next to nothing.
  static func percent(_ row: ComparisonRow) -> String {
    guard let relative = row.relative, relative.isFinite, !isOfNothing(row, relative) else { return "-" }
    guard let bound = bound(row) else { return "unknown" }
    return bound + signedPercent(relative)
  }

  /// `-71.0 to -69.2 %`, or in the metric's own unit where it is of the change itself.
  static func changeInterval(_ row: ComparisonRow) -> String {
    guard let interval = row.interval, bound(row) == "" else { return "-" }
    if row.intervalIsAbsolute {
      return shared(signed(row.metric, interval.lowerBound), signed(row.metric, interval.upperBound))
    }
    return signedNumber(interval.lowerBound * 100) + " to " + signedPercent(interval.upperBound)
  }

  /// Whether the means, of which the change is, moved one way, and the pairs, which decide, the other. What is shown as
  /// nothing has not moved.
  static func meansMovedOtherWay(_ row: ComparisonRow) -> Bool {
    guard let change = row.change, bound(row) == "", hasDigits(self.change(row)) else { return false }
    if row.intervalIsAbsolute, let interval = row.interval {
      return change > 0 ? interval.upperBound < 0 : interval.lowerBound > 0
    }
    return row.relative.map { $0 * change < 0 } ?? false && hasDigits(percent(row))
  }

  static func ink(_ finding: Finding) -> Style.Ink {
    switch finding {
    case .improved: .good
    case .regressed: .bad
    case .inconclusive: .warning
    case .noDifference, .notJudged: .plain
    }
  }

  /// A share of a few nanoseconds of waiting says nothing: `+474285034195.1 %`.
  private static func isOfNothing(_ row: ComparisonRow, _ relative: Double) -> Bool {
    relative > 1000 || row.before.map { !hasDigits(row.metric.text($0.value)) } ?? false
  }

  private static func hasDigits(_ text: String) -> Bool { text.contains { "123456789".contains($0) } }

  /// What a censored side lets one say of the change; nil when nothing, as both sides are.
  private static func bound(_ row: ComparisonRow) -> String? {
    switch (row.before?.isCensored ?? false, row.after?.isCensored ?? false) {
    case (false, false): ""
    case (true, false): "<= "
    case (false, true): ">= "
    case (true, true): nil
    }
  }

  private static func signed(_ metric: Metric, _ value: Double) -> String {
    let text = metric.unit == .fraction ? fixed(value * 100, places: 2) + " points" : metric.text(value)
    return value > 0 && hasDigits(text) ? "+" + text : text
  }

  private static func signedNumber(_ percent: Double) -> String {
    let text = fixed(percent, places: 1)
    return percent > 0 && text != "0.0" ? "+" + text : text
  }

  static func signedPercent(_ share: Double) -> String { signedNumber(share * 100) + " %" }

  /// A length of time as people say it, to the second: `45 s`, `2 min 10 s`, `1 h 5 min`.
  static func time(_ duration: Duration) -> String {
    let seconds = Int(duration.seconds.rounded())
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
    default:
      let minutes = seconds / 60 % 60
      return minutes == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(minutes) min"
    }
  }

  /// `1 pair`, `8 pairs`.
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// `99,400`; four digits stay together.
  static func grouped(_ number: Int) -> String {
    guard number.magnitude >= 10_000 else { return "\(number)" }
    let rest = "\(number.magnitude % 1000)"
    return grouped(number / 1000) + "," + String(repeating: "0", count: 3 - rest.count) + rest
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }

  /// The design of a comparison of runs or of groups, as a sentence.
  static func design(_ comparison: Comparison) -> String {
    let isOfGroups = comparison.before.runs.count + comparison.after.runs.count > 2
    switch comparison.design {
    case .pairedBlocks(let pairs) where comparison.executions.count > 1:
      return
        "paired blocks: \(count(pairs, "pair")) of \(comparison.executions.count) executions, each paired within its own"
    case .beforeAfter where isOfGroups:
      return "two groups of unrelated runs, plain before and after: drift is not separated"
    default: return design(comparison.design)
    }
  }

  /// The design of a comparison, as a sentence.
  static func design(_ design: Design) -> String {
    switch design {
    case .pairedBlocks(let pairs): "paired blocks: \(count(pairs, "pair")), random order"
    case .beforeAfter: "plain before and after: drift is not separated"
    }
  }
}

extension String {
  /// With a capital at its front, as a sentence starts.
  var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
