import Evidence
import Model

/// `poolops experiment calibrate`: the noise of an environment, and what can be seen through it in how many minutes.
package struct CalibrationReport: Sendable {
  /// Differences whose minutes are told, as shares.
  private static let asked = [0.05, 0.10]

  private let calibration: Calibration
  private let outlook: CalibrationOutlook

  package init(_ calibration: Calibration) {
    self.calibration = calibration
    outlook = CalibrationOutlook(calibration)
  }

  package func text(_ style: Style) -> String {
    var parts = [heading(style), table.text(style), style.paragraph(legend, indent: 2)]
    if !calibration.objections.isEmpty { parts.append(objections(style)) }
    parts.append(style.paragraph(falseAlarms))
    if let outlook = summary { parts.append(style.paragraph(outlook)) }
    parts.append(style.paragraph("Next: poolops experiment run \(calibration.execution.experiment)", hanging: 6))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func heading(_ style: Style) -> String {
    let seconds = decimal(calibration.blockSeconds, places: 1)
    return style.paint("Noise of A against A", .strong) + "  \(calibration.execution), \(calibration.started.text)\n"
      + style.paragraph(
        "\(Phrases.count(calibration.pairs, "pair")) of blocks of \(seconds) s, all with the baseline's settings. "
          + "It is evidence about noise only: no verdict, diff or runbook counts it.")
  }

  private var legend: String {
    let precision = decimal(100 / (2 * Double(max(calibration.pairs, 2) - 1)).squareRoot(), places: 0)
    return """
      noise: standard deviation of what the two blocks of a pair differ by; from \(calibration.pairs) pairs it is known \
      to about \(precision) %. seen with: the smallest difference that so many pairs see with 90 % power. Minutes \
      include warm-ups and switching. p95 is judged alone; the others are corrected for being many and need somewhat more.
      """
  }

  private var table: TextTable {
    var table = TextTable(
      [.init("metric"), .init("level", right: true), .init("noise", right: true)]
        + CalibrationOutlook.pairs.enumerated().map {
          .init($0.offset == 0 ? "seen with \($0.element)" : "\($0.element) pairs", right: true)
        } + Self.asked.map { .init("\(Self.percent($0)) in", right: true) })
    for noise in calibration.noise {
      table.row(
        [
          .init(noise.metric.title, noise.metric == .latency(95) ? .strong : .plain),
          .init(noise.metric.text(noise.level)), .init(size(noise, noise.deviation)),
        ] + outlook.smallestDifferences(noise).map { .init(difference(noise, $0)) }
          + Self.asked.map { .init(minutes($0, noise)) })
    }
    return table
  }

  private func size(_ noise: MetricNoise, _ deviation: Double) -> String {
    noise.scale == .ratio ? Self.percent(deviation) : Self.own(noise.metric, deviation)
  }

  private func difference(_ noise: MetricNoise, _ value: Double) -> String {
    noise.scale == .ratio ? Self.percent(value) : Self.own(noise.metric, value)
  }

  /// Shares differ by points.
  private static func own(_ metric: Metric, _ value: Double) -> String {
    metric.unit == .fraction ? fixed(value * 100, places: 2) + " points" : metric.text(value)
  }

  private static func percent(_ share: Double) -> String {
    decimal(share * 100, places: share < 0.0995 ? 1 : 0) + " %"
  }

  private func minutes(_ share: Double, _ noise: MetricNoise) -> String {
    guard noise.scale == .ratio else { return "-" }
    guard let pairs = outlook.pairs(seeing: share, noise) else { return "too noisy" }
    return Self.minutes(outlook.time(pairs: pairs))
  }

  /// `4 min`, `45 s`, `2.5 h`: rounded up, as it is a promise.
  private static func minutes(_ duration: Duration) -> String {
    let seconds = duration.seconds
    switch seconds {
    case ...90: return "\(Int(seconds.rounded(.up))) s"
    case ..<5400: return "\(Int((seconds / 60).rounded(.up))) min"
    default: return decimal((seconds / 360).rounded(.up) / 10, places: 1) + " h"
    }
  }

  private func objections(_ style: Style) -> String {
    style.heading("Objections") + "\n"
      + calibration.objections.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }
      .joined(separator: "\n")
  }

  /// Whether noise alone was taken for a difference here.
  package var falseAlarms: String {
    let flagged = calibration.noise.filter(\.isFalseAlarm)
    guard !flagged.isEmpty else { return "No false alarm: no metric was called different, and none is." }
    let list = flagged.map { noise in
      noise.metric.title + (noise.relativeEstimate.map { " (\(Phrases.signedPercent($0)))" } ?? "")
    }
    return
      "FALSE ALARM: called different though nothing was changed: \(Phrases.list(list)). One calibration in twenty does "
      + "so by chance; where the next one does so too, something favours one arm."
  }

  /// What p95 needs, in one sentence; nil without p95.
  private var summary: String? {
    guard let noise = calibration[.latency(95)], let ten = outlook.pairs(seeing: 0.1, noise) else { return nil }
    var text = "A p95 that is 10 % higher is seen here with \(Phrases.count(ten, "pair")), in \(time(ten))"
    if let five = outlook.pairs(seeing: 0.05, noise) {
      text += "; one that is 5 % higher with \(five), in \(time(five))"
    }
    if let none = outlook.pairsForNoDifference(noise) {
      text += ". To show no difference beyond 5 % takes \(Phrases.count(none, "pair")), \(time(none))"
    }
    return text + "."
  }

  private func time(_ pairs: Int) -> String { Self.minutes(outlook.time(pairs: pairs)) }

  /// One line for the plan of an experiment with blocks of `block`.
  package func planLine(block: Duration) -> String? {
    guard let noise = calibration[.latency(95)], let ten = outlook.pairs(seeing: 0.1, noise) else { return nil }
    func minutes(_ pairs: Int) -> String { Self.minutes(block * (2 * pairs)) }
    let five = outlook.pairs(seeing: 0.05, noise).map { ", one of 5 % \($0) (\(minutes($0)))" } ?? ""
    return "as calibrated by \(calibration.execution), a difference of 10 % in p95 needs "
      + "\(Phrases.count(ten, "pair")) (\(minutes(ten)))\(five)"
  }

  package var json: JSONValue {
    [
      "execution": .string("\(calibration.execution)"), "started": .string(calibration.started.text),
      "environment": .string(calibration.environment), "load": .string(calibration.load),
      "pairs": .integer(calibration.pairs), "block_seconds": .number(calibration.blockSeconds),
      "pair_seconds": .number(calibration.pairSeconds), "power": .number(CalibrationOutlook.power),
      "false_alarms": .array(calibration.noise.filter(\.isFalseAlarm).map { .string($0.metric.word) }),
      "noise": .array(calibration.noise.map(row)),
      "objections": .array(calibration.objections.map(JSONValue.string)),
    ]
  }

  private func row(_ noise: MetricNoise) -> JSONValue {
    let smallest = zip(CalibrationOutlook.pairs, outlook.smallestDifferences(noise))
    return [
      "metric": .string(noise.metric.word), "unit": .string(noise.metric.unit.word),
      "scale": .string(noise.scale.rawValue), "level": .number(noise.level), "deviation": .number(noise.deviation),
      "estimate": .number(noise.estimate), "false_alarm": .bool(noise.isFalseAlarm),
      "smallest_difference": .members(smallest.map { ("\($0.0)", .number($0.1)) }),
      "pairs_for_5_percent": JSONValue(outlook.pairs(seeing: 0.05, noise)),
      "pairs_for_10_percent": JSONValue(outlook.pairs(seeing: 0.10, noise)),
      "pairs_for_no_difference": JSONValue(outlook.pairsForNoDifference(noise)),
    ]
  }
}
