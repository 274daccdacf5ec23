import Model
import Monitor

/// Where an execution is, as one line.
package struct ProgressLine: Hashable, Sendable {
  /// What is measured, in the place of stage, pair and arm: a cell of a sweep.
  package var name: String?
  package var stage: Stage
  /// The pair being measured, from 1, and how many are planned; nil outside of blocks.
  package var pair: Int?
  package var pairs: Int
  package var arm: Arm?
  package var isWarmUp: Bool
  /// Of the whole execution, as `PlanEstimate` has it.
  package var elapsed: Duration
  package var total: Duration
  /// Requests per second; nil outside of blocks.
  package var rate: Double?
  /// Seconds; nil before the first answer.
  package var p95: Double?
  package var errors: Int
  /// nil where nobody tells.
  package var active: Int?
  package var idle: Int?
  package var waiting: Int?
  /// What an armed alert says; nil where none is armed.
  package var level: WarningLevel?

  package init(
    stage: Stage, pair: Int? = nil, pairs: Int, arm: Arm? = nil, isWarmUp: Bool = false, elapsed: Duration,
    total: Duration, rate: Double? = nil, p95: Double? = nil, errors: Int = 0, active: Int? = 0, idle: Int? = 0,
    waiting: Int? = 0, name: String? = nil, level: WarningLevel? = nil
  ) {
    self.level = level
    self.name = name
    self.stage = stage
    self.pair = pair
    self.pairs = pairs
    self.arm = arm
    self.isWarmUp = isWarmUp
    self.elapsed = elapsed
    self.total = total
    self.rate = rate
    self.p95 = p95
    self.errors = errors
    self.active = active
    self.idle = idle
    self.waiting = waiting
  }

  /// The status line of a terminal: at most `style.width` - 1 columns, so that it never wraps. What matters least goes first.
  package func live(_ style: Style) -> String {
    let width = style.width - 1
    var parts = self.parts
    while parts.map(\.text).joined(separator: "  ").columns > width,
      let least = parts.indices.max(by: { parts[$0].rank < parts[$1].rank }), parts[least].rank > 0
    { parts.remove(at: least) }
    let plain = parts.map(\.text).joined(separator: "  ")
    guard plain.columns <= width else { return plain.cut(to: width, mark: style.unicode ? "…" : "~") }
    return parts.map { style.paint($0.text, $0.ink) }.joined(separator: "  ")
  }

  /// The line for a pipe or a log: everything, in the same order, without colour.
  package var plain: String { parts.map(\.text).joined(separator: "  ") }

  private struct Part {
    var text: String
    /// 0 is never left out; the largest goes first.
    var rank: Int
    var ink: Style.Ink = .plain
  }

  private var parts: [Part] {
    var parts = [Part(text: place, rank: 0, ink: .strong), Part(text: clock, rank: 1)]
    guard let rate else { return parts }
    parts.append(Part(text: Metric.throughput.text(rate), rank: 3))
    parts.append(Part(text: "p95 " + (p95.map(Metric.latency(95).text) ?? "-"), rank: 2))
    parts.append(Part(text: Phrases.count(errors, "error"), rank: 2, ink: errors > 0 ? .bad : .plain))
    if let active { parts.append(Part(text: "active \(active)", rank: 5)) }
    if let idle { parts.append(Part(text: "idle \(idle)", rank: 6)) }
    if let waiting { parts.append(Part(text: "waiting \(waiting)", rank: 4, ink: waiting > 0 ? .warning : .plain)) }
    if let level { parts.append(Part(text: level.word, rank: 1, ink: level.ink)) }
    return parts
  }

  fileprivate var place: String {
    if let name { return name + (isWarmUp ? " warm-up" : "") }
    var words = pair.map { ["pair \($0)/\(pairs)"] } ?? []
    words.append(arm?.rawValue ?? stage.rawValue)
    if let arm, arm.rawValue != stage.rawValue { words.append(stage.rawValue) }
    if isWarmUp { words.append("warm-up") }
    return words.joined(separator: " ")
  }

  private var clock: String { "\(Self.clock(elapsed)) / \(Self.clock(max(total, elapsed)))" }

  /// Minutes and seconds: `6:16`.
  package static func clock(_ duration: Duration) -> String {
    let seconds = max(0, Int(duration.seconds))
    let rest = seconds % 60
    return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension WarningLevel {
  fileprivate var ink: Style.Ink {
    switch self {
    case .calm: .plain
    case .warning: .warning
    case .alert: .bad
    }
  }
}

/// When a line for a pipe is due: at the start of each block, at each new stage, when the alert's level changes, and every ten seconds between.
package struct ProgressPace: Sendable {
  private let interval: Duration
  private var last: (place: String, elapsed: Duration)?

  package init(interval: Duration = .seconds(10)) { self.interval = interval }

  package mutating func isDue(_ line: ProgressLine) -> Bool {
    let place = line.place + (line.level?.word ?? "")
    if let last, last.place == place, line.elapsed - last.elapsed < interval { return false }
    last = (place, line.elapsed)
    return true
  }
}
