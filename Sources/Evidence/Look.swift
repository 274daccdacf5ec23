import Model
import Statistics

/// When the runner may look at the evidence of an execution under way, and what each look costs.
///
/// Between looks the evidence is not weighed at all, since looking is what must be paid for.
package enum Look {
  /// Fewest pairs at which an interval that holds at any time is finite.
  private static let firstAtAnyTime = 5

  /// After how many pairs to look: 8, 12, 16, 20 below the planned count, and the planned count itself; with `any_time`
  /// after each one from the fifth.
  package static func points(of plan: PairsSpec) -> [Int] {
    switch plan.stopping {
    case .planned: [plan.count]
    case .looks: Looks.standard.pairs.filter { $0 < plan.count } + [plan.count]
    case .anyTime: Array(min(firstAtAnyTime, plan.count)...plan.count)
    }
  }

  /// How sure each look must be. Four looks take 0.0182 each, which keeps 5 % (Pocock): exact for equal steps; ours begin
  /// late, which makes the looks more alike and the whole a little safer.
  static func level(of plan: PairsSpec?) -> Level {
    guard let plan else { return .once }
    if plan.stopping == .anyTime { return Level(alpha: 0.05, isAnyTime: true) }
    return Looks(pairs: points(of: plan)).map { Level(alpha: $0.alpha) } ?? .once
  }

  /// For executions that are pooled: as sure as the strictest of their plans.
  static func level(of plans: [PairsSpec]) -> Level {
    let levels = plans.map { level(of: $0) }
    return levels.first(where: \.isAnyTime) ?? levels.min { $0.alpha < $1.alpha } ?? .once
  }
}

/// How sure an interval must be, and whether it must hold at all looks at once or at planned ones.
struct Level: Hashable {
  /// Two-sided, of every interval: 0.05, or less where several looks were allowed.
  let alpha: Double
  let isAnyTime: Bool

  init(alpha: Double, isAnyTime: Bool = false) {
    self.alpha = alpha
    self.isAnyTime = isAnyTime
  }

  static let once = Level(alpha: 0.05)

  var confidence: Double { 1 - alpha }

  /// ` at 98.2 %`, as it stands behind an interval.
  var text: String { " at \(decimal(confidence * 100, places: 1)) %" }

  /// Of a paired difference; nil for too few pairs: 6 for 0.05, 7 for 0.0182, 5 at any time.
  func paired(_ differences: [Double]) -> ClosedRange<Double>? {
    let interval =
      isAnyTime ? MixtureT.interval(differences, alpha: alpha) : SignedRank.interval(differences, alpha: alpha)
    return interval.map { $0.low...$0.high }
  }

  /// Of a mean of blocks.
  func mean(_ values: [Double]) -> ConfidenceInterval? {
    isAnyTime ? MixtureT.interval(values, alpha: alpha) : StudentT.meanInterval(values, confidence: confidence)
  }

  func proportion(_ counts: Proportion) -> ConfidenceInterval {
    isAnyTime ? ConfidenceSequence(counts).interval(alpha: alpha) : counts.wilson(confidence: confidence)
  }
}
